"""Events of the gateway: what came in from outside."""

from typing import ClassVar
from uuid import UUID

from contracts.base import Event, Money


class PaymentNews(Event):
    """What a provider says of one payment of a studio's client. `order_id` is what the payment is said to be for."""

    studio_id: UUID
    provider: str
    payment_id: str
    order_id: UUID | None
    money: Money


class PaymentReceived(PaymentNews):
    """A provider says that money came in for an order."""

    topic: ClassVar[str] = "gateway.payment_received.v1"


class PaymentRefunded(PaymentNews):
    """A provider says that money went back. `money` is all that went back for this payment until now."""

    topic: ClassVar[str] = "gateway.payment_refunded.v1"


class PaymentDisputed(PaymentNews):
    """A provider says that the client's bank wants the money back. `money` is what is in dispute."""

    topic: ClassVar[str] = "gateway.payment_disputed.v1"


class PhotoDownloaded(Event):
    """A client fetched finals of an order: one file, or several as a ZIP. Told once a day for each."""

    topic: ClassVar[str] = "gateway.photo_downloaded.v1"

    order_id: UUID
    gallery_id: UUID
    transfer_ids: tuple[UUID, ...]
    as_zip: bool
