"""What the experiments of this folder share: running tiller, reading its sweeps, writing tables into pages."""
import argparse
import json
import math
import pathlib
import shlex
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def parser(description):
    """A parser with the options that all experiments have."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--page", help="a Markdown page: what stands between its marks is replaced")
    parser.add_argument("--tiller", help="--tiller=PATH: the binary (default: builds one)")
    parser.add_argument("--threads", help="--threads=N: threads that compute; results do not depend on it")
    return parser


def command(name):
    """The command that was given, without what is this machine's own."""
    own = ("--tiller=", "--threads=", "--jobs=", "--folder=", "--results=")
    words = [word for word in sys.argv[1:] if not word.startswith(own)]
    return shlex.join([f"scripts/{name}", *words])


class Tiller:
    """The command line, one JSON object for each command."""

    def __init__(self, path, threads=None):
        self.threads = ["--threads", threads] if threads else []
        if not path:
            build = ["swift", "build", "-c", "release", "--product", "tiller"]
            subprocess.run(build, cwd=ROOT, check=True, stdout=sys.stderr)
            path = ROOT / ".build/release/tiller"
        self.path = str(path)

    def __call__(self, *words):
        words = [str(word) for word in words]
        if words[0] in ("extract", "sweep", "compare"):
            words += self.threads
        run = subprocess.run([self.path, *words, "--json"], capture_output=True, text=True)
        if run.returncode:
            sys.exit(f"tiller {shlex.join(words)} failed ({run.returncode}):\n{run.stdout}{run.stderr}")
        return json.loads(run.stdout)


def questions(dataset, count):
    """The first questions of a dataset, which extraction never sees; all of them where count is None."""
    return json.loads(pathlib.Path(dataset).read_text(encoding="utf-8"))["questions"][:count]


def joined_strengths(sizes):
    """--strengths=… with each size both ways."""
    return "--strengths=" + ",".join(f"{sign}{size:.6g}" for size in sizes for sign in ("-", ""))


class Steered:
    """What a sweep says of its first vector at one size of strength, both ways."""

    def __init__(self, swept, size):
        def is_here(entry):
            return math.isclose(abs(entry["strength"]), size, rel_tol=1e-4)

        vector = swept["vectors"][0]
        points = sorted(filter(is_here, vector["strengths"]), key=lambda point: point["strength"])
        if len(points) != 2:
            sys.exit(f"the sweep of {vector['name']} has {len(points)} points at strength ±{size}, expected 2")
        self.size = size
        ratios = [point["perplexityRatio"] for point in points]
        #: Times the perplexity without steering, the worse of both ways; infinite where it is no number.
        self.cost = max(math.inf if ratio is None else ratio for ratio in ratios)
        #: The share of broken answers, the worse of both ways.
        self.broken = max(point["brokenShare"] for point in points)
        choices = [point["propensity"] for point in points]
        #: How far the log-odds of the trait's words as an answer's first move, in nats.
        self.choice = None if None in choices else choices[1] - choices[0]
        runs = list(filter(is_here, swept["runs"]))
        if not any("markers" in run for run in swept["runs"]):
            sys.exit(f"{vector['name']} brings no marker words: is its recipe in the file?")
        if any("markers" not in run for run in runs):
            # An answer that stopped being numbers has no markers.
            self.cost = self.broken = math.inf
        net = {
            (run["prompt"], run["strength"] > 0): markers["positive"] - markers["negative"]
            for run in runs
            for markers in [run.get("markers", {"positive": 0, "negative": 0})]
        }
        moved = [net[prompt, True] - net[prompt, False] for prompt, is_positive in net if is_positive]
        #: Positive less negative marker words an answer, at +size less at −size: the mean over the questions.
        self.swing = statistics.mean(moved)
        #: Its standard error.
        self.error = statistics.stdev(moved) / math.sqrt(len(moved)) if len(moved) > 1 else math.nan


def mean(values):
    """The mean of the numbers that are known."""
    known = [value for value in values if value is not None]
    return statistics.mean(known) if known else math.nan


def table(corner, columns, rows):
    """Markdown; rows are a title and its cells."""
    lines = [f"| {corner} | " + " | ".join(columns) + " |", "|---|" + "---:|" * len(columns)]
    lines += [f"| {title} | " + " | ".join(cells) + " |" for title, cells in rows]
    return "\n".join(lines)


def write(page, name, text):
    """Replaces what stands between the marks of an experiment."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    path = pathlib.Path(page)
    old = path.read_text(encoding="utf-8")
    if begin not in old or end not in old:
        sys.exit(f"{page} has no lines {begin} and {end}")
    before, rest = old.split(begin, 1)
    after = rest.split(end, 1)[1]
    path.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")
