"""What goes with a gallery, and who is told."""

from uuid import UUID

from chassis import outbox
from chassis.db import Tx
from contracts.orders import GalleryDeleted
from services.orders import payment_store


async def announce_deletion(tx: Tx, gallery_id: UUID) -> None:
    """Of the payments for a gallery that has just been deleted only the money stays; everybody forgets the rest."""
    await payment_store.forget_gallery(tx, gallery_id)
    await outbox.emit(tx, GalleryDeleted(gallery_id=gallery_id))
