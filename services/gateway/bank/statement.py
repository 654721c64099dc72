"""Incoming transfers in a file that a bank gives out: CSV in any of the usual habits."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from io import StringIO
from itertools import chain, islice

from services.gateway.bank.cells import amount_of, date_of
from services.gateway.bank.columns import Columns, has_no_header
from services.gateway.bank.text import decoded, folded
from services.gateway.errors import Problem

DELIMITERS = ";,\t"
LONGEST = 1_000
"""Characters of a text; no bank's is longer."""
_LONGEST_ROW = 20
"""Lines; a quotation mark that is left open would swallow all that follow."""
_LOOKED_AT = 200
"""Rows from the start that tell the delimiter and the columns."""
_WENT = {"d", "dbit", "debit", "dt", "s", "soll", "w", "wn", "winien", "obciazenie"}
"""What a column of signs says of money that went out, folded."""


@dataclass(frozen=True, slots=True)
class Line:
    """Money that came in. `folded`: the text as it is compared."""

    number: int
    date: date
    amount: int
    text: str
    folded: str
    fingerprint: bytes
    """The same in every file that has this line; equal lines of one file are told apart by their count."""


def incoming(data: bytes, currency: str, fingerprint: Callable[[bytes], bytes]) -> list[Line]:
    """The incoming transfers in this currency, in the file's order.

    Raises `Problem` 413 for a file that is too large, 422 for one that is no bank's CSV; both say what to do.
    """
    text = decoded(data)
    delimiter, columns = _form_of(text)
    try:
        return list(_lines(text, delimiter, columns, currency, fingerprint))
    except csv.Error:
        detail = "A quotation mark in this file is never closed. In your bank, export a period without that transfer."
        raise Problem(422, "broken-csv", detail, field="file") from None


def _lines(
    text: str, delimiter: str, columns: Columns | None, currency: str, fingerprint: Callable[[bytes], bytes]
) -> Iterator[Line]:
    seen: Counter[str] = Counter()
    for number, row in _rows(text, delimiter):
        its = columns or Columns.of_line(row)
        read = _transfer(row, its, currency) if its else None
        if its and read:
            cells = (" ".join(cell.split()) for index, cell in enumerate(row) if index not in its.no_text)
            shown = " · ".join(filter(None, cells))[:LONGEST]
            plain = folded(shown)
            same = f"{read[0]} {read[1]} {currency} {plain}"
            seen[same] += 1
            yield Line(number, *read, shown, plain, fingerprint(f"bank {same} {seen[same]}".encode()))


def _transfer(row: list[str], columns: Columns, currency: str) -> tuple[date, int] | None:
    """When and how much came in; None for money that went out, and for what is no transfer."""
    cells = dict(enumerate(row))
    day = date_of(cells.get(columns.date, ""))
    amount = amount_of(cells.get(columns.amount, ""), currency)
    if day is None or amount is None or amount <= 0:
        return None
    went = columns.sign is not None and folded(cells.get(columns.sign, "").strip()) in _WENT
    stated = cells.get(columns.currency, "").strip() if columns.currency is not None else columns.stated
    return None if went or (stated and stated != currency) else (day, amount)


def _form_of(text: str) -> tuple[str, Columns | None]:
    """The delimiter, and the columns where a header names them: with which most of the file is understood."""
    starts = {delimiter: _start(text, delimiter) for delimiter in DELIMITERS}
    found = {delimiter: columns for delimiter, rows in starts.items() if (columns := Columns.of_file(rows))}
    if found:
        best = max(found, key=lambda delimiter: found[delimiter].known)
        return best, found[best]
    for delimiter, rows in starts.items():
        if has_no_header(rows):
            return delimiter, None
    raise _unknown()


def _start(text: str, delimiter: str) -> list[list[str]]:
    """The first rows, as far as they can be read with this delimiter."""
    rows: list[list[str]] = []
    with suppress(csv.Error):
        for _, row in islice(_rows(text, delimiter), _LOOKED_AT):
            rows.append(row)
    return rows


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of the line that it begins in. Raises `csv.Error` when a quotation mark is left open."""
    after = ["\n"] * _LONGEST_ROW  # what is left open in the last rows runs on into these
    reader, number = csv.reader(chain(StringIO(text, newline=""), after), delimiter=delimiter), 1
    for row in reader:
        if reader.line_num - number >= _LONGEST_ROW:
            raise csv.Error
        yield number, row
        number = reader.line_num + 1


def _unknown() -> Problem:
    detail = (
        "No line with a date and an amount was found in this file. In your bank, export the account's history as CSV "
        "and send the file as it is."
    )
    return Problem(422, "no-statement", detail, field="file")
