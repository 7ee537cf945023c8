import json
import unittest
from types import SimpleNamespace
from unittest import mock

from support import InFolder

from benchmark import rows
from experiments import Failed


class Extraction(InFolder):
    """Of a model whose tokens are characters."""

    def session(self, suffixes, prompts):
        """Of a tiller that has extracted from so many prompts."""
        path = self.folder / "suffixes.json"
        path.write_text(json.dumps(suffixes))
        report = {"prompts": prompts, "tokens": 1, "computedTokens": 1, "seconds": 1, "layers": [{"layer": 1}]}

        def tiller(name, *words):
            return {"pieces": list(words[-1])} if name == "tokenize" else report

        self.given = []
        llama = SimpleNamespace(load=lambda path: None, ask=lambda do, texts: self.given.extend(texts) or {"seconds": 1})
        return SimpleNamespace(
            tiller=tiller, llama=llama, rounds=1, options=SimpleNamespace(suffixes=str(path), part=100),
            models=SimpleNamespace(path=lambda name: name))  # fmt: skip

    def against_llama(self, suffixes, prompts):
        quiet = mock.patch.object(rows, "say")
        quiet.start()
        self.addCleanup(quiet.stop)
        every = dict(rows.extraction_rows(self.session(suffixes, prompts), self.folder))
        return every["extraction against llama.cpp, its prompts alone"]

    def test_peers_get_what_truncate_makes_of_each_suffix(self):
        pairs = rows.extraction_pairs(self.session([], 0), ["", "a", "bcd"], "model")
        happy = rows.CHAT.format(persona="happy")
        self.assertEqual([a.removeprefix(happy) for a, _ in pairs if a.startswith(happy)], ["b", "bc"])
        self.assertEqual(len(pairs), 4)
        self.assertIn((rows.CHAT.format(persona="joyous") + "bc", rows.CHAT.format(persona="depressed") + "bc"), pairs)

    def test_a_peer_is_timed_on_prompts_that_tiller_extracts_from(self):
        self.assertEqual(self.against_llama(["", "bcd"], 8)().note, "8 of 8 prompts timed for the peer")
        self.assertEqual(len(self.given), 8)

    def test_other_prompts_than_tillers_are_a_failure(self):
        with self.assertRaisesRegex(Failed, "16 prompts, its peers would have 8"):
            self.against_llama(["", "bcd"], 16)()


class Bandwidth(InFolder):
    """Of two models of which decode reads 80 MB a token, at 100 and 200 tokens/s."""

    def setUp(self):
        super().setUp()
        self.found = iter([20, 40, 30, 80])
        self.session = SimpleNamespace(
            rounds=1, best_bandwidth=None, bandwidth=self.bandwidth, options=SimpleNamespace(models=["a", "b"], large=None, decode=8),
            models=SimpleNamespace(path=lambda name: str(self.folder / name)),
            tiller=SimpleNamespace(path="tiller", bench=lambda path, *words: self.runs[path[-1]]))  # fmt: skip
        self.runs = {
            "a": {"decodeFromStart": {"tokensPerSecond": 100}, "bytesPerToken": 80_000_000},
            "b": {"decodeFromStart": {"tokensPerSecond": 200}, "bytesPerToken": 80_000_000},
        }
        for name in self.runs:
            (self.folder / name).touch()

    def bandwidth(self):
        now = next(self.found)
        self.session.best_bandwidth = max(self.session.best_bandwidth or 0, now)
        return now

    def test_all_rows_are_shares_of_the_best_of_the_whole_run(self):
        found = [measure() for _, measure in rows.bandwidth(self.session)]
        self.assertEqual([row.value for row in found], [0.1, 0.2])
        self.assertEqual(found[0].note, "of 80.0 GB/s, the best seen; 20% of what there was beside it; 80 MB a token")
        self.assertEqual(found[1].note, "of 80.0 GB/s, the best seen; 20% of what there was beside it; 80 MB a token")

    def test_a_row_has_a_share_as_soon_as_it_is_measured(self):
        _, measure = next(rows.bandwidth(self.session))
        self.assertEqual(measure().value, 0.2)

    def test_a_tiller_that_does_not_say_what_a_token_reads_is_a_failure(self):
        del self.runs["a"]["bytesPerToken"]
        _, measure = next(rows.bandwidth(self.session))
        with self.assertRaisesRegex(Failed, "tiller bench --json has no bytesPerToken.*build it anew"):
            measure()


class FirstToken(unittest.TestCase):
    def test_what_the_page_cache_holds_is_said_in_plain_numbers(self):
        said = {share: rows.cached_note(share) for share in (0, 0.00012, 0.05, 0.984, 0.9996, 1.0)}
        self.assertEqual(said[0], "file not in the page cache")
        percent = {share: note.removesuffix(" of the file still in the page cache") for share, note in said.items() if share}
        self.assertEqual(percent, {0.00012: "0.012%", 0.05: "5%", 0.984: "98.4%", 0.9996: "100%", 1.0: "100%"})


if __name__ == "__main__":
    unittest.main()
