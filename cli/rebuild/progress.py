"""How far a rebuild is, for who waits at a terminal."""

import sys
from types import TracebackType
from typing import Self

from rich import progress
from rich.console import Console


class Progress:
    """A bar of messages on a terminal, and their number."""

    def __init__(self, console: Console) -> None:
        columns = (
            progress.TextColumn("messages"),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TimeRemainingColumn(),
        )
        self._bars = progress.Progress(*columns, console=console, disable=not sys.stderr.isatty())
        self._task = self._bars.add_task("messages", total=None)
        self.events = 0

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def expect(self, messages: int) -> None:
        """So many there are at the beginning."""
        self._bars.update(self._task, total=messages)

    def fed(self, messages: int) -> None:
        """So many more are handled."""
        self.events += messages
        self._bars.update(self._task, completed=self.events)
