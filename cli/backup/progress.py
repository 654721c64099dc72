"""What a backup or a restore has done so far, for who waits at a terminal."""

from rich.console import Console
from rich.filesize import decimal

from cli.progress import Bar


class Progress(Bar):
    """A bar of files; and the sums of it all."""

    def __init__(self, console: Console) -> None:
        super().__init__(console, "files", total=0)
        self._expected = 0
        self.files = 0
        self.bytes = 0
        self.row_count = 0

    def more(self, files: int) -> None:
        """So many more files are to be copied."""
        self._expected += files
        self._show()

    def file(self, size: int) -> None:
        """One of them is copied."""
        self.files += 1
        self.bytes += size
        self._show()

    def rows(self, number: int) -> None:
        """Of one more table."""
        self.row_count += number
        self._show()

    def _show(self) -> None:
        description = f"{self.row_count:,} rows, files of {decimal(self.bytes)}"
        self._bars.update(self._task, description=description, total=self._expected, completed=self.files)
