#!/usr/bin/env python3
"""Makes the fixtures of ControlVectors: vector files as other tools write them, and values of XXH64.

Usage: scripts/goldens/control_vectors.py    (wheels gguf 0.19, xxhash 4.1, numpy)

repeng.gguf     the calls of repeng's ControlVector.export_gguf (repeng/extract.py)
llamacpp.gguf   the keys and types of llama.cpp's export_gguf (tools/cvector-generator)
xxh64.json      XXH64, seed 0, of the first n bytes of 0, 1, 2 … 255, 0, 1 …
"""
import json
import pathlib

import gguf
import numpy as np
import xxhash

OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests/Fixtures/ControlVectors"


def direction(layer):
    return np.array([layer + 0.5, -layer, 0.25, 1 / 3], dtype=np.float32)


def repeng(path):
    layers = [1, 2, 30]
    writer = gguf.GGUFWriter(path, "controlvector")
    writer.add_string("controlvector.model_hint", "mistral")
    writer.add_uint32("controlvector.layer_count", len(layers))
    for layer in layers:
        writer.add_tensor(f"direction.{layer}", direction(layer))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def llamacpp(path):
    layers = [1, 2, 3]
    writer = gguf.GGUFWriter(path, "controlvector")
    writer.add_string("controlvector.model_hint", "llama")
    writer.add_int32("controlvector.layer_count", len(layers))
    for layer in layers:
        writer.add_tensor(f"direction.{layer}", direction(layer))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    repeng(OUT / "repeng.gguf")
    llamacpp(OUT / "llamacpp.gguf")
    lengths = [*range(0, 70), 95, 96, 97, 1000, 4096, 12289]
    table = [[n, xxhash.xxh64_hexdigest(bytes(i % 256 for i in range(n)))] for n in lengths]
    (OUT / "xxh64.json").write_text(json.dumps(table, separators=(",", ":")) + "\n")


main()
