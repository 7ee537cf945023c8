import os
import unittest

from support import InFolder

import experiments


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


if __name__ == "__main__":
    unittest.main()
