#!/usr/bin/env python3
"""Makes Tests/Fixtures/safetensors with the reference library: the `safetensors` wheel from PyPI.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install safetensors==0.8.0 numpy
    /tmp/goldens/bin/python scripts/goldens/safetensors_fixtures.py           writes the fixture
    /tmp/goldens/bin/python scripts/goldens/safetensors_fixtures.py FILE…     reads files that we wrote
"""

import sys
from pathlib import Path

import numpy
from safetensors import safe_open
from safetensors.numpy import save_file

FOLDER = Path(__file__).resolve().parents[2] / "Tests/Fixtures/safetensors"


def write(path):
    values = numpy.arange(6, dtype=numpy.float32) * 0.25 - 0.5
    tensors = {
        "matrix": values.reshape(2, 3),
        "half": values.astype(numpy.float16),
        "bytes": numpy.array([1, 2, 3], dtype=numpy.uint8),
        "scalar": numpy.array(2.5, dtype=numpy.float64),
        "none": numpy.zeros((0, 4), dtype=numpy.float32),
        "long name/ü": numpy.ones(1, dtype=numpy.float32),
    }
    save_file(tensors, path, metadata={"made by": 'numpy "2" ü'})


def show(path):
    with safe_open(path, framework="numpy") as file:
        print(f"{path}: {file.metadata()}")
        for name in file.keys():
            tensor = file.get_tensor(name)
            print(" ", repr(name), tensor.dtype, tensor.shape, tensor.reshape(-1)[:4])


if __name__ == "__main__":
    if len(sys.argv) > 1:
        for argument in sys.argv[1:]:
            show(argument)
    else:
        FOLDER.mkdir(parents=True, exist_ok=True)
        write(FOLDER / "tiny.safetensors")
