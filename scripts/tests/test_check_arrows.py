import unittest
from unittest import mock

from support import SCRIPTS, script

arrows = script("check-arrows")


class Arrows(unittest.TestCase):
    def setUp(self):
        self.modules = {*arrows.ARROWS, *arrows.C_MODULES}

    def test_an_arrow_to_a_module_that_is_not_there_is_found_with_its_line(self):
        found = list(arrows.dangling(self.modules - {"GGUF"}))
        lines = (SCRIPTS / "check-arrows").read_text().splitlines()
        self.assertEqual({name for _, name in found}, {"GGUF"})
        for line, _ in found:
            self.assertIn('"GGUF"', lines[line - 1])
        # Its own, and one from each module that may import it.
        self.assertEqual(len(found), 1 + sum("GGUF" in targets for targets in arrows.ARROWS.values()))

    def test_a_c_module_that_is_not_there_is_found_too(self):
        lines = [line for line, _ in arrows.dangling(self.modules - {"CSQLite"})]
        self.assertEqual(len(lines), 2)

    def test_arrows_between_modules_that_are_there_are_in_order(self):
        self.assertEqual(list(arrows.dangling(self.modules)), [])

    def test_an_arrow_to_a_swift_module_goes_on_and_one_to_a_c_module_does_not(self):
        with mock.patch.dict(arrows.ARROWS, {"A": ["B"], "B": ["C", "CKernels"], "C": []}, clear=True):
            self.assertEqual(arrows.reachable("A"), {"B", "C"})
            self.assertEqual(arrows.reachable("B"), {"C", "CKernels"})


if __name__ == "__main__":
    unittest.main()
