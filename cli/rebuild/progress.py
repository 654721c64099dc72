"""How far a rebuild is, for who waits at a terminal."""

from rich.console import Console

from cli.progress import Bar


class Progress(Bar):
    """A bar of messages, and their number."""

    def __init__(self, console: Console) -> None:
        super().__init__(console, "messages", total=None)
        self.events = 0

    def expect(self, messages: int) -> None:
        """So many there are at the beginning."""
        self._bars.update(self._task, total=messages)

    def fed(self, messages: int) -> None:
        """So many more are handled."""
        self.events += messages
        self._bars.update(self._task, completed=self.events)
