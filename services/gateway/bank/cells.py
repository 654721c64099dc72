"""Dates, amounts and currencies as banks write them."""

import re
from datetime import date

from babel.numbers import list_currencies

from contracts import money

LOOKS_LIKE_AMOUNT = re.compile(r"[+\-\u2212]?\d[\d\s.,']*[.,]\d\d(\s*[A-Z]{3})?")
"""An amount that is known without its column's name."""

_DATE = re.compile(r"'?\s*(?:(\d{4})[-./]?(\d\d)[-./]?(\d\d)|(\d\d?)[-./](\d\d?)[-./](\d{4}|\d\d))(?!\d)")
_AMOUNT = re.compile(r"([+-]?)([\d.,]*?\d)(?:[.,](\d\d?))?([+-]?)")
_CURRENCIES = list_currencies()
_SIGNS = {"€": "EUR", "zł": "PLN", "£": "GBP"}


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


def amount_of(cell: str, currency: str) -> int | None:
    """`1 234,50`, `-40 000,00 PLN`, `+1800.00`, `1.234,50`, `1,234.50` in minor units of a currency; else None."""
    found = _AMOUNT.fullmatch(re.sub(r"[^\d.,+-]", "", cell.replace("\u2212", "-")).rstrip(".,"))
    if not found or currency_in(cell) not in (None, currency):
        return None
    sign, whole, part, sign_after = found.groups()
    try:
        amount = money.minor_units(f"{re.sub('[.,]', '', whole)}.{part or 0}", currency)
    except ValueError:
        return None
    return -amount if "-" in (sign, sign_after) else amount


def currency_in(cell: str) -> str | None:
    """The currency that an amount, or the name of its column, speaks of: `12,50 zł`, `Amount (EUR)`."""
    codes = (code for code in re.findall(r"(?<![^\W\d])[A-Z]{3}(?![^\W\d])", cell) if code in _CURRENCIES)
    return next(codes, None) or next((code for sign, code in _SIGNS.items() if sign in cell), None)
