#!/usr/bin/env python3
"""Makes Tests/Fixtures/gguf with the reference writer: the `gguf` wheel from PyPI.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install gguf==0.19.0
    /tmp/goldens/bin/python scripts/goldens/gguf_fixtures.py            writes the fixtures
    /tmp/goldens/bin/python scripts/goldens/gguf_fixtures.py FILE…      reads files that we wrote, and lists them
"""

import json
import sys
from pathlib import Path

import gguf
import numpy

FOLDER = Path(__file__).resolve().parents[2] / "Tests/Fixtures/gguf"


def rows(count, width):
    """Numbers without pattern that every machine makes alike."""
    index = numpy.arange(count * width, dtype=numpy.int64)
    return (((index * 7919 + 104729) % 1009) / 504.5 - 1).astype(numpy.float32).reshape(count, width)


def write_tiny(path):
    writer = gguf.GGUFWriter(path, "tiny")
    writer.add_uint8("value.uint8", 255)
    writer.add_int8("value.int8", -128)
    writer.add_uint16("value.uint16", 65535)
    writer.add_int16("value.int16", -32768)
    writer.add_uint32("value.uint32", 4294967295)
    writer.add_int32("value.int32", -2147483648)
    writer.add_float32("value.float32", 0.1)
    writer.add_bool("value.bool", True)
    writer.add_string("value.string", "zwölf Boxkämpfer 🥊")
    writer.add_uint64("value.uint64", 2**64 - 1)
    writer.add_int64("value.int64", -(2**63))
    writer.add_float64("value.float64", 0.1)
    writer.add_array("array.strings", ["a", "", "ñandú"])
    writer.add_array("array.integers", [1, -2, 3])
    writer.add_array("array.floats", [0.5, -0.25])
    writer.add_array("array.bools", [True, False])

    writer.add_tensor("vector", rows(1, 5)[0])
    writer.add_tensor("matrix", rows(3, 4))
    writer.add_tensor("half", rows(2, 3).astype(numpy.float16))
    for name in ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "BF16"]:
        kind = gguf.GGMLQuantizationType[name]
        writer.add_tensor(name, gguf.quants.quantize(rows(2, 64), kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_types(path):
    table = [
        {"id": int(kind), "name": kind.name, "blockSize": size[0], "bytesPerBlock": size[1]}
        for kind, size in gguf.GGML_QUANT_SIZES.items()
    ]
    path.write_text(json.dumps(table, indent=1) + "\n")


def show(path):
    reader = gguf.GGUFReader(path)
    print(f"{path}: {len(reader.fields)} fields, {len(reader.tensors)} tensors")
    for field in reader.fields.values():
        contents = field.contents()
        print(" ", field.name, [kind.name for kind in field.types], str(contents)[:60])
    for tensor in reader.tensors:
        print(" ", tensor.name, tensor.tensor_type.name, tensor.shape.tolist(), tensor.data.reshape(-1)[:4])


if __name__ == "__main__":
    if len(sys.argv) > 1:
        for argument in sys.argv[1:]:
            show(argument)
    else:
        FOLDER.mkdir(parents=True, exist_ok=True)
        write_tiny(FOLDER / "tiny.gguf")
        write_types(FOLDER / "types.json")
