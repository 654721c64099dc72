"""Small rules of wording: what may stand in a line, and plurals."""

import re
import unicodedata
from datetime import datetime

from babel.dates import format_datetime

from contracts.orders import Locale

LONGEST_NAME = 100
_TURNS_TEXT = re.compile("[\u202a-\u202e\u2066-\u2069]")


def one_line(text: str) -> str:
    """`text` without anything that could end a line, turn its direction, or break UTF-8."""
    kept = ("" if _TURNS_TEXT.match(char) else _printable(char) for char in text)
    return " ".join("".join(kept).split())


def short_name(name: str) -> str:
    """A name as it stands in a line of a mail."""
    line = one_line(name)
    return line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 1]}…"


def lines(text: str) -> list[str]:
    """The lines of a longer text, each fit to be shown."""
    return [one_line(line) for line in text.strip().splitlines()]


def _printable(char: str) -> str:
    return " " if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") else char


def moment(at: datetime, locale: Locale) -> str:
    """`12 Jun 2026, 18:05`, in the time zone that `at` is in."""
    return format_datetime(at, "d MMM y, HH:mm", tzinfo=at.tzinfo, locale=locale)


def english(count: int, one: str, many: str) -> str:
    """The English form that goes with `count`."""
    return one if count == 1 else many


def polish(count: int, one: str, few: str, many: str) -> str:
    """The Polish form that goes with `count`: 1 zdjęcie, 2 zdjęcia, 5 zdjęć, 12 zdjęć, 22 zdjęcia (Unicode CLDR)."""
    if count == 1:
        return one
    return few if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14) else many
