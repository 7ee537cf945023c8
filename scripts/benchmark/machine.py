"""What this machine is, and what it can do at the most."""

import ctypes
import mmap
import os
import platform
import shutil
import subprocess
from pathlib import Path

from experiments import Failed

from .peers import HERE, HOME, Missing


def read_bandwidth(threads):
    """Gigabytes a second that threads together read from memory."""
    compiler = next((name for name in ("clang", "cc", "gcc") if shutil.which(name)), None)
    if compiler is None:
        raise Missing("there is no C compiler to measure the read bandwidth with")
    folder = HOME / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "read_bandwidth"
    command = [compiler, "-O2", "-pthread", str(HERE / "read_bandwidth.c"), "-o", str(program)]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode:
        raise Missing(f"{compiler} cannot compile the measure of the read bandwidth: {made.stderr.strip()}")
    measured = subprocess.run([str(program), str(threads)], capture_output=True, text=True)
    if measured.returncode:
        raise Failed(f"the measure of the read bandwidth failed ({measured.returncode}): {measured.stderr.strip()}")
    return float(measured.stdout)


def description():
    facts = {"system": platform.platform(), "cores": os.cpu_count()}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() in ("model name", "model", "cpu family") and key.strip() not in facts:
            facts[key.strip()] = value.strip()
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemTotal"):
            facts["memory"] = f"{int(line.split()[1]) * 1024 / 1e9:.1f} GB"
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=HERE)
    facts["commit"] = commit.stdout.strip()
    return facts


def forget(path):
    """Asks the system to drop a file from its cache, so that the next reader finds it on the disk; the share that stays.

    Pages that some process has mapped stay, and so do those that are not yet written.
    """
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return cached_share(file)


def cached_share(file):
    """How much of an open file lies in the page cache. The system tells the file's owner only; others hear that all of it does."""
    library = ctypes.CDLL(None, use_errno=True)
    # A copy on write, because ctypes takes the address of what may be written only; no page of it is touched.
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY) as mapped:
        pages = (ctypes.c_ubyte * -(-len(mapped) // mmap.PAGESIZE))()
        first = ctypes.c_char.from_buffer(mapped)
        status = library.mincore(ctypes.c_void_p(ctypes.addressof(first)), ctypes.c_size_t(len(mapped)), pages)
        # While anything refers to the mapping it cannot be closed.
        del first
    if status:
        raise Failed(f"what the page cache holds of {file.name} cannot be seen: {os.strerror(ctypes.get_errno())}")
    return sum(page & 1 for page in pages) / len(pages)
