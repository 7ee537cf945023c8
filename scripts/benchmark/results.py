"""Rows of the table: what was asked for, what was measured."""

import json
import statistics
from dataclasses import dataclass, field
from pathlib import Path

from experiments import parts, read_page, write_whole


def at_least(bound):
    return lambda value: value >= bound


def at_most(bound):
    return lambda value: value <= bound


@dataclass
class Row:
    """One line. `rounds` holds a pair (ours, theirs) a round; where there is no peer, theirs is None."""

    name: str
    target: str
    passes: object  # value -> bool
    unit: str = ""
    peer: str = ""
    rounds: list = field(default_factory=list)
    note: str = ""
    #: Why there are no rounds: what the row needs is not there, or it is there and went wrong.
    skipped: str = ""
    failed: str = ""

    @property
    def ours(self):
        return statistics.median(pair[0] for pair in self.rounds)

    @property
    def theirs(self):
        return statistics.median(pair[1] for pair in self.rounds) if self.rounds[0][1] is not None else None

    @property
    def value(self):
        """The median of the paired ratios, or of our own values where nothing is compared."""
        if self.theirs is None:
            return self.ours
        return statistics.median(own / other for own, other in self.rounds)

    @property
    def verdict(self):
        if self.skipped or self.failed:
            return "FAILED" if self.failed else "skipped"
        return "pass" if self.passes(self.value) else "MISS"

    def cells(self):
        if self.skipped or self.failed:
            return [self.name, self.target, "", "", "", f"{self.verdict}: {one_line(self.failed or self.skipped)}"]
        if self.theirs is None:
            measured, peer, ratio = number(self.value, self.unit), "", ""
        else:
            measured, peer = number(self.ours, self.unit), number(self.theirs, self.unit) + f" {self.peer}".rstrip()
            ratio = f"{self.value:.2f}"
        return [self.name, self.target, measured, peer, ratio, self.verdict + (f" ({self.note})" if self.note else "")]

    def json(self):
        row = {"name": self.name, "target": self.target, "unit": self.unit, "verdict": self.verdict, "note": self.note}
        if self.skipped or self.failed:
            return {**row, self.verdict.lower(): self.failed or self.skipped}
        return {**row, "value": self.value, "ours": self.ours, "theirs": self.theirs, "peer": self.peer, "rounds": self.rounds}


def number(value, unit):
    if unit == "%":
        return f"{value * 100:.1f}%" if abs(value) < 0.1 else f"{value * 100:.0f}%"
    if unit == "MB":
        return f"{value / 1e6:.0f} MB"
    if unit == "s":
        return f"{value:.3f} s" if value < 1 else f"{value:.1f} s"
    return (f"{value:.0f}" if value >= 100 else f"{value:.1f}") + (f" {unit}" if unit else "")


def one_line(text, most=400):
    """What fits into a cell of a table."""
    words = " ".join(text.split())
    return words if len(words) <= most else words[: most - 1] + "…"


TITLES = ["row", "target", "tiller", "peer", "ratio", "verdict"]


def table(rows):
    cells = [TITLES] + [row.cells() for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(TITLES))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in cells)


# What somebody has written on the page stays when it is written again.
BY_HAND = ("<!-- by hand: begin -->", "<!-- by hand: end -->")


def by_hand(page):
    """The part of the page that is there between its marks, the marks included; nothing where there are none."""
    text = read_page(page) if Path(page).is_file() else ""
    if not any(mark in text for mark in BY_HAND):
        return ""
    _, kept, _ = parts(text, *BY_HAND, f"--page {page}")
    return kept.join(BY_HAND)


def markdown(rows, facts, command, kept=""):
    lines = ["# Benchmarks", "", f"    {command}", "", "Medians of paired rounds in which Tiller and its peer take turns on the same file."]
    lines += ["Ratios are medians of the rounds' ratios. Tables are written by the command above and not edited.", ""]
    lines += ["| " + " | ".join(TITLES) + " |", "|" + "---|" * len(TITLES)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row.cells()) + " |" for row in rows]
    lines += ["", kept] if kept else []
    lines += ["", "## The machine", ""]
    lines += [f"- {key}: {value}" for key, value in facts.items()]
    return "\n".join(lines) + "\n"


def as_json(rows, facts, command):
    return json.dumps({"command": command, "machine": facts, "rows": [row.json() for row in rows]}, indent=1) + "\n"


class Numbers:
    """The file of a run's numbers: that of the last run stays until this one has all of its own.

    Until then they lie beside it, row by row, under a name that ends in `.unfinished`, and stay there where the run is ended.
    """

    def __init__(self, path):
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # A device, as /dev/null, has nothing to lose, and its folder is no place for files.
        is_device = self.path.exists() and not self.path.is_file()
        whole = self.path.resolve()
        self.unfinished = None if is_device else whole.with_name(f"{whole.name}.unfinished")

    def keep(self, text):
        """What there is so far."""
        if self.unfinished:
            write_whole(self.unfinished, text)

    def finish(self, text):
        """All that there is."""
        write_whole(self.path, text)
        if self.unfinished:
            self.unfinished.unlink(missing_ok=True)
