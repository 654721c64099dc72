"""A gallery's settings between the form and the API."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from contracts.money import decimal, minor_units
from services.gateway.errors import Problem
from services.gateway.web.forms import Texts

AT_MOST = 1_000_000_000
"""Minor units: what the API takes."""
MOST_DAYS = 365
MOST_PHOTOS = 10_000
LONGEST_NUMBER = 10
"""Digits."""


def typed_settings(data: FormData, zone: ZoneInfo) -> dict[str, Any]:
    """What a posted form says, as the API takes it. Raises `Problem` 422 for an amount that is none."""
    texts = Texts((name, value.strip()) for name, value in Texts.of(data).items())
    currency = texts["currency"].upper()
    return {
        "name": texts["name"],
        "welcome": texts["welcome"],
        "locale": texts["locale"],
        "currency": currency,
        "price_per_photo": typed_price(texts["price_per_photo"], currency, "price_per_photo"),
        "bundles": list(_bundles(data, currency)),
        "allow_free_orders": "allow_free_orders" in data,
        "payment_instructions": texts["payment_instructions"],
        "download_policy": _policy(data),
        "order_deadline": _moment(texts["order_deadline"], zone, "order_deadline"),
        "keep_until": _moment(texts["keep_until"], zone, "keep_until"),
        "access_code": texts["access_code"] or None,
        "watermark": texts["watermark"] or None,
        "auto_notify": "auto_notify" in data,
        "remind_unpaid_days": _days(texts["remind_unpaid_days"], "remind_unpaid_days"),
        "remind_download_days": _days(texts["remind_download_days"], "remind_download_days"),
    }


def shown_settings(gallery: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """What the form shows of a gallery as the API shows it."""
    currency = gallery["currency"]
    return {
        **gallery,
        "price_per_photo": _number(gallery["price_per_photo"], currency),
        "bundles": [
            {"photos": bundle["photos"], "price": _number(bundle["price"], currency)} for bundle in gallery["bundles"]
        ],
        **{name: _typed(gallery[name], zone) for name in ("order_deadline", "keep_until")},
    }


def _policy(data: FormData) -> str:
    """The two boxes of S3; the second includes the first."""
    if "anyone" in data:
        return "anyone"
    return "ordered_and_paid" if "ordered_and_paid" in data else "none"


def _bundles(data: FormData, currency: str) -> Iterator[dict[str, int]]:
    """The rows of the price list that are filled in."""
    rows = zip_longest(data.getlist("bundle_photos"), data.getlist("bundle_price"), fillvalue="")
    for photos, price in rows:
        if photos or price:
            yield {"photos": _count(str(photos)), "price": typed_price(str(price), currency, "bundle_price")}


def _count(typed: str) -> int:
    if not _is_number(typed.strip(), MOST_PHOTOS):
        raise Problem(422, "no-number", "Enter a whole number from 1 to 10,000.", field="bundle_photos")
    return int(typed)


def _is_number(typed: str, most: int) -> bool:
    """Whether it is a number from 1 to `most`; longer ones are not even read."""
    return typed.isdecimal() and len(typed) <= LONGEST_NUMBER and 1 <= int(typed) <= most


def typed_price(typed: str, currency: str, field: str) -> int:
    """A price that was typed into `field`, in minor units. Raises `Problem` 422 for one that is none."""
    try:
        amount = minor_units(typed, currency)
    except ValueError:
        amount = -1
    if not 0 <= amount <= AT_MOST:
        raise Problem(422, "no-amount", "Enter an amount like 12.50", field=field)
    return amount


def _days(typed: str, field: str) -> int | None:
    """After how many days a reminder goes by itself; None where nothing was typed."""
    if not typed:
        return None
    if not _is_number(typed, MOST_DAYS):
        raise Problem(422, "no-days", "Enter a number of days from 1 to 365, or nothing.", field=field)
    return int(typed)


def _typed(moment: str | None, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(zone):%Y-%m-%dT%H:%M}" if moment else ""


def _moment(typed: str, zone: ZoneInfo, field: str) -> str | None:
    if not typed:
        return None
    try:
        return f"{datetime.fromisoformat(typed).replace(tzinfo=zone).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError):
        raise Problem(422, "no-moment", "Enter a day and a time.", field=field) from None


def _number(amount: int, currency: str) -> str:
    return f"{decimal(amount, currency):f}"
