"""How the command line fails: a sentence on stderr, and an exit code that a script can use."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes; 2 is the library's own, for a misspelt command."""

    FAILED = 1
    NOT_LOGGED_IN = 3
    REFUSED = 4
    UNREACHABLE = 5
    SOME_FAILED = 6
    INTERRUPTED = 130
    """The shells' own, for Ctrl-C."""


class Failure(Exception):
    """What went wrong, in words, and the exit code."""

    def __init__(self, message: str, code: Exit = Exit.FAILED) -> None:
        super().__init__(message)
        self.code = code
