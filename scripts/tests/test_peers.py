import os
import sys
import unittest
from unittest import mock

from support import InFolder

from benchmark import peers
from experiments import Failed


class Repeng(InFolder):
    def ended(self, text):
        """What becomes of a repeng whose process is this shell script."""
        python = self.program("python", f"#!/bin/sh\n{text}\n")
        with mock.patch.dict(os.environ, TILLER_BENCH_REPENG=str(python)):
            return peers.repeng("model.gguf", 1, [["a", "b"]], [1, 2])

    def test_one_that_does_not_start_is_missing(self):
        for text in ("echo ImportError: torch >&2; exit 1", "kill -ILL $$"):
            with self.assertRaises(peers.Missing):
                self.ended(text)

    def test_one_that_cannot_be_run_is_missing(self):
        with mock.patch.dict(os.environ, TILLER_BENCH_REPENG=str(self.program("python", "#!/no/such/program\n"))):
            with self.assertRaises(peers.Missing):
                peers.repeng("model.gguf", 1, [["a", "b"]], [1, 2])

    def test_one_that_refuses_the_model_is_missing(self):
        with self.assertRaisesRegex(peers.Missing, "ValueError: an unknown architecture"):
            self.ended("echo started; echo ValueError: an unknown architecture >&2; exit 1")

    def test_one_that_crashes_has_failed(self):
        with self.assertRaisesRegex(Failed, "SIGKILL"):
            self.ended("echo started; kill -KILL $$")
        with self.assertRaisesRegex(Failed, "SIGSEGV"):
            self.ended("echo started; echo loaded; kill -SEGV $$")

    def test_one_that_ends_in_the_middle_of_its_work_has_failed(self):
        with self.assertRaisesRegex(Failed, "RuntimeError: singular"):
            self.ended("echo started; echo loaded; echo RuntimeError: singular >&2; exit 1")

    def test_its_last_line_is_what_it_found(self):
        found = self.ended("""echo started; echo loaded; echo '{"seconds": 2, "prompts": 4}'""")
        self.assertEqual(found, {"seconds": 2, "prompts": 4})


LLAMA = f"""#!{sys.executable}
import json, os, sys
for line in sys.stdin:
    asked = json.loads(line)["do"]
    answer = {{"version": lambda: {{"version": "0"}}, "load": lambda: LOAD, "decode": lambda: DECODE}}[asked]()
    print(json.dumps(answer), flush=True)
"""


class Llama(InFolder):
    def llama(self, load="{}", decode="{}"):
        python = self.program("python", LLAMA.replace("LOAD", load).replace("DECODE", decode))
        with mock.patch.dict(os.environ, TILLER_BENCH_LLAMA=str(python)):
            started = peers.Llama(1)
        self.addCleanup(started.close)
        return started

    def test_one_that_does_not_start_is_missing(self):
        with mock.patch.dict(os.environ, TILLER_BENCH_LLAMA=str(self.program("python", "#!/bin/sh\nexit 1\n"))):
            with self.assertRaisesRegex(peers.Missing, "does not start"):
                peers.Llama(1)

    def test_a_model_that_it_refuses_is_missing(self):
        with self.assertRaisesRegex(peers.Missing, "an unknown architecture"):
            self.llama(load='{"error": "ValueError: an unknown architecture"}').load("model.gguf")

    def test_one_that_crashes_while_it_loads_has_failed(self):
        with self.assertRaisesRegex(Failed, "SIGSEGV"):
            self.llama(load="os.kill(os.getpid(), 11)").load("model.gguf")

    def test_what_goes_wrong_after_a_model_is_loaded_has_failed(self):
        llama = self.llama(decode='{"error": "RuntimeError: llama_decode returned -3"}')
        llama.load("model.gguf")
        with self.assertRaisesRegex(Failed, "llama_decode returned -3"):
            llama.ask("decode", after=8, tokens=1, repetitions=1)


if __name__ == "__main__":
    unittest.main()
