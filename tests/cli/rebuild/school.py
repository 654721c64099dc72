"""A day at a school: of everything that the view shows, two."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contracts.base import Event, Money, uuid7
from contracts.entitlements import EntitlementsGranted, Grant, OrderReady, TransferMatched
from contracts.notifier import (
    ClientNotified,
    ClientReminded,
    MailState,
    Notification,
    Reminder,
    ReminderKind,
)
from contracts.orders import (
    GalleryOpened,
    Order,
    OrderPaid,
    OrderPlaced,
    OrderStatus,
    PhotoWithdrawn,
)
from contracts.payments import Payment, PaymentNoted, PaymentProblem
from contracts.transfers import PhotoUploaded, TransferUploaded
from tests.gateway.making import photo_uploaded, transfer_uploaded
from tests.making import gallery, order

AT = datetime(2026, 6, 1, 8, tzinfo=UTC)


def school() -> list[Event]:
    """Two galleries, alike."""
    return [event for _ in range(2) for event in of_gallery()]


def of_gallery() -> list[Event]:
    """One gallery: a proof of a final that was uploaded twice, and an order with all that comes of it."""
    shoot = gallery()
    photo, gone = (photo_uploaded(str(shoot.id), name) for name in ("a.jpg", "b.jpg"))
    finals = final_in_versions(shoot.id)
    ordered = order("a.jpg", gallery_id=shoot.id)
    line = ordered.lines[0].model_copy(update={"photo_id": photo.photo.id})
    ordered = ordered.model_copy(update={"lines": (line,)})
    paid = ordered.model_copy(update={"status": OrderStatus.PAID, "revision": 2})
    return [
        GalleryOpened(gallery=shoot),
        photo,
        gone,
        PhotoWithdrawn(photo_id=gone.photo.id, gallery_id=shoot.id),
        *finals,
        OrderPlaced(order=ordered),
        OrderPaid(order=paid),
        *of_rights(paid, photo, finals[-1]),
        *of_mails(paid),
        *(payment(paid, revision=n, problem=why) for n, why in enumerate((None, PaymentProblem.DISPUTED), 1)),
    ]


def final_in_versions(gallery_id: UUID) -> list[TransferUploaded]:
    """A final and its second version."""
    final_id = uuid7()
    return [transfer_uploaded(str(gallery_id), "a.jpg", id=final_id, version=version) for version in (1, 2)]


def of_rights(paid: Order, photo: PhotoUploaded, final: TransferUploaded) -> list[Event]:
    """The order may download the final."""
    about = {"gallery_id": paid.gallery_id, "revision": 1}
    grants = (Grant(order_id=paid.id, photo_id=photo.photo.id, transfer_id=final.transfer.id),)
    return [
        TransferMatched(**about, transfer_id=final.transfer.id, photo_id=photo.photo.id, by_hand=False),
        EntitlementsGranted(**about, grants=grants),
        OrderReady(**about, order_id=paid.id, grants=grants),
    ]


def of_mails(one: Order) -> list[Event]:
    """Its client was mailed, and reminded."""
    about: dict[str, Any] = {"order_id": one.id, "gallery_id": one.gallery_id, "state": MailState.SENT}
    mail = Notification(**about, attempt=1, changed_at=AT, revision=1)
    reminder = Reminder(**about, kind=ReminderKind.NOT_DOWNLOADED, changed_at=AT, revision=1)
    return [ClientNotified(notification=mail), ClientReminded(reminder=reminder)]


def payment(of: Order, **given: Any) -> PaymentNoted:
    """Money came in for an order."""
    made = {
        "id": of.id,
        "studio_id": of.studio_id,
        "provider": "stripe",
        "payment_id": f"pi_{of.id}",
        "order_id": of.id,
        "gallery_id": of.gallery_id,
        "money": Money(amount=1250, currency="PLN"),
        "received_at": AT,
        "revision": 1,
    }
    return PaymentNoted(payment=Payment(**made | given))
