"""What the experiments of this folder share: running tiller, reading its sweeps, writing tables into pages."""
import argparse
import json
import math
import pathlib
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time

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


def ending(status):
    """How a process has ended: its status, or the name of the signal that ended it."""
    return str(status) if status >= 0 else signal.Signals(-status).name


class Failed(Exception):
    """What ends the work with an error, in words: what was measured went wrong, or something that it needs is not there or unusable.

    In a benchmark a row that raises it is FAILED, not skipped: what may be absent raises `Missing`."""


class TillerFailed(Failed):
    """A command of tiller ended with an error; the text says which, and what tiller said of it."""

    def __init__(self, words, status, said):
        #: As in `subprocess`: negative where a signal ended it.
        self.status = status
        super().__init__(f"tiller {shlex.join(words)} failed ({ending(status)})" + (f":\n{said}" if said else ""))


def ended_by(main):
    """What a script's `main` gives; where something fails that it needs, that is said in its words, and the script ends with 1."""
    try:
        return main()
    except Failed as failure:
        sys.exit(str(failure))


class Tiller:
    """The command line, one JSON object for each command."""

    #: What computes nothing and has no --threads. A command that is missing here says so itself; were those listed that compute,
    #: one that is missing would take all processors.
    WITHOUT_THREADS = ("inspect", "pull", "tokenize")

    def __init__(self, path=None, threads=None):
        self.threads = threads
        path = str(path or built())
        found = shutil.which(path)
        if not found:
            raise Failed(f"there is no program {path}; one is built where none is named")
        self.path = str(pathlib.Path(found).resolve())

    def __call__(self, *words):
        """The JSON of a command."""
        return self.run(*words)[0]

    def run(self, *words, beside=None, folder=None):
        """The JSON of a command and its seconds; `beside` is called with the process while it runs, on another thread."""
        words = [str(word) for word in words]
        threads = [] if self.threads is None or words[0] in self.WITHOUT_THREADS else ["--threads", str(self.threads)]
        # Behind the command's name: nothing that follows `--` is an option.
        words = [words[0], "--json", *threads, *words[1:]]
        start = time.perf_counter()
        process = subprocess.Popen([self.path, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder)
        if beside:
            watcher = threading.Thread(target=beside, args=(process,))
            watcher.start()
        output, errors = process.communicate()
        seconds = time.perf_counter() - start
        if beside:
            watcher.join()
        if process.returncode:
            raise TillerFailed(words, process.returncode, (output + errors).decode(errors="replace").strip())
        return json.loads(output), seconds


def built():
    """The release build of this clone, made where it is missing or old."""
    build = ["swift", "build", "--configuration", "release", "--product", "tiller"]
    try:
        subprocess.run(build, cwd=ROOT, check=True, stdout=sys.stderr)
        shown = subprocess.run(
            [*build[:4], "--show-bin-path"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Failed(f"tiller could not be built ({error}); scripts/setup says what this machine lacks") from None
    return pathlib.Path(shown.stdout.strip()) / "tiller"


def questions(dataset, count):
    """The first questions of a dataset, which extraction never sees; all of them where count is None."""
    try:
        content = json.loads(pathlib.Path(dataset).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Failed(f"{dataset} cannot be read: {error}") from None
    # A bare list of pairs is a dataset, too.
    found = content.get("questions") if isinstance(content, dict) else None
    if not found or not isinstance(found, list) or not all(isinstance(question, str) for question in found):
        raise Failed(f"{dataset} has no list of questions; add some as \"questions\": [\"How was your day?\", …]")
    return found[:count]


def check_questions(parser, datasets, count):
    """Ends with an error where a dataset has fewer questions than are asked for: whatever is said of them later would be wrong."""
    for dataset in datasets:
        try:
            there = len(questions(dataset, None))
        except Failed as error:
            parser.error(str(error))
        if not 1 <= count <= there:
            parser.error(f"--questions {count}: {dataset} has {there}; ask for 1 to {there}")


def joined_strengths(sizes):
    """--strengths=… with each size both ways."""
    return "--strengths=" + ",".join(f"{sign}{size:.6g}" for size in sizes for sign in ("-", ""))


class Steered:
    """What a sweep says of its first vector at one size of strength, both ways.

    `value` is what an answer is worth, given its entry among the runs.
    """

    def __init__(self, swept, size, value):
        self.size = size
        points = both_ways(swept, size)
        #: Times the perplexity without steering, the worse of both ways; infinite where one is no number.
        self.cost = max(math.inf if point["perplexityRatio"] is None else point["perplexityRatio"] for point in points)
        #: The share of broken answers, the worse of both ways.
        self.broken = max(point["brokenShare"] for point in points)
        choices = [point["propensity"] for point in points]
        #: How far the log-odds of the trait's words as an answer's first move, in nats.
        self.choice = None if None in choices else choices[1] - choices[0]
        moved = differences(swept, size, value)
        if any(None in draws for draws in moved.values()):
            # An answer that stopped being numbers is worth nothing.
            self.cost = self.broken = math.inf
        #: What an answer to each question is worth at +size less what it is at −size.
        self.swings = [statistics.mean(difference or 0 for difference in draws) for draws in moved.values()]
        self.swing = statistics.mean(self.swings)
        #: Its standard error, over the questions.
        self.error = standard_error(self.swings)


def both_ways(swept, size):
    """The points of a sweep's first vector at −size and +size."""
    vector = swept["vectors"][0]
    points = [point for point in vector["strengths"] if math.isclose(abs(point["strength"]), size, rel_tol=1e-4)]
    if len(points) != 2:
        raise Failed(f"the sweep of {vector['name']} has {len(points)} points at strength ±{size}, expected 2")
    return sorted(points, key=lambda point: point["strength"])


def net_markers(run):
    """Positive less negative marker words of an answer; None where they are not known."""
    markers = run.get("markers")
    return markers and markers["positive"] - markers["negative"]


def sentiment():
    """A function that gives an answer's mood by the VADER lexicon, -1 to 1; installs it (PyPI) where it is not there."""
    folder = ROOT / ".build-evaluation/sentiment"
    if not (folder / "vaderSentiment/vaderSentiment.py").exists():
        # Elsewhere first: what an interrupted pip leaves behind is no lexicon.
        part = folder.with_name("sentiment.part")
        for old in (part, folder):
            shutil.rmtree(old, ignore_errors=True)
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(part), "vaderSentiment"]
        if subprocess.run(install, stdout=sys.stderr).returncode:
            raise Failed(f"{shlex.join(install)} failed; its words above say why")
        part.replace(folder)
    sys.path.insert(0, str(folder))
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    lexicon = SentimentIntensityAnalyzer()
    return lambda run: lexicon.polarity_scores(run["text"])["compound"] if "text" in run else None


def differences(swept, size, value):
    """For each prompt, what each draw of its answer is worth at +size less what it is at −size; None where one is not known."""
    worth = {
        (run["prompt"], run["draw"], run["strength"] > 0): value(run)
        for run in swept["runs"]
        if math.isclose(abs(run["strength"]), size, rel_tol=1e-4)
    }
    if all(one is None for one in worth.values()):
        raise Failed(f"no answer of {swept['vectors'][0]['name']} can be valued: is its recipe in the file?")
    found = {}
    for (prompt, draw, is_positive), one in worth.items():
        if is_positive:
            other = worth[prompt, draw, False]
            found.setdefault(prompt, []).append(None if None in (one, other) else one - other)
    return found


def standard_error(values):
    """Of their mean; not a number where there is only one."""
    return statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else math.nan


def mean(values):
    """The mean of the numbers that are known."""
    known = [value for value in values if value is not None]
    return statistics.mean(known) if known else math.nan


def table(corner, columns, rows):
    """Markdown; rows are a title and its cells."""
    lines = [f"| {corner} | " + " | ".join(columns) + " |", "|---|" + "---:|" * len(columns)]
    lines += [f"| {title} | " + " | ".join(cells) + " |" for title, cells in rows]
    return "\n".join(lines)


def write_whole(path, text):
    """Writes a file beside the one of that name and puts it in its place: whoever interrupts this finds the old one, whole.

    Who may read and write it stays as it is. A link stays one, and what it names is written; what is no file, as /dev/null,
    cannot be replaced and is written to.
    """
    path = pathlib.Path(path)
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    path = path.resolve()
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    if path.exists():
        shutil.copymode(path, part)
    part.replace(path)


def parts(text, begin, end, place):
    """What stands before two marks, between them, and behind them."""
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise Failed(f"{place} needs one line {begin} and behind it one line {end}, once each")
    before, rest = text.split(begin)
    return before, *rest.split(end)


def read_page(page):
    """What is written on the page that --page names."""
    try:
        return pathlib.Path(page).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise Failed(f"--page {page} cannot be read: {error}") from None


def page_parts(page, name):
    """What stands on a page before and behind the place of an experiment, its marks included."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, _, after = parts(read_page(page), begin, end, f"--page {page}")
    return before + begin, end + after


def check_page(parser, page, name):
    """Ends with an error where a page has no place for what is to be measured: later that would be said after hours."""
    try:
        if page:
            page_parts(page, name)
    except Failed as error:
        parser.error(str(error))


def write(page, name, text):
    """Replaces what stands between the marks of an experiment."""
    before, after = page_parts(page, name)
    write_whole(page, f"{before}\n{text}\n{after}")
