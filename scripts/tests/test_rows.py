import unittest

import support  # noqa: F401

from benchmark import rows


class FirstToken(unittest.TestCase):
    def test_what_the_page_cache_holds_is_said_in_plain_numbers(self):
        said = {share: rows.cached_note(share) for share in (0, 0.00012, 0.05, 0.984, 0.9996, 1.0)}
        self.assertEqual(said[0], "file not in the page cache")
        percent = {share: note.removesuffix(" of the file still in the page cache") for share, note in said.items() if share}
        self.assertEqual(percent, {0.00012: "0.012%", 0.05: "5%", 0.984: "98.4%", 0.9996: "100%", 1.0: "100%"})


if __name__ == "__main__":
    unittest.main()
