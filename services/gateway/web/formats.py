"""Moments, waits and sizes in the reader's form."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal

from contracts.orders import Locale
from mails import words


def moment(at: datetime | str, locale: Locale, zone: ZoneInfo) -> str:
    """`12 Jun 2026, 18:05`; `at` may be RFC 3339, as PostgreSQL and the API write it."""
    return words.moment(_parsed(at).astimezone(zone), locale)


def day(at: datetime | str, locale: Locale, zone: ZoneInfo) -> str:
    """`14 June 2026`"""
    return format_date(_parsed(at).astimezone(zone), "d MMMM y", locale=locale)


def short_day(at: datetime | date | str, locale: Locale, zone: ZoneInfo) -> str:
    """`14 Jun`; of another year `14 Jun 2025`."""
    at = _parsed(at) if isinstance(at, str) else at
    shown = at.astimezone(zone).date() if isinstance(at, datetime) else at
    pattern = "d MMM" if shown.year == datetime.now(zone).year else "d MMM y"
    return format_date(shown, pattern, locale=locale)


def until(at: datetime, locale: Locale) -> str:
    """`in 5 minutes`; of what is due already, `in 1 second`."""
    left = max(at - datetime.now(UTC), timedelta(seconds=1))
    return format_timedelta(left, add_direction=True, locale=locale)


def days_left(at: datetime | str) -> int:
    """Whole days until then; 0 in the last one."""
    return max(0, (_parsed(at) - datetime.now(UTC)).days)


def size(of_bytes: int, locale: Locale) -> str:
    """`940 kB`, `3.8 MB`, `1.2 GB`; thousands, as file managers count."""
    for unit, digits, name in ((1e9, "0.0", "GB"), (1e6, "0.0", "MB")):
        if of_bytes >= unit:
            return f"{format_decimal(of_bytes / unit, digits, locale=locale)} {name}"
    return f"{format_decimal(of_bytes / 1e3, '0', locale=locale)} kB"


def _parsed(at: datetime | str) -> datetime:
    return at if isinstance(at, datetime) else datetime.fromisoformat(at)
