"""What Stripe sends and answers, as far as it is looked at: docs.stripe.com/api."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from contracts.base import CurrencyCode
from services.gateway.payments.providers import Id

Amount = Annotated[int, Field(ge=0, le=1_000_000_000_000, strict=True)]
Currency = Annotated[CurrencyCode, BeforeValidator(lambda code: code.upper() if isinstance(code, str) else code)]
"""Stripe writes them small."""


class Named(BaseModel):
    """What every object about a payment may have."""

    id: Id
    payment_intent: Id | None = None
    metadata: dict[str, str] | None = None

    @property
    def payment_id(self) -> str:
        """The same for a session, its charges and their disputes."""
        return self.payment_intent or self.id

    def said(self, name: str) -> str:
        """What we have given Stripe to keep."""
        return (self.metadata or {}).get(name, "")


class Session(Named):
    """A Checkout Session."""

    client_reference_id: str | None = None
    mode: Id
    """`payment`, or what is none: `setup`, `subscription`."""
    payment_status: str
    amount_total: Amount | None = None
    currency: Currency | None = None
    status: str | None = None


class Charge(Named):
    """`amount_refunded` is what went back in all."""

    amount_refunded: Amount
    currency: Currency


class Dispute(Named):
    """The client's bank wants the money back."""

    charge: Id | None = None
    amount: Amount
    currency: Currency


class Data(BaseModel):
    """What an event is about."""

    object: dict[str, Any]


class Event(BaseModel):
    """A snapshot event; thin ones (`v2.core.event`) carry nothing to go by."""

    object: Literal["event"]
    id: Id
    type: Id
    livemode: bool
    data: Data
