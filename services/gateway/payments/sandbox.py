"""The pretend bank of the local stack: it moves no money, and signs its webhooks as the Standard Webhooks say."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.base import CurrencyCode, Money
from contracts.gateway import PaymentReceived, PaymentRefunded
from services.gateway.payments import standard
from services.gateway.payments.asking import ask, refusal, understood
from services.gateway.payments.providers import (
    Checkout,
    CheckoutState,
    Id,
    Incoming,
    Notice,
    ProviderRefused,
    Purchase,
    Shop,
    Started,
    order_id_of,
)

makes_secret = True
Keys = standard.Keys

STATES = {"payment.succeeded": CheckoutState.PAID, "payment.failed": CheckoutState.FAILED}
KINDS = {"paid": "payment.succeeded", "declined": "payment.failed", "refunded": "payment.refunded"}
"""The event that would have told that a checkout is in this state."""
NO_CHECKOUT = UUID(int=0)
PREFIX = "pay_"
"""The bank names payments by the ids of their checkouts."""


class Found(BaseModel):
    """A checkout as the bank knows it; `amount` in minor units."""

    payment_id: Id
    state: Literal["open", "paid", "declined", "refunded"]
    amount: Annotated[int, Field(ge=0)]
    currency: CurrencyCode
    url: str = ""
    """Where it is paid, told when it is opened."""


async def check(shop: Shop) -> None:
    """Ask for a checkout that there is not: the bank takes no keys. See `providers.PaymentPage`."""
    await ask(shop.http, "GET", f"{shop.server}/api/checkouts/{NO_CHECKOUT}")


async def start(shop: Shop, purchase: Purchase) -> Started:
    """Open a checkout at the bank, which is told our secret with each. See `providers.PaymentPage`."""
    checkout = purchase.checkout
    asked = {
        "id": str(checkout.id),
        "order_id": str(checkout.order_id),
        "what": purchase.title,
        "amount": checkout.money.amount,
        "currency": checkout.money.currency,
        "webhook_url": purchase.webhook_url,
        "webhook_secret": shop.webhook_secret,
        "return_url": purchase.back_url,
    }
    opened = await _ask(shop, "POST", "/api/checkouts", json=asked)
    if not opened.url:
        raise ProviderRefused("the bank gave no page")
    return Started(opened.payment_id, opened.url)


async def look_up(shop: Shop, checkout: Checkout) -> Notice | None:
    """Ask the bank. See `providers.PaymentPage`."""
    found = await _ask(shop, "GET", f"/api/checkouts/{checkout.id}")
    kind = KINDS.get(found.state)
    if kind is None:
        return None
    news = {"paid": PaymentReceived, "refunded": PaymentRefunded}.get(found.state)
    money = Money(amount=found.amount, currency=found.currency)
    event_id = f"checkout:{checkout.id}:{kind}"
    notice = Notice(event_id, kind, news, found.payment_id, checkout.order_id, money)
    return _about_checkout(notice)


def read(incoming: Incoming, secrets: Sequence[str]) -> Notice:
    """Verify a webhook and translate it. Raises `BadWebhook`."""
    return _about_checkout(standard.read(incoming, secrets))


def _about_checkout(notice: Notice) -> Notice:
    return replace(notice, checkout_id=_checkout_of(notice.payment_id or ""), state=STATES.get(notice.kind))


def _checkout_of(payment_id: str) -> UUID | None:
    return order_id_of(payment_id.removeprefix(PREFIX))


async def _ask(shop: Shop, method: str, path: str, **given: Any) -> Found:
    answer = await ask(shop.http, method, f"{shop.server}{path}", **given)
    if not answer.accepted:
        raise refusal(answer)
    return understood(Found, answer.body)
