"""Text that opens well in a spreadsheet, and does nothing there but stand in its cell."""

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO

from contracts.orders import Locale

BOM = "\ufeff"
"""Without it Excel takes UTF-8 for something else."""

_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What a cell begins with that a spreadsheet computes (OWASP, "CSV Injection"); the last four are full-width forms."""

Cell = str | int | Decimal | datetime | None


def lines(rows: Iterable[Iterable[Cell]], locale: Locale) -> str:
    """Rows as CSV (RFC 4180); Polish spreadsheets expect semicolons, and commas in numbers."""
    text = StringIO()
    writer = csv.writer(text, delimiter=";" if locale == "pl" else ",", lineterminator="\r\n")
    writer.writerows([_shown(cell, locale) for cell in row] for row in rows)
    return text.getvalue()


def _shown(cell: Cell, locale: Locale) -> str:
    match cell:
        case str():
            return f"'{cell}" if cell.startswith(_FORMULA) or _loses_zeros(cell) else cell
        case Decimal():
            return str(cell).replace(".", ",") if locale == "pl" else str(cell)
        case datetime():
            return f"{cell.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        case None:
            return ""
        case _:
            return str(cell)


def _loses_zeros(text: str) -> bool:
    """Whether a spreadsheet takes the text for a number and drops its first digits: `0048 600…` without spaces."""
    return text.startswith("0") and text.isdigit()
