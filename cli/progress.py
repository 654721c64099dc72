"""A bar for who waits at a terminal."""

import sys
from types import TracebackType
from typing import Self

from rich import progress
from rich.console import Console


class Bar:
    """How much of something is done, where standard error is a terminal."""

    def __init__(self, console: Console, what: str, total: int | None) -> None:
        columns = (
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TimeRemainingColumn(),
        )
        self._bars = progress.Progress(*columns, console=console, disable=not sys.stderr.isatty())
        self._task = self._bars.add_task(what, total=total)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()
