"""Przelewy24, REST API 1.0.16. Amounts are in grosze, as ours.

A notification settles nothing: the money is the studio's once we have sent the amount back (`transaction/verify`). That
is done when the payment is looked up, which a notification asks for at once.
"""

import hmac
import json
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha384
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from contracts.base import ONE_LINE, CurrencyCode, Money
from contracts.gateway import PaymentReceived, PaymentRefunded
from services.gateway.payments.asking import Answer, ask, refusal, understood
from services.gateway.payments.providers import (
    BadWebhook,
    Checkout,
    CheckoutState,
    Incoming,
    Notice,
    ProviderRefused,
    Purchase,
    Secret,
    Shop,
    Started,
    order_id_of,
    unreadable,
)

makes_secret = False

LANGUAGES = ("pl", "en")
LONGEST_DESCRIPTION = 1024

Text = Annotated[str, StringConstraints(max_length=1_000), ONE_LINE]
Session = Annotated[str, StringConstraints(min_length=1, max_length=100), ONE_LINE]
Number = Annotated[int, Field(ge=0, le=2**63 - 1, strict=True)]


class Keys(BaseModel):
    """Numbers and keys as the panel of Przelewy24 shows them; `pos_id` only where it is not the merchant's number."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    merchant_id: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,10}$")]
    pos_id: Annotated[str, StringConstraints(pattern=r"^[0-9]{0,10}$")] = ""
    api_key: Secret
    webhook_secret: Secret = Field(alias="crc")


class Notification(BaseModel):
    """Somebody has paid; in the order in which it is signed."""

    merchantId: Number
    posId: Number
    sessionId: Session
    amount: Number
    originAmount: Number
    currency: CurrencyCode
    orderId: Number
    methodId: Number
    statement: Text


class RefundNotification(BaseModel):
    """A refund was done (0) or rejected (1); in the order in which it is signed."""

    orderId: Number
    sessionId: Session
    refundsUuid: Session
    merchantId: Number
    amount: Number
    currency: CurrencyCode
    status: Number


class Signed(BaseModel):
    """What tells the two apart."""

    sign: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{96}$")]
    refundsUuid: Session | None = None


class Registered(BaseModel):
    """By its token the client finds the page."""

    token: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,100}$")]


class Transaction(BaseModel):
    """0: nobody paid, 1: paid and not verified, 2: paid, 3: returned."""

    orderId: Number
    amount: Number
    currency: CurrencyCode
    status: Literal[0, 1, 2, 3]


async def check(shop: Shop) -> None:
    """Try the numbers and the API key; the CRC key is not asked for. See `providers.PaymentPage`."""
    answer = await _ask(shop, "GET", "testAccess")
    if not answer.accepted or answer.body.get("data") is not True:
        raise refusal(answer, answer.body.get("code"))


async def start(shop: Shop, purchase: Purchase) -> Started:
    """Register a transaction; its `sessionId` is the checkout's id. See `providers.PaymentPage`."""
    checkout = purchase.checkout
    ids = _ids(shop)
    signed = {
        "sessionId": str(checkout.id),
        "merchantId": ids["merchantId"],
        "amount": checkout.money.amount,
        "currency": checkout.money.currency,
    }
    wanted = {
        **signed,
        "posId": ids["posId"],
        "description": purchase.title[:LONGEST_DESCRIPTION],
        "email": purchase.email,
        "country": "PL",
        "language": purchase.locale if purchase.locale in LANGUAGES else "en",
        "urlReturn": purchase.back_url,
        "urlStatus": purchase.webhook_url,
        "sign": sign(signed, shop.webhook_secret),
        "encoding": "UTF-8",
    }
    answer = await _ask(shop, "POST", "transaction/register", json=wanted)
    token = understood(Registered, _data(answer)).token
    return Started(token, f"{shop.server}/trnRequest/{token}")


async def look_up(shop: Shop, checkout: Checkout) -> Notice | None:
    """Read a transaction, and verify it where somebody has paid. See `providers.PaymentPage`."""
    answer = await _ask(shop, "GET", f"transaction/by/sessionId/{checkout.id}")
    if answer.status == 404:
        return None
    found = understood(Transaction, _data(answer))
    money, kind = Money(amount=found.amount, currency=found.currency), "verified"
    match found.status:
        case 0:
            return None
        case 1:
            try:
                await _verify(shop, checkout, found.orderId)
            except ProviderRefused:
                if money == checkout.money:
                    raise
                kind = "not verified"  # told all the same: it is too much or too little to pay the order
        case 3:
            return Notice(
                f"checkout:{checkout.id}:returned", "returned", checkout_id=checkout.id, state=CheckoutState.FAILED
            )
    return Notice(
        f"checkout:{checkout.id}:{kind}",
        kind,
        PaymentReceived,
        str(found.orderId),
        checkout.order_id,
        money,
        checkout_id=checkout.id,
        state=CheckoutState.PAID,
    )


def read(incoming: Incoming, secrets: Sequence[str]) -> Notice:
    """Verify a notification and translate it. Raises `BadWebhook`."""
    said: Notification | RefundNotification
    try:
        signed = Signed.model_validate_json(incoming.body)
        is_refund = signed.refundsUuid is not None
        said = (RefundNotification if is_refund else Notification).model_validate_json(incoming.body)
    except ValidationError as error:
        raise BadWebhook(unreadable(error)) from None
    if not any(hmac.compare_digest(signed.sign, sign(said.model_dump(), secret)) for secret in secrets):
        raise BadWebhook("The signature is wrong.")
    return _refunded(said) if isinstance(said, RefundNotification) else _paid(said)


def sign(fields: dict[str, Any], crc: str) -> str:
    """Przelewy24's signature over these fields in this order."""
    text = json.dumps({**fields, "crc": crc}, ensure_ascii=False, separators=(",", ":"))
    return sha384(text.encode()).hexdigest()


def _paid(said: Notification) -> Notice:
    return Notice(
        f"{said.sessionId}:{said.orderId}",
        "notification",
        payment_id=str(said.orderId),
        money=Money(amount=said.amount, currency=said.currency),
        checkout_id=order_id_of(said.sessionId),
        state=CheckoutState.WAITING,
        look_now=True,
    )


def _refunded(said: RefundNotification) -> Notice:
    event_id = f"{said.sessionId}:refund:{said.refundsUuid}:{said.status}"
    if said.status != 0:
        return Notice(event_id, "refund rejected", payment_id=str(said.orderId))
    return Notice(
        event_id,
        "refund",
        PaymentRefunded,
        str(said.orderId),
        money=Money(amount=said.amount, currency=said.currency),
        refund_id=said.refundsUuid,
        checkout_id=order_id_of(said.sessionId),
    )


async def _verify(shop: Shop, checkout: Checkout, order_id: int) -> None:
    """Send back the amount that was asked for: Przelewy24 compares it with what was paid."""
    signed = {
        "sessionId": str(checkout.id),
        "orderId": order_id,
        "amount": checkout.money.amount,
        "currency": checkout.money.currency,
    }
    wanted = {**_ids(shop), **signed, "sign": sign(signed, shop.webhook_secret)}
    answer = await _ask(shop, "PUT", "transaction/verify", json=wanted)
    if _data(answer).get("status") != "success":
        raise refusal(answer, "no success")


def _ids(shop: Shop) -> dict[str, int]:
    merchant_id = shop.keys["merchant_id"]
    return {"merchantId": int(merchant_id), "posId": int(shop.keys.get("pos_id") or merchant_id)}


async def _ask(shop: Shop, method: str, path: str, **request: Any) -> Answer:
    basic = b64encode(f"{_ids(shop)['posId']}:{shop.keys['api_key']}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}"}
    return await ask(shop.http, method, f"{shop.server}/api/v1/{path}", headers=headers, **request)


def _data(answer: Answer) -> dict[str, Any]:
    """The answer proper. Raises `ProviderRefused` where there is none."""
    data = answer.body.get("data")
    if not answer.accepted or not isinstance(data, dict):
        raise refusal(answer, answer.body.get("code"))
    return data
