"""What the tests of these scripts share. They need no model, no build and nothing that is not Python's own."""

import importlib.machinery
import importlib.util
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
SCRIPTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SCRIPTS))


def script(name):
    """A script as a module, which does nothing until its `main` is called."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), str(SCRIPTS / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


class InFolder(unittest.TestCase):
    """A test with a folder of its own, which is removed behind it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="tiller-scripts-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def program(self, name, text):
        """A program in the folder that stands in for another."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
        return path
