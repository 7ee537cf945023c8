import argparse
import unittest

from support import InFolder, script

calibration = script("evaluate-calibration")


class Tool:
    """Stands in for the command line: one model with a chat template, whatever its name, and one without."""

    def __init__(self, with_template):
        self.with_template = with_template
        self.commands = []

    def __call__(self, *words):
        words = [str(word) for word in words]
        self.commands.append(words)
        return {
            "inspect": {"hasChatTemplate": words[1] == self.with_template},
            "extract": {}, "calibrate": {"negative": {"strong": -1}, "positive": {"strong": 1}},
            "sweep": {"runs": []},
        }[words[0]]

    def command(self, name):
        return next(words for words in self.commands if words[0] == name)


class Style(InFolder):
    def commands(self, model, with_template):
        tool = Tool(with_template)
        bench = calibration.Bench(argparse.Namespace(prompts=None), tool, model, "happy", self.folder)
        bench.sweep(["Hello"], [0.0], [])
        return tool.command("extract"), tool.command("sweep")

    def test_the_models_own_file_says_whether_prompts_are_raw(self):
        extract, sweep = self.commands("base.gguf", "chat.gguf")
        self.assertIn("--raw", extract)
        self.assertEqual(["--raw", "--bos"], [word for word in sweep if word in ("--raw", "--bos")])

    def test_a_models_name_says_nothing(self):
        for words in self.commands("gemma3-270m", "gemma3-270m"):
            self.assertNotIn("--raw", words)


if __name__ == "__main__":
    unittest.main()
