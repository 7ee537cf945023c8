"""Tiller and its peers as processes."""

import contextlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import experiments
from experiments import ROOT, Failed

HERE = Path(__file__).resolve().parent
HOME = Path(os.environ.get("TILLER_HOME") or Path.home() / ".cache/tiller")


class Missing(Exception):
    """A peer or a model is not there, or a peer says that it cannot read a model; the rows that need it are skipped with this text."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def watch_memory(process, found):
    """The largest resident memory of a process, in bytes, as long as it runs.

    What `wait4` says would begin at the size of the Python that started it.
    """
    while process.poll() is None:
        try:
            lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        except OSError:
            return
        if not any(line.startswith("Name:") and "python" in line for line in lines):
            found += [int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")]
        time.sleep(0.002)


class TillerUnderTest(experiments.Tiller):
    """The binary that is measured."""

    def run(self, *words, beside=None, folder=ROOT):
        """As the experiments run it, when the machine is at rest."""
        if words[0] not in self.WITHOUT_THREADS:
            # A peer's threads go on waiting in a loop for a while after its turn.
            time.sleep(0.5)
        return super().run(*words, beside=beside, folder=folder)

    def watched(self, *words):
        """The JSON of a command and its largest memory in bytes. Not for timing: watching takes a twelfth of decode's speed."""
        found = []
        answer, _ = self.run(*words, beside=lambda process: watch_memory(process, found))
        if not found:
            raise Failed(f"the memory of tiller {words[0]} could not be seen")
        return answer, max(found)

    def bench(self, model, *words):
        return self("bench", "-m", model, *words)

    def pull(self, name):
        return self("pull", name)["path"]


#: Why a peer's environment could not be made, by its name: no second row waits for that again.
NOT_INSTALLED = {}


def environment(name, variable, packages, options, variables=None):
    """The Python of a peer: the one that a variable names, or a virtual environment in the cache, made when missing or of other versions."""
    given = os.environ.get(variable)
    if given:
        python = Path(given) / "bin/python" if Path(given).is_dir() else Path(given)
        if not python.exists():
            raise Missing(f"{variable}={given}: there is no Python")
        return str(python)
    if name in NOT_INSTALLED:
        raise Missing(NOT_INSTALLED[name])
    folder = HOME / "bench" / name
    python = folder / "bin/python"
    done = folder / "complete"
    wanted = "\n".join(packages) + "\n"
    recover(folder, done)
    if not python.exists() or not done.exists() or done.read_text() != wanted and not has(python, packages):
        say(f"installing {' '.join(packages)} into {folder}; {variable} names an environment that has them")
        install = [str(python), "-m", "pip", "install", "--quiet", *options, *packages]
        with set_aside(folder):
            for command in (["python3", "-m", "venv", str(folder)], install):
                try:
                    subprocess.run(command, check=True, env={**os.environ, **(variables or {})}, stdout=sys.stderr)
                except (OSError, subprocess.CalledProcessError):
                    NOT_INSTALLED[name] = f"{shlex.join(command)} failed; {variable} may name an environment"
                    raise Missing(NOT_INSTALLED[name]) from None
            done.write_text(wanted)
    done.write_text(wanted)
    return str(python)


def aside(folder):
    """Where an environment lies while another is made in its place."""
    return folder.with_name(f"{folder.name}.old")


@contextlib.contextmanager
def set_aside(folder):
    """Has an environment made anew: the one that was there comes back where the new one cannot be made."""
    if folder.exists():
        folder.rename(aside(folder))
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        if aside(folder).exists():
            aside(folder).rename(folder)
        raise
    shutil.rmtree(aside(folder), ignore_errors=True)


def recover(folder, done):
    """Brings an environment back that was set aside by whoever was killed in the middle of making another."""
    if aside(folder).exists():
        # Of two the new one counts as soon as it is whole.
        gone = aside(folder) if done.exists() else folder
        shutil.rmtree(gone, ignore_errors=True)
        if gone == folder:
            aside(folder).rename(folder)


def has(python, packages):
    """Whether an environment has packages, `name==version` each. Whether torch is its build without CUDA makes no difference."""
    check = """
import importlib.metadata, sys
for package in sys.argv[1:]:
    name, version = package.split("==")
    if importlib.metadata.version(name).partition("+")[0] != version:
        sys.exit(1)
"""
    return subprocess.run([str(python), "-c", check, *packages], capture_output=True).returncode == 0


def llama_python():
    # Built here, so that it uses what this processor has.
    return environment(
        "llama", "TILLER_BENCH_LLAMA", ["llama-cpp-python==0.3.36", "numpy==2.4.6"], ["--no-binary=llama-cpp-python"],
        {"CMAKE_ARGS": "-DGGML_NATIVE=ON", "CMAKE_BUILD_PARALLEL_LEVEL": str(os.cpu_count() or 2)},
    )  # fmt: skip


def repeng_python():
    # The processor is all that is measured: without this index torch brings gigabytes of CUDA.
    return environment(
        "repeng", "TILLER_BENCH_REPENG",
        ["repeng==0.4.0", "torch==2.15.0", "transformers==5.23.0", "accelerate==1.15.0", "gguf==0.19.0", "numpy==1.26.4"],
        ["--extra-index-url", "https://download.pytorch.org/whl/cpu"],
    )  # fmt: skip


class Llama:
    """llama.cpp, alive through all rounds and idle while others run."""

    def __init__(self, threads):
        self.threads = threads
        blas = {name: str(threads) for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")}
        self.errors = tempfile.TemporaryFile()
        #: The last line that it wrote as an error, when it has ended.
        self.last_words = []
        try:
            self.process = subprocess.Popen(
                [llama_python(), str(HERE / "llama_worker.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                stderr=self.errors, env={**os.environ, **blas},
            )  # fmt: skip
        except OSError as error:
            raise Missing(f"llama.cpp does not start: {error}") from None
        self.model = None
        try:
            self.version = self.ask("version")["version"]
        except Failed as reason:
            raise Missing(f"llama.cpp does not start: {reason}") from None

    @property
    def has_ended(self):
        return self.process.poll() is not None

    def ask(self, do, **arguments):
        line = ""
        # A process that has ended reads no more.
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        if not line.endswith("\n"):
            self.close()
            ended = f"llama.cpp's process has ended ({experiments.ending(self.process.returncode)})"
            raise Failed(": ".join([ended, *self.last_words]))
        answer = json.loads(line)
        if "error" in answer:
            raise Failed(f"llama.cpp: {answer['error']}")
        return answer

    def load(self, model):
        if self.model != model:
            # Where it cannot be loaded there is none.
            self.model = None
            try:
                self.ask("load", model=str(model), threads=self.threads)
            except Failed as reason:
                # A model that it says it cannot read is none of its own; a crash is no such answer.
                if self.has_ended:
                    raise
                raise Missing(str(reason)) from None
            self.model = model

    def unload(self):
        self.model = None
        self.ask("unload")

    def close(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        if not self.errors.closed:
            self.errors.seek(0)
            self.last_words = self.errors.read().decode(errors="replace").strip().splitlines()[-1:]
            self.errors.close()


def repeng(model, threads, pairs, layers):
    """What repeng's process says of some pairs: their prompts, and the seconds that it took for them."""
    command = [repeng_python(), str(HERE / "repeng_worker.py"), str(model), str(threads)]
    try:
        result = subprocess.run(
            command, text=True, capture_output=True, input=json.dumps({"pairs": pairs, "layers": layers}),
            env={**os.environ, "OMP_NUM_THREADS": str(threads)},
        )  # fmt: skip
    except OSError as error:
        raise Missing(f"repeng does not start: {error}") from None
    said = result.stdout.splitlines()
    if result.returncode:
        last = result.stderr.strip().splitlines()[-1:]
        ended = ": ".join([f"repeng's process has ended ({experiments.ending(result.returncode)})", *last])
        # A model that it says it cannot read is none of its own; a crash is no such answer.
        if "started" not in said or "loaded" not in said and result.returncode > 0:
            raise Missing(ended)
        raise Failed(ended)
    return json.loads(said[-1])
