"""Any payment system that can call a webhook, by the Standard Webhooks specification 1.0.0."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from standardwebhooks import Webhook, WebhookVerificationError

from contracts.base import CurrencyCode, Money
from contracts.gateway import PaymentDisputed, PaymentNews, PaymentReceived, PaymentRefunded
from services.gateway.payments.providers import BadWebhook, Id, Incoming, Notice, order_id_of, unreadable

makes_secret = True

NEWS: dict[str, type[PaymentNews]] = {
    "payment.succeeded": PaymentReceived,
    "payment.refunded": PaymentRefunded,
    "payment.disputed": PaymentDisputed,
}
SIGNATURE = re.compile(r"v1,[A-Za-z0-9+/]{43}=")
"""Base64 of a SHA-256; the library stumbles over other things in the header, also before a good one."""


class Keys(BaseModel):
    """Nothing is needed."""

    model_config = ConfigDict(extra="forbid")


class Data(BaseModel):
    """What happened to which payment; `amount` in minor units."""

    payment_id: Id
    order_id: Annotated[str, StringConstraints(max_length=255)] | None = None
    amount: Annotated[int, Field(ge=0, le=1_000_000_000_000, strict=True)]
    currency: CurrencyCode


class Body(BaseModel):
    """A webhook's body, of whatever type."""

    type: Id


class PaymentBody(BaseModel):
    """A webhook's body about a payment."""

    type: Literal["payment.succeeded", "payment.refunded", "payment.disputed", "payment.failed"]
    timestamp: datetime
    data: Data


def read(incoming: Incoming, secrets: Sequence[str]) -> Notice:
    """Verify a webhook and translate it. Raises `BadWebhook`."""
    event_id = verified_id(incoming, secrets)
    try:
        kind = Body.model_validate_json(incoming.body).type
        if kind not in (*NEWS, "payment.failed"):
            return Notice(event_id, kind)
        data = PaymentBody.model_validate_json(incoming.body).data
    except ValidationError as error:
        raise BadWebhook(unreadable(error)) from None
    money = Money(amount=data.amount, currency=data.currency)
    return Notice(event_id, kind, NEWS.get(kind), data.payment_id, order_id_of(data.order_id), money)


def verified_id(incoming: Incoming, secrets: Sequence[str]) -> str:
    """The `webhook-id` of a webhook that one of the secrets has signed just now. Raises `BadWebhook`."""
    headers = {name: incoming.headers.get(name, "") for name in ("webhook-id", "webhook-timestamp")}
    headers["webhook-signature"] = " ".join(SIGNATURE.findall(incoming.headers.get("webhook-signature", "")))
    if not any(_signed_by(secret, incoming.body, headers) for secret in secrets):
        raise BadWebhook("The signature is wrong, or the timestamp is over five minutes away from now.")
    event_id = headers["webhook-id"]
    if len(event_id) > 255 or not event_id.isprintable():
        raise BadWebhook("A webhook-id has 1 to 255 characters, none of them a control character.")
    return event_id


def _signed_by(secret: str, body: bytes, headers: dict[str, str]) -> bool:
    try:
        Webhook(secret).verify(body, headers, json_parse=False)
    except (WebhookVerificationError, ValueError):  # ValueError: the body is no UTF-8
        return False
    return True
