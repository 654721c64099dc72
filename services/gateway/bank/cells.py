"""Dates, amounts and currencies as banks write them."""

import re
from datetime import date
from typing import Literal

from babel.numbers import list_currencies

from contracts import money
from services.gateway.bank.text import folded

LOOKS_LIKE_AMOUNT = re.compile(r"\W*([A-Z]{3}\W*)?\d[\d\s.,'\u2019]*[.,]\d{2,3}\W*([^\W\d_]{1,3}\W*)?")
"""An amount that is known without its column's name, or what is meant to be one."""
WENT = {"d", "db", "dbit", "debit", "dr", "dt", "s", "soll", "w", "wn", "winien", "obciazenie"}
"""What banks say of money that went out, folded."""
Fault = Literal["no_amount", "other_currency", "no_date"]

_CAME = {"c", "cr", "crdt", "credit", "ct", "h", "haben", "m", "ma", "uznanie"}
_DATE = re.compile(r"'?\s*(?:(\d{4})[-./]?(\d\d)[-./]?(\d\d)|(\d\d?)[-./](\d\d?)[-./](\d{4}|\d\d))(?!\d)")
_AMOUNT = re.compile(
    r"(?P<before>\D*?)"
    r"(?P<whole>\d{1,3}(?P<group>[ .,'])\d{3}(?:(?P=group)\d{3})*|\d+)(?:(?!(?P=group))[.,](?P<part>\d{1,3}))?"
    r"(?P<after>\D*)"
)
_UNSURE = re.compile(r"\d+[.,]\d{3}")
"""Thousands for one reader, thousandths for another."""
_AROUND = re.compile(r"[^\W\d_]+|\S")
_MARKS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d", "-") | {"\u2019": "'"})
_CURRENCIES = list_currencies()
_SIGNS = {
    "€": {"EUR"},
    "£": {"GBP"},
    "$": {"USD", "AUD", "CAD", "HKD", "MXN", "NZD", "SGD", "TWD"},
    "¥": {"CNY", "JPY"},
    "zl": {"PLN"},
    "kc": {"CZK"},
    "kr": {"DKK", "ISK", "NOK", "SEK"},
    "ft": {"HUF"},
    "fr": {"CHF"},
    "lei": {"RON"},
    "₴": {"UAH"},
}
"""Folded."""


class NoAmount(Exception):
    """It cannot be told how much of our currency came in."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault: Fault = fault


def date_of(cell: str) -> date | None:
    """`2026-06-15`, `15.06.2026`, `15/06/26` with or without a time; the day is before the month."""
    found = _DATE.match(cell.strip())
    if not found:
        return None
    year, month, day, day_first, month_second, year_last = found.groups()
    try:
        if year:
            return date(int(year), int(month), int(day))
        return date(int(year_last) + (2000 if len(year_last) == 2 else 0), int(month_second), int(day_first))
    except ValueError:
        return None


def amount_of(cell: str, currency: str, stated: set[str] | None = None) -> int:
    """`1 234,50`, `-40 000,00 PLN`, `(12,50)`, `12,50 DR`, `1.234,50`, `1'234.50` in minor units; below 0: it went out.

    `stated`: the currencies that the line speaks of elsewhere. Raises `NoAmount` for anything else, also when money
    came in, but in another currency.
    """
    found = _AMOUNT.fullmatch(" ".join(cell.translate(_MARKS).split()))
    if not found:
        raise NoAmount("no_amount")
    around = _AROUND.findall(f"{found['before']} {found['after']}")
    spoken = currencies_in(" ".join(around)) or stated
    own = currency if not spoken or currency in spoken else min(spoken)
    amount = _minor_units(found, own) * _direction(around)
    if amount > 0 and own != currency:
        raise NoAmount("other_currency")
    return amount


def currencies_in(text: str) -> set[str] | None:
    """The currencies that an amount, or the name of its column, may speak of: `12,50 zł`, `Amount (EUR)`."""
    words = _AROUND.findall(text)
    codes = (word for word in words if word in _CURRENCIES)
    return next(({code} for code in codes), None) or next(
        filter(None, (_SIGNS.get(folded(each)) for each in words)), None
    )


def _minor_units(found: re.Match[str], currency: str) -> int:
    digits = money.digits(currency)
    whole, part = re.sub(r"\D", "", found["whole"]), found["part"] or "0"
    if not found["part"] and _UNSURE.fullmatch(found["whole"]) and digits:
        whole, part = re.split("[.,]", found["whole"])
    if len(part) > max(2, digits):
        raise NoAmount("no_amount")
    try:
        return money.minor_units(f"{whole}.{part}", currency)
    except ValueError:
        raise NoAmount("no_amount") from None


def _direction(around: list[str]) -> int:
    """1 for what came in, -1 for what went out. Raises `NoAmount` when what stands around an amount is none of it."""
    words = [folded(each) for each in around if each not in _CURRENCIES and each not in "'."]
    went = [word for word in words if word in WENT or word == "-"] + ["("] * (words.count("(") == words.count(")") == 1)
    came = [word for word in words if word in _CAME or word == "+"]
    known = len(went) + len(came) + sum(word in _SIGNS for word in words) + words.count(")")
    if known != len(words) or len(came) + len(went) > 1:
        raise NoAmount("no_amount")
    return -1 if went else 1
