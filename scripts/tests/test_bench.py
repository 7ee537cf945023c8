import contextlib
import io
import json
import os
import sys
import unittest
from unittest import mock

from support import InFolder, script

from benchmark import rows
from benchmark.results import Row, at_least

bench = script("bench")


class Run(InFolder):
    """A run whose rows are these, with no engine behind them."""

    def run_bench(self, *words, measures=()):
        """What the run printed, and how it ended."""
        def group(session):
            for number, measure in enumerate(measures):
                yield f"row {number}", measure

        printed = io.StringIO()
        with (
            mock.patch.dict(rows.GROUPS, decode=group), mock.patch.object(sys, "argv", ["bench", "--only", "decode", *words]),
            mock.patch.dict(os.environ, TILLER_BENCH_BINARY="/bin/true"), contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
        ):  # fmt: skip
            try:
                status = bench.main()
            except (SystemExit, KeyboardInterrupt) as error:
                status = error
        return printed.getvalue(), status

    def setUp(self):
        super().setUp()
        self.json = self.folder / "numbers.json"
        self.unfinished = self.folder / "numbers.json.unfinished"

    @staticmethod
    def fast():
        return Row("fast", "≥ 1", at_least(1), rounds=[(2, None)])

    @staticmethod
    def interrupted():
        raise KeyboardInterrupt

    def test_the_numbers_of_a_run_are_in_its_file_and_nowhere_else(self):
        _, status = self.run_bench("--json", str(self.json), measures=[self.fast, self.fast])
        self.assertEqual(status, 0)
        self.assertEqual([row["value"] for row in json.loads(self.json.read_text())["rows"]], [2, 2])
        self.assertFalse(self.unfinished.exists())

    def test_a_run_that_is_ended_leaves_the_last_ones_numbers_and_its_own_beside_them(self):
        self.json.write_text("of the last run")
        self.run_bench("--json", str(self.json), measures=[self.fast, self.interrupted])
        self.assertEqual(self.json.read_text(), "of the last run")
        self.assertEqual(len(json.loads(self.unfinished.read_text())["rows"]), 1)

    def test_what_is_no_file_gets_the_numbers_and_has_nothing_beside_it(self):
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        _, status = self.run_bench("--json", str(pipe), measures=[self.fast])
        self.assertEqual(status, 0)
        self.assertEqual(len(json.loads(os.read(reader, 1 << 16))["rows"]), 1)
        self.assertEqual(list(self.folder.iterdir()), [pipe])

    def test_a_page_with_one_mark_is_refused_before_anything_is_measured(self):
        page = self.folder / "page.md"
        page.write_text("<!-- by hand: begin -->\nwords")
        measure = mock.Mock()
        printed, status = self.run_bench("--json", str(self.json), "--page", str(page), measures=[measure])
        self.assertEqual(status.code, 2)
        self.assertIn("needs one line <!-- by hand: begin -->", printed)
        measure.assert_not_called()
        self.assertEqual(page.read_text(), "<!-- by hand: begin -->\nwords")

    def test_a_folder_is_refused_before_anything_is_measured(self):
        for option in ("--json", "--page"):
            measure = mock.Mock()
            printed, status = self.run_bench(option, str(self.folder), measures=[measure])
            self.assertEqual(status.code, 2)
            self.assertIn("is a folder", printed)
            measure.assert_not_called()

    def test_a_row_that_ends_in_an_error_has_failed_and_ends_no_run(self):
        def failing():
            raise ValueError("no such thing")

        printed, status = self.run_bench("--json", str(self.json), measures=[failing, self.fast])
        self.assertEqual(status, 1)
        verdicts = [row["verdict"] for row in json.loads(self.json.read_text())["rows"]]
        self.assertEqual(verdicts, ["FAILED", "pass"])
        self.assertIn("FAILED: ValueError: no such thing", printed)


if __name__ == "__main__":
    unittest.main()
