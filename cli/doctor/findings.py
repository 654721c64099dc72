"""What is found when one looks."""

from dataclasses import dataclass
from enum import StrEnum
from textwrap import shorten


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


def short(error: BaseException) -> str:
    """An error in a few words."""
    name = "" if str(error) else type(error).__name__
    return shorten(f"{name}{error}", 200, placeholder=" …")


def several(number: int, noun: str, verb: str = "") -> str:
    """A number of things, and what each of them does."""
    words = f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
    return f"{words} {verb}{'s' * (number == 1)}" if verb else words
