import os
import unittest
from unittest import mock

from support import InFolder

from benchmark import models
from benchmark.peers import Missing


class Paths(InFolder):
    def setUp(self):
        super().setUp()
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)
        (self.folder / "there.gguf").touch()
        self.models = models.Models(tiller=None)

    def test_a_path_is_one_that_holds_in_every_folder(self):
        self.assertEqual(self.models.path("there.gguf"), str((self.folder / "there.gguf").resolve()))

    def test_so_is_one_that_a_variable_names(self):
        with mock.patch.dict(os.environ, TILLER_BENCH_GEMMA3="there.gguf"):
            self.assertEqual(self.models.path("gemma3"), str((self.folder / "there.gguf").resolve()))

    def test_a_file_that_is_not_there_is_missing_and_the_variable_is_named(self):
        with self.assertRaisesRegex(Missing, "^there is no file none.gguf"):
            self.models.path("none.gguf")
        with mock.patch.dict(os.environ, TILLER_BENCH_GEMMA3="none.gguf"):
            for name in ("gemma3", "gemma3-Q8_0"):
                with self.assertRaisesRegex(Missing, "^TILLER_BENCH_GEMMA3: there is no file none.gguf"):
                    self.models.path(name)


if __name__ == "__main__":
    unittest.main()
