import unittest

from support import InFolder

from benchmark import results
from experiments import Failed

BEGIN, END = results.BY_HAND


class ByHand(InFolder):
    def kept(self, text):
        page = self.folder / "page.md"
        page.write_text(text)
        return results.by_hand(page)

    def test_what_is_written_by_hand_stays_with_its_marks(self):
        hand = f"{BEGIN}\n## How to read it\n{END}"
        self.assertEqual(self.kept(f"# Benchmarks\n\n{hand}\n\n## The machine\n"), hand)
        page = results.markdown([], {}, "scripts/bench", hand)
        self.assertEqual(self.kept(page), hand)

    def test_a_page_without_marks_and_no_page_have_nothing_by_hand(self):
        self.assertEqual(self.kept("# Benchmarks\n"), "")
        self.assertEqual(results.by_hand(self.folder / "none.md"), "")

    def test_a_page_with_one_of_the_marks_is_an_error_and_loses_nothing(self):
        for text in (f"{BEGIN} words", f"words {END}", f"{END} words {BEGIN}", f"{BEGIN} a {END} {BEGIN} b"):
            with self.subTest(text), self.assertRaisesRegex(Failed, "needs one line <!-- by hand: begin -->"):
                self.kept(text)


if __name__ == "__main__":
    unittest.main()
