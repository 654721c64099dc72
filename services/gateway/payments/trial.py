"""Trying out a connection: the provider is asked with the studio's keys, and sends a webhook that is from ourselves."""

from datetime import datetime
from uuid import UUID

import structlog

from contracts.base import uuid7
from services.gateway import standard_webhooks
from services.gateway.errors import Problem, not_found
from services.gateway.payments.cashier import Cashier
from services.gateway.payments.providers import Incoming, ProviderRefused, ProviderUnreachable
from services.gateway.payments.registry import PAGES

log = structlog.get_logger()


async def check(cashier: Cashier, studio_id: UUID, provider: str) -> None:
    """Ask a provider that has a page whether it accepts the keys. Raises `Problem` unless it does."""
    shop = await cashier.shop(studio_id, provider)
    if shop is None:
        raise not_found("connection")
    try:
        await PAGES[provider].check(shop)
    except ProviderUnreachable as error:
        log.warning("keys not checked", provider=provider, error=str(error))
        detail = "The provider does not answer just now. Try again in a minute."
        raise Problem(503, "provider-silent", detail, headers={"Retry-After": "60"}) from None
    except ProviderRefused as error:
        log.warning("keys refused", provider=provider, error=str(error))
        detail = "The provider does not accept these keys. Copy all of them anew from its own pages."
        raise Problem(409, "keys-refused", detail) from None


def webhook(secret: str, now: datetime) -> Incoming:
    """As a provider by the Standard Webhooks specification would send it just now, about no payment."""
    text = standard_webhooks.body(standard_webhooks.TEST, now, {})
    headers = standard_webhooks.signed(f"msg_{uuid7().hex}", text, [secret], now)
    return Incoming(text.encode(), headers, now)
