import os
import sys
import unittest
from unittest import mock

from support import InFolder

from benchmark.peers import TillerUnderTest

import experiments

#: A tiller whose answer is how it was called, or that fails where it is asked to.
TILLER = f"""#!{sys.executable}
import json, sys
if "no-such-model" in sys.argv:
    sys.exit("error: there is no such model")
print(json.dumps(sys.argv[1:]))
"""


class Tiller(InFolder):
    def setUp(self):
        super().setUp()
        self.path = self.program("tiller", TILLER)

    def test_whatever_computes_keeps_to_the_threads_that_are_asked_for(self):
        for kind in (experiments.Tiller, TillerUnderTest):
            tiller = kind(self.path, 1)
            for name in ("extract", "calibrate", "sweep", "compare", "quantize", "generate", "bench"):
                with self.subTest(kind=kind, name=name), mock.patch("time.sleep"):
                    self.assertEqual(tiller(name, "file"), [name, "--json", "--threads", "1", "file"])

    def test_what_computes_nothing_has_no_such_option(self):
        for name in ("inspect", "pull", "tokenize"):
            self.assertEqual(experiments.Tiller(self.path, 1)(name, "--", "file"), [name, "--json", "--", "file"])

    def test_without_a_number_nothing_is_said_of_threads(self):
        self.assertEqual(experiments.Tiller(self.path)("extract"), ["extract", "--json"])

    def test_a_failure_is_an_error_in_the_tools_words_and_ends_no_process(self):
        for kind in (experiments.Tiller, TillerUnderTest):
            with self.assertRaisesRegex(experiments.TillerFailed, "error: there is no such model"):
                kind(self.path, 1)("pull", "no-such-model")

    def test_a_script_ends_with_the_words_of_what_failed(self):
        def main():
            experiments.Tiller(self.path)("pull", "no-such-model")

        with self.assertRaises(SystemExit) as ended:
            experiments.ended_by(main)
        self.assertIn("error: there is no such model", ended.exception.code)


class Questions(InFolder):
    def dataset(self, text):
        path = self.folder / "dataset.json"
        path.write_text(text)
        return path

    def refusal(self, text, count=1):
        """What is said of a dataset at the start of an experiment."""
        parser = mock.Mock()
        parser.error.side_effect = SystemExit
        with self.assertRaises(SystemExit):
            experiments.check_questions(parser, [self.dataset(text)], count)
        return parser.error.call_args.args[0]

    def test_the_first_questions_are_asked(self):
        dataset = self.dataset('{"questions": ["a", "b", "c"]}')
        self.assertEqual(experiments.questions(dataset, 2), ["a", "b"])
        self.assertEqual(experiments.questions(dataset, None), ["a", "b", "c"])

    def test_a_dataset_without_a_list_of_questions_is_refused_in_words(self):
        for text in ('[{"positive": "a", "negative": "b"}]', "{}", '{"questions": 3}', '{"questions": "How?"}',
                     '{"questions": [1]}', '{"questions": []}', "null"):  # fmt: skip
            with self.subTest(text):
                self.assertIn("dataset.json has no list of questions; add some", self.refusal(text))

    def test_a_dataset_that_cannot_be_read_is_refused_in_words(self):
        self.assertIn("dataset.json cannot be read", self.refusal("{"))
        with self.assertRaisesRegex(experiments.Failed, "cannot be read: .*No such file"):
            experiments.questions(self.folder / "none.json", 1)

    def test_more_questions_than_there_are_are_refused(self):
        self.assertIn("--questions 3: ", self.refusal('{"questions": ["a", "b"]}', 3))
        self.assertIn("has 2; ask for 1 to 2", self.refusal('{"questions": ["a", "b"]}', 0))


class WriteWhole(InFolder):
    def test_what_a_link_names_is_written_and_the_link_stays(self):
        page, link = self.folder / "page.md", self.folder / "link.md"
        page.write_text("old")
        link.symlink_to(page.name)
        experiments.write_whole(link, "new")
        self.assertTrue(link.is_symlink())
        self.assertEqual(page.read_text(), "new")

    def test_a_link_to_nothing_yet_makes_what_it_names(self):
        link = self.folder / "link.md"
        link.symlink_to("page.md")
        experiments.write_whole(link, "new")
        self.assertTrue(link.is_symlink())
        self.assertEqual((self.folder / "page.md").read_text(), "new")

    def test_a_file_keeps_who_may_read_and_write_it(self):
        page = self.folder / "page.md"
        page.write_text("old")
        for mode in (0o664, 0o600):
            page.chmod(mode)
            experiments.write_whole(page, "new")
            self.assertEqual(page.stat().st_mode & 0o777, mode)

    def test_what_is_no_file_is_written_to_and_not_replaced(self):
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        experiments.write_whole(pipe, "new")
        self.assertEqual(os.read(reader, 100), b"new")
        self.assertTrue(pipe.is_fifo())

    def test_nothing_is_left_beside_the_file(self):
        experiments.write_whole(self.folder / "page.md", "new")
        self.assertEqual([path.name for path in self.folder.iterdir()], ["page.md"])


class Pages(InFolder):
    def page(self, text):
        path = self.folder / "page.md"
        path.write_text(text)
        return path

    def test_what_stands_between_the_marks_is_replaced_and_nothing_else(self):
        page = self.page("above\n<!-- m: begin -->\nold\n<!-- m: end -->\nbelow\n")
        experiments.check_page(None, page, "m")
        experiments.write(page, "m", "new")
        self.assertEqual(page.read_text(), "above\n<!-- m: begin -->\nnew\n<!-- m: end -->\nbelow\n")

    def test_a_page_without_both_marks_is_refused_before_anything_is_measured(self):
        begin, end = "<!-- m: begin -->", "<!-- m: end -->"
        for text in ("", begin, end, f"{end} {begin}", f"{begin} {begin} {end}", f"{begin} {end} {end}"):
            with self.subTest(text):
                parser = mock.Mock()
                experiments.check_page(parser, self.page(text), "m")
                self.assertIn(f"needs one line {begin}", parser.error.call_args.args[0])

    def test_a_page_that_is_not_there_is_refused_and_no_page_is_none(self):
        parser = mock.Mock()
        experiments.check_page(parser, None, "m")
        parser.error.assert_not_called()
        experiments.check_page(parser, self.folder / "none.md", "m")
        self.assertIn("cannot be read", parser.error.call_args.args[0])


if __name__ == "__main__":
    unittest.main()
