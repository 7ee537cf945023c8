"""The models that are measured: fetched by `tiller pull`, or made from those by `tiller quantize`."""

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


# How much of a matrix of these types decode reads; of all others everything.
READ_SHARE = {"F16": 400 / 512, "BF16": 400 / 512}
# Where so many bytes of an output matrix are left unread, and such a share of all matrices, decode reads its first part; how much of the whole that is.
BOUNDED_SAVING, BOUNDED_SHARE = 12e6, 0.02
BOUNDING_SHARE = {"Q8_0": 144 / 272, "Q6_K": 146 / 210, "F16": 144 / 512, "BF16": 144 / 512}


class Weights:
    """What a model's matrices are, from `tiller inspect`."""

    def __init__(self, tiller, path):
        facts = tiller("inspect", path, "--tensors")
        self.tensors = facts["tensors"]
        self.layers = facts["layerCount"]
        names = {tensor["name"] for tensor in self.tensors}
        self.is_tied = "output.weight" not in names

    def matrices(self):
        return [tensor for tensor in self.tensors if len([size for size in tensor["shape"] if size > 1]) > 1]

    def bytes_per_token(self):
        """What decode reads for a token: every matrix once; of untied embeddings one row, which is nothing, and of a large
        output matrix, where its type has one, the part that bounds its products."""
        output = "token_embd.weight" if self.is_tied else "output.weight"
        total = 0
        everything = sum(t["bytes"] for t in self.matrices() if self.is_tied or t["name"] != "token_embd.weight")
        for tensor in self.matrices():
            if not self.is_tied and tensor["name"] == "token_embd.weight":
                continue
            share = READ_SHARE.get(tensor["type"], 1)
            first = BOUNDING_SHARE.get(tensor["type"], share)
            saved = tensor["bytes"] * (share - first)
            if tensor["name"] == output and saved >= max(BOUNDED_SAVING, BOUNDED_SHARE * everything):
                share = first
            total += tensor["bytes"] * share
        return total

    def flops_per_token(self, last_layer):
        """Multiplications and additions of the matrices of blocks 0 to `last_layer`."""
        return 2 * sum(
            elements(t["shape"])
            for t in self.matrices()
            if t["name"].startswith("blk.") and int(t["name"].split(".")[1]) <= last_layer
        )


def elements(shape):
    product = 1
    for size in shape:
        product *= size
    return product
