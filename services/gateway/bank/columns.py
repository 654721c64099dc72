"""Which column of a bank's file is what: by the words of its header, or, without one, by how a line looks."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from services.gateway.bank.cells import LOOKS_LIKE_AMOUNT, currencies_in, date_of
from services.gateway.bank.text import folded

_ROLES = {
    "balance": "saldo|balance|kontostand",
    "sign": "soll.+haben|debit.+credit|credit.+debit|wn.+ma",
    "credit": "uznani[ae]|wplywy?|credits?|haben|gutschrift(en)?|(paid|money) in",
    "debit": "obciazeni[ae]|wydatki|debits?|soll|lastschrift(en)?|belastung(en)?|(paid|money) out",
    "amount": "kwota|amount|betrag|umsatz",
    "date": "data|date|datum|buchungstag|buchungsdatum|valutadatum|wertstellung",
    "currency": "waluta|currency|wahrung",
    "category": "kategoria|category|kategorie",  # people change it between two downloads
}
"""Words in a column's name, folded; the first role that fits is its own."""
_PATTERNS = {role: re.compile(rf"\b({words})\b") for role, words in _ROLES.items()}
_AMONG = 100
"""Lines from the start, of which one is the header."""


@dataclass(frozen=True, slots=True)
class Columns:
    """By index; what is in none of them is text."""

    date: int
    amount: int
    currency: int | None
    stated: set[str] | None
    """The currencies in the name of the amount's column."""
    sign: int | None
    """Says by a word whether money came or went."""
    no_text: frozenset[int]
    known: int
    """How many columns were recognised."""

    @classmethod
    def of_header(cls, row: list[str]) -> Self | None:
        """By a header's words; None when the row is none."""
        roles = [_role(cell) for cell in row]
        separate = "credit" in roles and ("debit" in roles or "amount" not in roles)
        amount = "credit" if separate else "amount"
        if "date" not in roles or amount not in roles:
            return None
        at = roles.index(amount)
        currencies = [index for index, role in enumerate(roles) if role == "currency"]
        return cls(
            date=roles.index("date"),
            amount=at,
            currency=next((index for index in currencies if index > at), next(iter(currencies), None)),
            stated=currencies_in(row[at]),
            sign=roles.index("sign") if "sign" in roles else None,
            no_text=frozenset(index for index, role in enumerate(roles) if role),
            known=len(roles) - roles.count(None),
        )

    @classmethod
    def of_line(cls, row: list[str]) -> Self | None:
        """Of a file without a header: two dates, texts, the amount, the balance (Santander Bank Polska)."""
        if not row or date_of(row[0]) is None:
            return None
        amounts = [index for index, cell in enumerate(row) if LOOKS_LIKE_AMOUNT.fullmatch(cell.strip())]
        dates = [re.sub(r"\d", "0", cell.strip()) for cell in row[:2]]
        if len(amounts) < 2 or len(set(dates)) > 1:
            return None  # the first line, about the account, writes its two dates in two ways
        left_out = frozenset({0, 1, *amounts[-2:], *range(amounts[-1], len(row))})
        return cls(date=0, amount=amounts[-2], currency=None, stated=None, sign=None, no_text=left_out, known=2)

    @classmethod
    def of_file(cls, rows: list[list[str]]) -> Self | None:
        """By the header, if one of the first rows is one."""
        found = [columns for row in rows[:_AMONG] if (columns := cls.of_header(row))]
        return max(found, key=lambda columns: columns.known, default=None)


def has_no_header(rows: Iterable[list[str]]) -> bool:
    """Whether some of these rows are such as need none."""
    return any(Columns.of_line(row) for row in rows)


def _role(cell: str) -> str | None:
    name = folded(cell)
    return next((role for role, pattern in _PATTERNS.items() if pattern.search(name)), None)
