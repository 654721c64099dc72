"""Makers of the messages that entitlements hears; what a test does not name is made up."""

from typing import Any
from uuid import UUID

from contracts.base import utc_now, uuid7
from contracts.entitlements import ConfirmMatch, Grant, WithdrawMatch
from contracts.names import match_key
from contracts.orders import Order, OrderPaid, OrderStatus, PhotoWithdrawn
from contracts.transfers import Final, Photo, PhotoUploaded, TransferRemoved, TransferUploaded
from tests.making import order


def paid(gallery_id: UUID, *filenames: str, **given: Any) -> OrderPaid:
    """An order of photos of these names is paid."""
    return OrderPaid(order=order(*filenames, gallery_id=gallery_id, status=OrderStatus.PAID, revision=2, **given))


def as_of(order: Order, status: OrderStatus, revision: int) -> Order:
    """The order, later."""
    return order.model_copy(update={"status": status, "revision": revision})


def uploaded(gallery_id: UUID, filename: str, **given: Any) -> TransferUploaded:
    """A final of this name is there."""
    return TransferUploaded(transfer=Final(**_stored(gallery_id, filename) | {"version": 1} | given))


def proof(gallery_id: UUID, filename: str, **given: Any) -> PhotoUploaded:
    """A photo of this name is there."""
    return PhotoUploaded(photo=Photo(**_stored(gallery_id, filename) | {"preview_large_key": "large"} | given))


def removed(final: TransferUploaded) -> TransferRemoved:
    """The final is gone."""
    return TransferRemoved(transfer_id=final.transfer.id, gallery_id=final.transfer.gallery_id)


def withdrawn(photo: PhotoUploaded) -> PhotoWithdrawn:
    """The photo is gone."""
    return PhotoWithdrawn(photo_id=photo.photo.id, gallery_id=photo.photo.gallery_id)


def confirm(final: TransferUploaded, photo: PhotoUploaded, **given: Any) -> ConfirmMatch:
    """The command that says that the final belongs to the photo."""
    return ConfirmMatch(
        transfer_id=final.transfer.id,
        gallery_id=final.transfer.gallery_id,
        transfer_key=final.transfer.match_key,
        photo_id=photo.photo.id,
        photo_key=photo.photo.match_key,
        **given,
    )


def take_back(final: TransferUploaded, **given: Any) -> WithdrawMatch:
    """The command that takes a confirmed match back."""
    one = final.transfer
    return WithdrawMatch(transfer_id=one.id, gallery_id=one.gallery_id, transfer_key=one.match_key, **given)


def grant(order: OrderPaid, line: int, final: TransferUploaded) -> Grant:
    """This line of the order gives a right to this final."""
    return Grant(order_id=order.order.id, photo_id=order.order.lines[line].photo_id, transfer_id=final.transfer.id)


def _stored(gallery_id: UUID, filename: str) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "gallery_id": gallery_id,
        "upload_id": uuid7(),
        "filename": filename,
        "match_key": match_key(filename),
        "size": 3_000_000,
        "crc32": 0,
        "sha256": "0" * 64,
        "object_key": "file",
        "content_type": "image/jpeg",
        "width": 6000,
        "height": 4000,
        "preview_small_key": "small",
        "stored_at": utc_now(),
    }
