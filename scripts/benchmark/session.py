"""What all rows of the benchmark share."""

import json
import tempfile
from pathlib import Path

from experiments import Failed

from . import machine
from .peers import Llama, say
from .results import Row, at_least

AGREEMENT_TEXT = (
    "The history of tea begins in China, where legend says that an emperor discovered it by accident. Over the "
    "centuries it spread across Asia, and then to Europe, where it became the fashion of the rich before everybody "
    "could afford it."
)


class Session:
    """What all rows share: the processes, the machine's limits, the models that have been found to agree."""

    def __init__(self, options, tiller, models):
        self.options, self.tiller, self.models = options, tiller, models
        self.threads, self.rounds = options.threads, options.rounds
        self.speeds, self.agreed = {}, {}
        self._llama, self.best_bandwidth, self._gemm = None, None, None
        self._llama_version = None

    @property
    def llama(self):
        """llama.cpp, started again where it has ended: a row that it ended in costs no other row."""
        if self._llama is None or self._llama.has_ended:
            self._llama = Llama(self.threads)
            self._llama_version = self._llama.version
        return self._llama

    def forget(self, path):
        """Has the next reader of a file find it on the disk; the share of it that stays in the page cache."""
        # What llama.cpp has mapped would stay.
        if self._llama is not None and not self._llama.has_ended:
            self._llama.unload()
        return machine.forget(path)

    def facts(self):
        """What the rows so far have shown of the machine and the peers."""
        facts = {}
        if self.best_bandwidth:
            facts["read bandwidth"] = f"{self.best_bandwidth:.1f} GB/s"
        if self._gemm:
            facts["float32 GEMM"] = f"{self._gemm:.0f} GFLOP/s"
        if self._llama_version:
            facts["llama-cpp-python"] = self._llama_version
        return facts

    def bandwidth(self):
        """The read bandwidth of this moment; the best that has been seen is kept."""
        now = machine.read_bandwidth(self.threads)
        self.best_bandwidth = max(self.best_bandwidth or 0, now)
        return now

    def gemm(self):
        """The float32 GEMM of this moment, in GFLOP/s; the best that has been seen is kept."""
        now = self.llama.ask("gemm", size=2048, repetitions=5)["gflops"]
        self._gemm = max(self._gemm or 0, now)
        return now

    def close(self):
        if self._llama is not None:
            self._llama.close()

    def pairs(self, ours, theirs):
        """Rounds of (ours, theirs); who goes first changes, because heat and neighbours last longer than a run."""
        results = []
        for index in range(self.rounds):
            if index % 2 == 0:
                own = ours()
                results.append((own, theirs()))
            else:
                other = theirs()
                results.append((ours(), other))
        return results

    def check_agreement(self, path):
        """Both engines must compute the same thing before it is worth timing: −log p within 2%, and the greedy
        answers begin alike."""
        if path in self.agreed:
            return self.agreed[path]
        self.llama.load(path)
        with tempfile.TemporaryDirectory() as folder:
            texts = Path(folder) / "texts.json"
            texts.write_text(json.dumps([AGREEMENT_TEXT]))
            bench = self.tiller.bench(path, "-p", 8, "-n", 1, "-r", 1, "--texts", texts)
        own = bench["meanNegativeLogLikelihood"]["fastDecode"]
        other = self.llama.ask("likelihood", texts=[AGREEMENT_TEXT])["mean"]
        answer = self.tiller(
            "generate", "-m", path, "-p", AGREEMENT_TEXT, "--raw", "-n", 16, "--temp", 0, "--repeat-penalty", 1
        )
        theirs = self.llama.ask("greedy", text=AGREEMENT_TEXT, tokens=16)
        same = next((i for i, (a, b) in enumerate(zip(answer["ids"], theirs["ids"])) if a != b), len(theirs["ids"]))
        note = f"−log p {own:.4f} against {other:.4f}, {same} of 16 greedy tokens alike"
        say(f"{Path(path).name}: {note}")
        if abs(own / other - 1) > 0.02 or same == 0:
            raise Failed(f"the engines disagree on {Path(path).name}: {note}")
        self.agreed[path] = note
        return note

    def speed(self, path):
        """Rounds of prefill and both decodes of both engines on one file."""
        if path in self.speeds:
            return self.speeds[path]
        self.check_agreement(path)
        prefill, decode, repetitions = self.options.prefill, self.options.decode, self.options.repetitions

        def ours():
            run = self.tiller.bench(path, "-p", prefill, "-n", decode, "-r", repetitions)
            return {key: run[key]["tokensPerSecond"] for key in ("prefill", "decode", "decodeFromStart")}

        def theirs():
            self.llama.load(path)
            return {
                "prefill": self.llama.ask("prefill", tokens=prefill, repetitions=repetitions)["tokensPerSecond"],
                "decode": self.llama.ask("decode", after=prefill, tokens=decode, repetitions=repetitions)["tokensPerSecond"],
                "decodeFromStart": self.llama.ask("decode", after=8, tokens=decode, repetitions=repetitions)["tokensPerSecond"],
            }  # fmt: skip

        self.speeds[path] = self.pairs(ours, theirs)
        return self.speeds[path]

    def compared(self, name, target, path, key):
        rounds = [(own[key], other[key]) for own, other in self.speed(path)]
        return Row(f"{name}", f"≥ {target}", at_least(target), "tokens/s", "llama.cpp", rounds)
