"""Mails for tests; what a test does not name is made up."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from contracts.base import Money
from mails.writing import Facts, OrderFacts

GALLERY = "https://photos.example.com/galleries/01a218b0-5f10-7365-b515-5a9984573033/transfer"
RESET = "https://photos.example.com/reset/CsvSJPy5rBd_vuFCjp7RIBEsw6TnQzL3GBdGMdqIVJ4"
PERSONAL = "https://photos.example.com/c/xL3_kh2edGnGRAP7h1NDEyon910mZryRyoHKPuDsGWg"


def order_facts(**given: Any) -> OrderFacts:
    """An order of six photos."""
    made = {"number": 7, "photos": 6, "total": Money(amount=7200, currency="PLN"), "url": PERSONAL}
    return OrderFacts(**{**made, **given})


def facts(*orders: OrderFacts, **given: Any) -> Facts:
    """What a mail to Anna is about."""
    made = {
        "gallery": "Klasa 3b",
        "studio": "Studio Żółw",
        "studio_email": "studio@example.com",
        "payment_instructions": "Konto 12 3456 7890 1234 5678 9012 3456\nTytuł: numer zamówienia",
        "client": "Anna Nowak",
        "orders": orders or (order_facts(),),
        "keep_until": datetime(2026, 6, 14, 20, tzinfo=ZoneInfo("Europe/Warsaw")),
        "gallery_url": GALLERY,
        "reset_url": RESET,
        "expires_at": datetime(2026, 6, 14, 21, 30, tzinfo=ZoneInfo("Europe/Warsaw")),
    }
    return Facts(**{**made, **given})
