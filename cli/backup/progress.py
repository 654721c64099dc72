"""What a backup or a restore has done so far, for who waits at a terminal."""

import sys
from types import TracebackType
from typing import Self

from rich import progress
from rich.console import Console
from rich.filesize import decimal


class Progress:
    """A bar of files on a terminal; and the sums of it all."""

    def __init__(self, console: Console) -> None:
        columns = (
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TimeRemainingColumn(),
        )
        self._bars = progress.Progress(*columns, console=console, disable=not sys.stderr.isatty())
        self._task = self._bars.add_task("files", total=0)
        self._expected = 0
        self.files = 0
        self.bytes = 0
        self.row_count = 0

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

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
