"""The models that are measured: fetched by `tiller pull`, or made from those by `tiller quantize`."""

import math
import os
from pathlib import Path

from experiments import TillerFailed

from .peers import HOME, Missing, say

# What `tiller pull` calls them.
PULLED = {"smollm2": "smollm2-135m-instruct", "gemma3": "gemma3-270m"}
# Files that a variable may name instead.
VARIABLES = {"gemma3": "TILLER_BENCH_GEMMA3"}
QUANTISED = ["Q4_0", "Q5_0", "Q8_0", "Q4_K", "Q5_K", "Q6_K", "F16"]


def existing(path, place):
    """A file, as a path that holds in every folder: the engines do not run in this one."""
    if not Path(path).exists():
        raise Missing(f"{place}there is no file {path}")
    return str(Path(path).resolve())


class Models:
    def __init__(self, tiller):
        self.tiller = tiller
        self.folder = HOME / "bench/models"

    def path(self, name):
        """A file for `smollm2`, `gemma3`, `smollm2-Q5_0` …, or of a path."""
        if "/" in name or name.endswith(".gguf"):
            return existing(name, "")
        base, _, kind = name.partition("-")
        if kind:
            return self.quantised(base, kind)
        variable = VARIABLES.get(base)
        if variable and os.environ.get(variable):
            return existing(os.environ[variable], f"{variable}: ")
        if base not in PULLED:
            raise Missing(f"no model {name}; known are {', '.join(PULLED)}, with -TYPE for a re-quantised one, or a path")
        try:
            return self.tiller.pull(PULLED[base])
        except TillerFailed as failure:
            # What cannot be fetched is not there; a crash is no such answer.
            if failure.status < 0:
                raise
            hint = f"; {variable} may name a file" if variable else ""
            raise Missing(f"{failure}{hint}") from None

    def quantised(self, base, kind):
        source = self.path(base)
        target = self.folder / f"{base}-{kind}.gguf"
        # F32 first: what a model of another type has lost is lost, but both engines read the same file.
        if not target.exists() or target.stat().st_mtime < Path(source).stat().st_mtime:
            self.folder.mkdir(parents=True, exist_ok=True)
            say(f"making {target.name}")
            self.tiller("quantize", source, target, kind, "--allow-requantize")
        return str(target)


def flops_per_token(tiller, path, last_layer):
    """Multiplications and additions of a model's matrices in blocks 0 to `last_layer`."""
    return 2 * sum(
        math.prod(tensor["shape"])
        for tensor in tiller("inspect", path, "--tensors")["tensors"]
        if len([size for size in tensor["shape"] if size > 1]) > 1
        and tensor["name"].startswith("blk.") and int(tensor["name"].split(".")[1]) <= last_layer
    )  # fmt: skip
