"""Messages of the orders service about money that came in through payment providers."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import StringConstraints

from contracts.base import ONE_LINE, PERSONAL, Command, Event, Frozen, Money
from contracts.orders import ERASED


class PaymentProblem(StrEnum):
    """Why a payment has not done what it came for; nobody but the photographer can know what to do about it."""

    UNKNOWN_ORDER = "unknown_order"
    """No such order yet; when it appears, the payment is applied and the problem is gone."""
    WRONG_AMOUNT = "wrong_amount"
    WRONG_CURRENCY = "wrong_currency"
    ORDER_CANCELLED = "order_cancelled"
    ALREADY_PAID = "already_paid"
    """By hand, or by another payment."""
    REFUNDED_MORE = "refunded_more"
    """More went back than had come in."""
    DISPUTED = "disputed"
    """The client's bank wants the money back (chargeback)."""


class Payment(Frozen):
    """One payment at a provider, as of `revision`.

    `order_id` is the order that it pays or is meant for, `gallery_id` that order's gallery; both may be unknown.
    `money` is nothing while only a refund of it was heard of; `refunded` is in minor units of its currency.
    `dismissed` is the photographer's reason for letting the problem be.
    """

    id: UUID
    studio_id: UUID
    provider: str
    payment_id: str
    """The provider's own name for it."""
    order_id: UUID | None
    gallery_id: UUID | None
    money: Money
    refunded: int = 0
    pays: bool = False
    """Whether it has made its order paid."""
    assigned: bool = False
    """Whether the photographer has said which order it pays, whatever its amount."""
    disputed: bool = False
    problem: PaymentProblem | None = None
    dismissed: Annotated[str, PERSONAL] | None = None
    received_at: datetime
    revision: int

    @property
    def names_people(self) -> bool:
        """Whether the photographer's own words are in it, which may name somebody."""
        return self.dismissed not in (None, ERASED)

    def without_people(self) -> "Payment":
        """The payment without these words."""
        return self.model_copy(update={"dismissed": self.dismissed and ERASED})


class PaymentNoted(Event):
    """Something about a payment has changed; `payment` is all of it."""

    topic: ClassVar[str] = "orders.payment_noted.v1"

    payment: Payment

    @property
    def about_gallery(self) -> UUID | None:
        return self.payment.gallery_id

    @property
    def names_people_of(self) -> tuple[UUID, ...]:
        return (self.payment.id,) if self.payment.names_people else ()

    def without_people(self) -> Self:
        return self.model_copy(update={"payment": self.payment.without_people()})


class AssignPayment(Command):
    """The photographer says which order a payment pays, whatever its amount."""

    topic: ClassVar[str] = "orders.assign_payment.v1"

    id: UUID
    studio_id: UUID
    order_id: UUID
    gallery_id: UUID


Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), ONE_LINE, PERSONAL]


class DismissPayment(Command):
    """The photographer says that nothing needs to be done about a payment, and why."""

    topic: ClassVar[str] = "orders.dismiss_payment.v1"

    id: UUID
    studio_id: UUID
    reason: Reason
    gallery_id: UUID | None = None
    """Of the order that the payment is for."""

    @property
    def names_people_of(self) -> tuple[UUID, ...]:
        return (self.id,)

    def without_people(self) -> Self:
        return self.model_copy(update={"reason": ERASED})
