"""A webhook from ourselves, to try out a connection with: signed by its secret, and about no payment."""

from datetime import datetime

from contracts.base import uuid7
from services.gateway import standard_webhooks
from services.gateway.payments.providers import Incoming


def webhook(secret: str, now: datetime) -> Incoming:
    """As a provider by the Standard Webhooks specification would send it just now."""
    text = standard_webhooks.body(standard_webhooks.TEST, now, {})
    headers = standard_webhooks.signed(f"msg_{uuid7().hex}", text, [secret], now)
    return Incoming(text.encode(), headers, now)
