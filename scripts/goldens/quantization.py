#!/usr/bin/env python3
"""Writes Tests/Fixtures/quantization/rows.bin: rows and their float32 values as the PyPI package `gguf` has them.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install gguf==0.19.0 numpy
    /tmp/goldens/bin/python scripts/goldens/quantization.py

The file is a sequence of records, all little-endian:

    u32 kind      0: bytes were chosen, values are what `gguf.quants.dequantize` makes of them
                  1: values were chosen, bytes are what `gguf.quants.quantize` makes of them
    u32 type      the ggml number of the type
    u32 count     elements, a whole number of blocks
    u32 size      bytes of the row
    f32 values[count]
    u8  bytes[size]
"""

import struct
from pathlib import Path

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType as T
from gguf.quants import dequantize, quantize

OUTPUT = Path(__file__).parents[2] / "Tests/Fixtures/quantization/rows.bin"
BLOCKS = 17

# Where the float16 fields of a block stand.
HALF_FIELDS = {
    T.Q4_0: [0], T.Q4_1: [0, 2], T.Q5_0: [0], T.Q5_1: [0, 2], T.Q8_0: [0], T.IQ4_NL: [0],
    T.Q2_K: [80, 82], T.Q3_K: [108], T.Q4_K: [0, 2], T.Q5_K: [0, 2], T.Q6_K: [208], T.IQ4_XS: [0],
}  # fmt: skip

# Largest quant that a scale is divided by in the encoder, which decides where 1 / scale overflows.
LEVELS = {T.Q4_0: 8, T.Q4_1: 15, T.Q5_0: 16, T.Q5_1: 31, T.Q8_0: 127}


def random_rows(rng, kind):
    """Blocks of random bits, with random finite scales: zero, subnormal, negative, large ones too."""
    size = GGML_QUANT_SIZES[kind][1]
    blocks = rng.integers(0, 256, (BLOCKS, size), dtype=np.uint8)
    for field in HALF_FIELDS[kind]:
        scales = (rng.standard_normal(BLOCKS) * 2.0 ** rng.integers(-12, 3, BLOCKS)).astype(np.float16)
        scales[3] = 0
        scales[5] = np.float16(3 * 2**-24)
        scales[7] = 65504
        scales[9] = -scales[9]
        blocks[:, field : field + 2] = scales.view(np.uint8).reshape(BLOCKS, 2)
    # Extreme quants: all bits clear, all set, and -128 in the signed types; the scales stay.
    for block, byte in ((11, 0), (12, 255), (13, 128)):
        kept = [f + i for f in HALF_FIELDS[kind] for i in (0, 1)]
        mask = np.ones(size, bool)
        mask[kept] = False
        blocks[block, mask] = byte
    return blocks.reshape(-1)


def inputs(rng, levels):
    """Blocks of 32 values that an encoder may stumble over."""
    blocks = [rng.standard_normal(32) * 2.0**e for e in range(-14, 12, 2)]
    blocks.append(np.zeros(32))
    blocks.append(np.full(32, 0.75))
    blocks.append(np.full(32, -0.75))
    blocks.append(np.where(np.arange(32) == 17, -3.5, 0))
    blocks.append(np.tile([1.0, -1.0], 16))  # equal magnitudes: the first decides the sign
    blocks.append(np.tile([-1.0, 1.0], 16))
    blocks.append(np.arange(32) * 0.5 - 8)  # halves between quants
    blocks.append(np.concatenate([[127.0], np.arange(31) - 15.5]))
    blocks.append(np.concatenate([[31.0, 0.0], np.arange(30) + 0.5]))
    blocks.append(np.abs(rng.standard_normal(32)) + 1)  # one sign only
    blocks.append(-np.abs(rng.standard_normal(32)) - 1)
    blocks.append(rng.uniform(-1, 1, 32) * 1e-30)  # the scale is zero in float16, the quants are not
    blocks.append(rng.uniform(-1, 1, 32) * 4e-39 * levels)  # a subnormal scale whose inverse is finite
    blocks.append(rng.uniform(-1, 1, 32) * 1e-6 * levels)  # a subnormal float16 scale
    blocks.append(rng.uniform(-1, 1, 32) * 65504 * levels * 0.499)
    blocks.append(rng.uniform(-1, 1, 32) * 65504 * levels * 4)  # a scale beyond float16
    blocks.append(rng.uniform(-1, 1, 32) * 1e30)
    return np.concatenate(blocks).astype(np.float32)


def record(out, kind, type_, values, data):
    values = np.ascontiguousarray(values, np.float32).reshape(-1)
    data = np.ascontiguousarray(data).view(np.uint8).reshape(-1)
    out.write(struct.pack("<4I", kind, int(type_), values.size, data.size))
    out.write(values.astype("<f4").tobytes() + data.tobytes())


def main():
    rng = np.random.default_rng(20261121)
    with np.errstate(over="ignore"), OUTPUT.open("wb") as out:
        for type_ in HALF_FIELDS:
            data = random_rows(rng, type_)
            record(out, 0, type_, dequantize(data, type_), data)

        halves = rng.integers(0, 1 << 16, 1023, dtype=np.uint16)
        halves[(halves & 0x7C00) == 0x7C00] &= 0xBFFF
        halves[:6] = [0, 0x8000, 1, 0x83FF, 0x7BFF, 0x7C00]
        record(out, 0, T.F16, dequantize(halves.view(np.uint8), T.F16), halves)
        brains = rng.integers(0, 1 << 16, 1023, dtype=np.uint16)
        brains[(brains & 0x7F80) == 0x7F80] &= 0xBFFF
        brains[:6] = [0, 0x8000, 1, 0x807F, 0x7F7F, 0x7F80]
        record(out, 0, T.BF16, dequantize(brains.view(np.uint8), T.BF16), brains)

        for type_, levels in LEVELS.items():
            values = inputs(rng, levels)
            record(out, 1, type_, values, quantize(values, type_))

        floats = rng.standard_normal(1023).astype(np.float32) * np.float32(2) ** rng.integers(-30, 18, 1023)
        floats = floats.astype(np.float32)
        floats[:16] = [
            0.0, -0.0, 65504, 65519.996, 65520, -65520, 1e30, np.inf, -np.inf,
            2**-24, 2**-25, 1.5 * 2**-24, 2**-25 * 1.0000001, 1 + 2**-11, 1 + 3 * 2**-11, 2**-14 - 2**-26,
        ]  # fmt: skip
        record(out, 1, T.F16, floats, quantize(floats, T.F16))
        floats[:4] = np.array([0x7F7FFFFF, 0x3F808000, 0x3F818000, 0x00000001], np.uint32).view(np.float32)
        record(out, 1, T.BF16, floats, quantize(floats, T.BF16))
    print(OUTPUT, OUTPUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
