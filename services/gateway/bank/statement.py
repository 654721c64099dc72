"""Incoming transfers in a file that a bank gives out: CSV in any of the usual habits."""

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO
from itertools import chain, islice

from contracts.base import utc_now
from services.gateway.bank.cells import WENT, Fault, NoAmount, amount_of, currencies_in, date_of
from services.gateway.bank.columns import Columns, has_no_header
from services.gateway.bank.text import decoded, folded
from services.gateway.errors import Problem

DELIMITERS = ";,\t"
LONGEST = 1_000
"""Characters of a text; no bank's is longer."""
_LONGEST_ROW = 20
"""Lines; a quotation mark that is left open would swallow all that follow."""
_MOST_CELLS = 200
"""In a row; no bank's has more than some dozens."""
_LOOKED_AT = 200
"""Rows from the start that tell the delimiter and the columns."""
_WORD_SHOWN = 100
"""Characters of an amount that is none."""


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


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that may be money that came in, and cannot be used. `amount` as it stands there.

    `date`: None when it cannot be read, or is in the future: then the file may have the month before the day.
    """

    number: int
    date: date | None
    amount: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class Statement:
    """What a file says, in its order."""

    lines: list[Line]
    unread: list[Unread]


def incoming(data: bytes, currency: str, fingerprint: Callable[[bytes], bytes]) -> Statement:
    """The incoming transfers in this currency.

    Raises `Problem` 413 for a file that is too large, 422 for one that is no bank's CSV; both say what to do.
    """
    text = decoded(data)
    delimiter, columns = _form_of(text)
    statement, seen = Statement([], []), Counter[str]()
    latest = utc_now().date() + timedelta(days=1)  # wherever the bank is
    for number, row in _rows(text, delimiter):
        its = columns or Columns.of_line(row)
        if its is None or not any(map(str.isdigit, row[its.date] if its.date < len(row) else "")):
            continue
        cells = defaultdict(str, enumerate(row))
        day = _until(latest, date_of(cells[its.date]))
        shown_amount = cells[its.amount].strip()[:_WORD_SHOWN]
        try:
            amount = _came_in(cells, its, currency)
        except NoAmount as error:
            if day:
                statement.unread.append(Unread(number, day, shown_amount, error.fault))
            continue
        if amount and day is None:
            statement.unread.append(Unread(number, None, shown_amount, "no_date"))
        elif amount and day:
            shown = _text(row, its)
            plain = folded(shown)
            same = f"{day} {amount} {currency} {plain}"
            seen[same] += 1
            its_own = fingerprint(f"bank {same} {seen[same]}".encode())
            statement.lines.append(Line(number, day, amount, shown, plain, its_own))
    return statement


def _until(latest: date, day: date | None) -> date | None:
    return day if day and day <= latest else None


def _came_in(cells: Mapping[int, str], columns: Columns, currency: str) -> int:
    """How much came in; 0: nothing, or money went out. Raises `NoAmount`."""
    cell = cells[columns.amount]
    went = columns.sign is not None and folded(cells[columns.sign].strip()) in WENT
    if went or not cell.strip():
        return 0
    stated = columns.stated
    if columns.currency is not None and (its := cells[columns.currency].strip()):
        stated = currencies_in(its) or {its}
    return max(0, amount_of(cell, currency, stated))


def _text(row: list[str], columns: Columns) -> str:
    cells = (" ".join(cell.split()) for index, cell in enumerate(row) if index not in columns.no_text)
    return " · ".join(filter(None, cells))[:LONGEST]


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
    with suppress(Problem):
        for _, row in islice(_rows(text, delimiter), _LOOKED_AT):
            rows.append(row)
    return rows


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of the line that it begins in. Raises `Problem` 422 for one that no bank writes."""
    after = ["\n"] * _LONGEST_ROW  # what is left open in the last rows runs on into these
    reader, number = csv.reader(chain(StringIO(text, newline=""), after), delimiter=delimiter), 1
    try:
        for row in reader:
            if reader.line_num - number >= _LONGEST_ROW:
                raise _open()
            if len(row) > _MOST_CELLS:
                raise _too_long(number)
            yield number, row
            number = reader.line_num + 1
    except csv.Error:  # a cell is longer than the library takes: by itself, or with the lines that follow
        raise (_too_long(number) if reader.line_num <= number else _open()) from None


def _open() -> Problem:
    detail = "A quotation mark in this file is never closed. In your bank, export a period without that transfer."
    return Problem(422, "broken-csv", detail, field="file")


def _too_long(number: int) -> Problem:
    detail = (
        f"Line {number} of this file is longer than any bank's. In your bank, export the account's history as CSV and "
        "send the file as it is."
    )
    return Problem(422, "line-too-long", detail, field="file")


def _unknown() -> Problem:
    detail = (
        "No line with a date and an amount was found in this file. In your bank, export the account's history as CSV "
        "and send the file as it is."
    )
    return Problem(422, "no-statement", detail, field="file")
