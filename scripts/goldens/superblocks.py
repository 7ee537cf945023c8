#!/usr/bin/env python3
"""Writes Tests/Fixtures/quantization/superblocks.bin: values, and the bytes that ggml's own quantiser makes of them.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install llama-cpp-python==0.3.36 gguf==0.19.0
    /tmp/goldens/bin/python scripts/goldens/superblocks.py MODEL.gguf

The file, little-endian: u32 count; f32 values[count], superblocks of 256; then for Q2_K, Q3_K, Q4_K, Q5_K and Q6_K the
blocks of `ggml_quantize_chunk` without an importance matrix.
"""

import ctypes
import sys
from pathlib import Path

import llama_cpp
import numpy as np
from gguf import GGML_QUANT_SIZES, GGUFReader
from gguf import GGMLQuantizationType as T
from gguf.quants import dequantize

OUTPUT = Path(__file__).parents[2] / "Tests/Fixtures/quantization/superblocks.bin"


def main():
    library = Path(llama_cpp.__file__).parent / "lib/libggml-base.so"
    quantize = ctypes.CDLL(str(library)).ggml_quantize_chunk
    quantize.restype = ctypes.c_size_t
    quantize.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p] + [ctypes.c_int64] * 3 + [ctypes.c_void_p]

    rng = np.random.default_rng(7)
    values = [rng.standard_normal(256 * 4), rng.laplace(size=256 * 3), rng.standard_normal(256 * 2) * 0.02 + 0.05]
    for tensor in GGUFReader(sys.argv[1]).tensors:
        if tensor.name == "token_embd.weight":  # the one tensor of more than four bits
            values.append(dequantize(tensor.data[100:103], tensor.tensor_type).reshape(-1)[: 256 * 6])
    values = np.concatenate(values).astype("<f4")
    with OUTPUT.open("wb") as file:
        file.write(np.uint32(values.size).tobytes() + values.tobytes())
        for kind in (T.Q2_K, T.Q3_K, T.Q4_K, T.Q5_K, T.Q6_K):
            out = np.zeros(values.size // 256 * GGML_QUANT_SIZES[kind][1], np.uint8)
            quantize(int(kind), values.ctypes.data, out.ctypes.data, 0, values.size // 256, 256, None)
            file.write(out.tobytes())
    print(OUTPUT, OUTPUT.stat().st_size)


if __name__ == "__main__":
    main()
