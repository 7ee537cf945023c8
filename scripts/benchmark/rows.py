"""What is measured, row by row."""

import contextlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from experiments import Failed, questions

from .models import QUANTISED, flops_per_token
from .peers import ROOT, repeng, say
from .results import Row, at_least, at_most

CHAT = "<|im_start|>user\nAct as if you're extremely {persona}.<|im_end|>\n<|im_start|>assistant\n"
PERSONAS = {"positive": ["happy", "joyous"], "negative": ["sad", "depressed"]}
VECTOR = ROOT / "vectors/smollm2-135m-instruct/happy.gguf"


def decode(session):
    for name in session.options.models:
        target = {"smollm2": 3.0}.get(name, 2.5)
        for key, words in (("decodeFromStart", "from the start"), ("decode", f"after {session.options.prefill}")):
            yield f"decode {words}, {name}", lambda: session.compared(
                f"decode {words}, {name}", target, session.models.path(name), key
            )


@contextlib.contextmanager
def busy_program():
    """One that takes a processor all the time, in a session of its own: the scheduler shares alike between sessions."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def busy(session):
    """Decode while another program runs, as on anybody's machine: where threads wait for one another, all wait for the one that is late."""
    row = "decode from the start beside a busy program, smollm2"

    def measure():
        path = session.models.path("smollm2")
        session.check_agreement(path)

        def ours():
            with busy_program():
                run = session.tiller.bench(path, "-p", 8, "-n", 16, "-r", 8)
            return run["decodeFromStart"]["tokensPerSecond"]

        def theirs():
            session.llama.load(path)
            with busy_program():
                return session.llama.ask("decode", after=8, tokens=16, repetitions=1)["tokensPerSecond"]

        return Row(row, "≥ 3.0", at_least(3.0), "tokens/s", "llama.cpp", session.pairs(ours, theirs))

    yield row, measure


def quantised(session):
    for kind in QUANTISED:
        name = f"decode from the start, smollm2 {kind}"
        yield name, lambda: session.compared(name, 1.5, session.models.path(f"smollm2-{kind}"), "decodeFromStart")


def prefill(session):
    for name in session.options.models:
        row = f"prefill {session.options.prefill}, {name}"
        target = {"smollm2": 3.0}.get(name, 2.3)
        yield row, lambda: session.compared(row, target, session.models.path(name), "prefill")


def exact(session):
    tokens, repetitions = session.options.prefill, session.options.repetitions
    for name in session.options.models:
        row = f"prefill {tokens} on the exact path, {name}"

        def measure():
            path = session.models.path(name)
            session.check_agreement(path)

            def ours():
                run = session.tiller.bench(path, "-p", tokens, "-n", 1, "-r", repetitions, "--exact")
                return run["prefill"]["tokensPerSecond"]

            def theirs():
                session.llama.load(path)
                return session.llama.ask("prefill", tokens=tokens, repetitions=repetitions)["tokensPerSecond"]

            return Row(row, "≥ 1.7", at_least(1.7), "tokens/s", "llama.cpp", session.pairs(ours, theirs))

        yield row, measure


def bandwidth(session):
    names = list(session.options.models) + ([session.options.large] if session.options.large else [])
    shares = []
    for name in names:
        title = f"decode's share of the read bandwidth, {Path(name).stem}"

        def measure():
            path = session.models.path(name)
            large = os.path.getsize(path) > 4e9
            short = ["-p", 8, "-n", 8, "-r", 1] if large else ["-p", 8, "-n", session.options.decode, "-r", 2]
            rates, beside = [], []
            for _ in range(session.rounds):
                # Neighbours halve it from one moment to the next: what there was beside a round is said, too.
                before = session.bandwidth()
                run = session.tiller.bench(path, *short)
                beside.append(max(before, session.bandwidth()))
                rates.append(run["decodeFromStart"]["tokensPerSecond"])
            found = BandwidthShare(Row(title, "≥ 60%", at_least(0.6), "%"), rates, beside, bytes_per_token(session.tiller, run))
            shares.append(found)
            return found.of(session.best_bandwidth)

        yield title, measure
    # The best of the whole run is known now, and is the same for all.
    for found in shares:
        found.of(session.best_bandwidth)


def bytes_per_token(tiller, run):
    """What decode reads for a token, as the engine itself says it in a run of `tiller bench`."""
    if "bytesPerToken" not in run:
        raise Failed(f"{tiller.path} bench --json has no bytesPerToken, what decode reads for a token: it is an older tiller; build it anew")
    return run["bytesPerToken"]


@dataclass
class BandwidthShare:
    """How much of the read bandwidth decode takes, a row that is reckoned anew where a better bandwidth is seen."""

    row: Row
    #: Tokens a second of each round, and the gigabytes a second that there were beside it.
    rates: list
    beside: list
    bytes_per_token: int

    def of(self, best):
        """The row, as a share of so many gigabytes a second."""
        read = [rate * self.bytes_per_token / 1e9 for rate in self.rates]
        there = statistics.median(own / found for own, found in zip(read, self.beside))
        self.row.rounds = [(own / best, None) for own in read]
        self.row.note = f"of {best:.1f} GB/s, the best seen; {100 * there:.0f}% of what there was beside it; "
        self.row.note += f"{self.bytes_per_token / 1e6:.0f} MB a token"
        return self.row


def persona_dataset(session, folder):
    """The dataset of the extraction rows, and its pairs as raw text."""
    suffixes = json.loads(Path(session.options.suffixes).read_text())
    dataset = folder / "personas.json"
    content = {"name": "happy", "template": CHAT, **PERSONAS, "suffixes": suffixes, "truncate": True}
    dataset.write_text(json.dumps(content))
    return dataset, suffixes


def extraction_pairs(session, suffixes, path):
    """All pairs that the dataset makes, as texts: under both personas the beginnings of each suffix, of one token up to all but one."""
    pairs = []
    for suffix in suffixes:
        pieces = session.tiller("tokenize", "-m", path, "--", suffix)["pieces"] if suffix else []
        for count in range(1, len(pieces)):
            text = "".join(pieces[:count])
            for positive, negative in zip(PERSONAS["positive"], PERSONAS["negative"]):
                pairs.append((CHAT.format(persona=positive) + text, CHAT.format(persona=negative) + text))
    return pairs


def extraction(session):
    with tempfile.TemporaryDirectory(prefix="tiller-bench-") as folder:
        yield from extraction_rows(session, Path(folder))


def extraction_rows(session, folder):
    """The rows of extraction, which share its dataset and the vector that it makes in a folder."""
    shared = {}

    def prepare():
        if "rate" in shared:
            return shared
        path = session.models.path("smollm2")
        dataset, suffixes = persona_dataset(session, folder)

        def ours():
            words = ["extract", "-m", path, "-d", dataset, "-o", folder / "v.gguf", "--raw"]
            report = session.tiller(*words)
            shared.update(report=report, words=words)
            return report["prompts"] / report["seconds"]

        ours()
        report = shared["report"]
        say(f"extraction: {report['prompts']} prompts, {report['tokens']} tokens, {report['computedTokens']} computed")
        pairs = extraction_pairs(session, suffixes, path)
        if 2 * len(pairs) != report["prompts"]:
            raise Failed(f"tiller extracts from {report['prompts']} prompts, its peers would have {2 * len(pairs)} to choose from")
        part = random.Random(0).sample(pairs, min(len(pairs), session.options.part))
        layers = [layer["layer"] for layer in report["layers"]]
        shared.update(rate=ours, part=part, path=path, layers=[min(layers), max(layers)])
        return shared

    def compared(row, peer, theirs, rounds):
        context = prepare()
        results = []
        for _ in range(rounds):
            own = context["rate"]()
            results.append((own, theirs(context)))
        note = f"{2 * len(context['part'])} of {context['report']['prompts']} prompts timed for the peer"
        return Row(row, "≥ 100", at_least(100), "prompts/s", peer, results, note)

    def against_repeng():
        def theirs(context):
            model = session.models.path("smollm2-F32")
            return (lambda run: run["prompts"] / run["seconds"])(
                repeng(model, session.threads, context["part"], context["layers"])
            )

        return compared("extraction against repeng", "repeng", theirs, min(session.rounds, 3))

    def against_llama():
        def theirs(context):
            session.llama.load(context["path"])
            texts = [text for pair in context["part"] for text in pair]
            return len(texts) / session.llama.ask("prompts", texts=texts)["seconds"]

        return compared("extraction against llama.cpp, its prompts alone", "llama.cpp", theirs, min(session.rounds, 3))

    def share():
        context = prepare()
        last = context["layers"][1]
        flops = flops_per_token(session.tiller, context["path"], last) * context["report"]["computedTokens"]
        shares, limits = [], []
        for _ in range(session.rounds):
            # The machine's speed changes by half within minutes: the limit is what it gives just before and just after.
            before = session.gemm()
            context["rate"]()
            limits.append(max(before, session.gemm()))
            shares.append((flops / context["report"]["seconds"] / (limits[-1] * 1e9), None))
        limit = sorted(limits)[len(limits) // 2]
        note = f"of {limit:.0f} GFLOP/s beside it; matrices up to layer {last} only"
        return Row("extraction's share of the float32 GEMM limit", "≥ 50%", at_least(0.5), "%", rounds=shares, note=note)

    def memory():
        context = prepare()
        size = os.path.getsize(context["path"])
        note = f"beyond the file's {size / 1e6:.0f} MB"
        row = "memory of the extraction"
        _, largest = session.tiller.watched(*context["words"])
        return Row(row, "≤ 400 MB", at_most(400e6), "MB", rounds=[(largest - size, None)], note=note)

    yield "extraction against repeng", against_repeng
    yield "extraction against llama.cpp, its prompts alone", against_llama
    yield "extraction's share of the float32 GEMM limit", share
    yield "memory of the extraction", memory


def sweep(session):
    strengths, count, length = ("-0.6:0.6:0.1", 8, 64) if not session.options.quick else ("-0.4:0.4:0.4", 3, 16)
    row = f"sweep of {13 if count == 8 else 3} strengths × {count} prompts × {length} tokens, against one at a time"

    def measure():
        asked = questions(ROOT / "datasets/happy.json", count)
        with tempfile.TemporaryDirectory() as folder:
            prompts = Path(folder) / "prompts.txt"
            prompts.write_text("\n".join(asked) + "\n")
            words = ["sweep", "-m", session.models.path("smollm2"), "-v", VECTOR, f"--strengths={strengths}", "--prompts"]
            words += [prompts, "-n", length, "--temp", 0, "--no-keep"]
            alike = []

            def run(*batch):
                report = session.tiller(*words, *batch)
                tokens = sum(len(run["ids"]) for run in report["runs"] + report["controls"])
                return report, tokens / report["answerSeconds"]

            rounds = []
            for _ in range(min(session.rounds, 3)):
                (together, own), (alone, other) = run(), run("--batch", 1)
                rounds.append((own, other))
                alike.append(sum(a["ids"] == b["ids"] for a, b in zip(together["runs"], alone["runs"])))
        note = f"{min(alike)} of {len(alone['runs'])} answers alike"
        return Row(row, "≥ 3", at_least(3), "tokens/s", "one at a time", rounds, note)

    yield row, measure


def steering(session):
    row = "steering's cost per token, 16 layers"

    def measure():
        costs = []
        for _ in range(session.rounds):
            run = session.tiller.bench(
                session.models.path("smollm2"), "-p", 8, "-n", 64, "-r", 41, "-v", f"{VECTOR}:0.4", "--layers", "9-24"
            )
            costs.append((run["steering"]["cost"], None))
        return Row(row, "≤ 1%", at_most(0.01), "%", rounds=costs)

    yield row, measure


def likelihood(session):
    def measure(key, row):
        prompts = json.loads((ROOT / "Tests/Fixtures/smollm2/prompts.json").read_text())
        with tempfile.TemporaryDirectory() as folder:
            texts = Path(folder) / "texts.json"
            texts.write_text(json.dumps([prompt["text"] for prompt in prompts]))
            run = session.tiller.bench(session.models.path("smollm2"), "-p", 8, "-n", 1, "-r", 1, "--texts", texts)
        found = run["meanNegativeLogLikelihood"]
        note = f"{found[key]:.4f} against {found['exact']:.4f}"
        # Better than float32 is an error too.
        return Row(row, "within 1%", lambda value: abs(value) <= 0.01, "%", rounds=[(found[key] / found["exact"] - 1, None)], note=note)  # fmt: skip

    for key, words in (("fastPrefill", "fast prefill"), ("fastDecode", "int8 decode")):
        row = f"−log p of the golden prompts, {words} against float32"
        yield row, lambda: measure(key, row)


def first_token(session):
    prompt = "Tell me in a few words what the capital of France is and why people like to go there so much."
    for state in ("cold", "warm"):
        row = f"first token from a {state} start"

        def measure():
            path = session.models.path("smollm2")
            rounds, cached = [], []
            for _ in range(session.rounds):
                if state == "cold":
                    cached.append(session.forget(path))
                words = ["generate", "-m", path, "-p", prompt, "--raw", "-n", 1, "--temp", 0]
                report, seconds = session.tiller.run(*words)
                rounds.append((seconds, None))
            note = f"{report['promptTokens']} prompt tokens, the whole process"
            if state == "cold":
                note += f"; {cached_note(max(cached))}"
            return Row(row, "≤ 0.3 s", at_most(0.3), "s", rounds=rounds, note=note)

        yield row, measure


def cached_note(share):
    """How much of a file lies in the page cache, in words."""
    return f"{100 * share:.3g}% of the file still in the page cache" if share else "file not in the page cache"


def memory(session):
    names = list(session.options.models) + ([session.options.large] if session.options.large else [])
    for name in names:
        row = f"memory with a context of 2048, {Path(name).stem}"

        def measure():
            path = session.models.path(name)
            size = os.path.getsize(path)
            words = [512, 8] if size > 4e9 else [1984, 64]
            words = ["bench", "-m", path, "-c", 2048, "-p", words[0], "-n", words[1], "-r", 1]
            report, largest = session.tiller.watched(*words)
            note = f"beyond the file's {size / 1e6:.0f} MB; loaded in {report['load']['seconds']:.2f} s"
            note += f", ready after {report['load']['readySeconds']:.2f} s"
            return Row(row, "≤ 150 MB", at_most(150e6), "MB", rounds=[(largest - size, None)], note=note)

        yield row, measure


GROUPS = {
    "decode": decode, "busy": busy, "quantised": quantised, "bandwidth": bandwidth, "prefill": prefill, "exact": exact,
    "extraction": extraction, "sweep": sweep, "steering": steering, "nll": likelihood, "first-token": first_token,
    "memory": memory,
}  # fmt: skip
