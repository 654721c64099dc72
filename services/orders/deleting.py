"""What goes with a gallery, and who is told."""

from uuid import UUID

from chassis import outbox
from chassis.db import Tx
from contracts.base import caused_by
from contracts.erasure import OrdersErased
from contracts.orders import GalleryDeleted
from services.orders import payment_store, store


async def delete(tx: Tx, gallery_id: UUID, *, only_outdated: bool = False) -> bool:
    """Delete a gallery with its orders, and tell everybody; of its payments only the money stays.

    False when it was not there, or, if so wanted, is to be kept any longer.
    """
    deleted = await store.delete_gallery(tx, gallery_id, only_outdated=only_outdated)
    if deleted is None:
        return False
    await payment_store.forget_gallery(tx, gallery_id)
    event = GalleryDeleted(gallery_id=gallery_id, studio_id=deleted.studio_id)
    with caused_by(event.as_cause):  # who asked is answered by that alone
        erased = OrdersErased(deleted_id=gallery_id, counts={"orders": deleted.orders})
    await outbox.emit(tx, event, erased)
    return True
