"""Ctrl-C in tests."""

import signal


def hear_interrupts() -> None:
    """In a new process: as in a terminal, also where the tests run in the background and inherit that it is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
