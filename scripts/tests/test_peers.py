import os
import sys
import unittest
from unittest import mock

from support import InFolder

from benchmark import peers
from experiments import Failed


class Environment(InFolder):
    """Of a peer whose environment is there, with other versions than are asked for."""

    def setUp(self):
        super().setUp()
        self.place = self.folder / "bench/peer"
        self.old = self.folder / "bench/peer.old"
        (self.place / "bin").mkdir(parents=True)
        (self.place / "bin/python").write_text("#!/bin/sh\nexit 1\n")
        (self.place / "bin/python").chmod(0o755)
        (self.place / "complete").write_text("peer==1\n")
        for patch in (
            mock.patch.object(peers, "HOME", self.folder), mock.patch.dict(peers.NOT_INSTALLED), mock.patch.object(peers, "say"),
            mock.patch.dict(os.environ, PATH=f"{self.folder}:{os.environ['PATH']}", CALLS=str(self.folder / "calls")),
        ):  # fmt: skip
            patch.start()
            self.addCleanup(patch.stop)

    def environment(self, made):
        """Of version 2, by a `python3 -m venv` that is this shell script; its last argument is the folder."""
        self.program("python3", f'#!/bin/sh\necho >> "$CALLS"\nmkdir -p "$3/bin"\n{made}\n')
        return peers.environment("peer", "TILLER_BENCH_PEER", ["peer==2"], [])

    def test_one_that_cannot_be_made_anew_comes_back(self):
        with self.assertRaises(peers.Missing):
            self.environment("exit 1")
        self.assertEqual((self.place / "complete").read_text(), "peer==1\n")
        self.assertTrue((self.place / "bin/python").exists())
        self.assertFalse(self.old.exists())

    def test_what_could_not_be_made_is_not_tried_again(self):
        for _ in range(3):
            with self.assertRaisesRegex(peers.Missing, "TILLER_BENCH_PEER may name an environment"):
                self.environment("exit 1")
        self.assertEqual((self.folder / "calls").read_text(), "\n")

    def test_one_that_is_made_anew_replaces_the_old(self):
        python = self.environment("""printf '#!/bin/sh\n' > "$3/bin/python"; chmod +x "$3/bin/python" """)
        self.assertEqual((self.place / "complete").read_text(), "peer==2\n")
        self.assertEqual(python, str(self.place / "bin/python"))
        self.assertFalse(self.old.exists())

    def test_one_that_was_set_aside_when_its_maker_was_killed_comes_back(self):
        self.place.rename(self.old)
        self.place.mkdir()
        peers.recover(self.place, self.place / "complete")
        self.assertTrue((self.place / "bin/python").exists())
        self.assertFalse(self.old.exists())

    def test_the_new_one_stays_where_its_maker_was_killed_while_it_removed_the_old(self):
        (self.old / "lib").mkdir(parents=True)
        peers.recover(self.place, self.place / "complete")
        self.assertTrue((self.place / "complete").exists())
        self.assertFalse(self.old.exists())


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
