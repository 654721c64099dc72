"""What is found when one looks."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it is."""

    FINE = "fine"
    LOOK = "look"
    """It works; somebody should know."""
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and `remedy`: what to do about it."""

    state: State
    what: str
    remedy: str = ""


def fine(what: str) -> Finding:
    """Nothing is to be done."""
    return Finding(State.FINE, what)


def look(what: str, remedy: str) -> Finding:
    """It works; somebody should know."""
    return Finding(State.LOOK, what, remedy)


def broken(what: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(State.BROKEN, what, remedy)


def first_line(error: BaseException) -> str:
    """An error in a few words."""
    return f"{type(error).__name__}: {error}".splitlines()[0][:200]
