"""Proof of delivery: what a client did with the personal link goes into the order's timeline, once a day."""

from collections.abc import Sequence
from uuid import UUID

from chassis import outbox
from contracts.gateway import PhotoDownloaded
from services.gateway.live import Change
from services.gateway.outgoing import news
from services.gateway.reads.downloads import ClientOrder, Download
from services.gateway.state import Gateway
from services.gateway.view import history
from services.gateway.writes import check_gallery


async def opened(ours: Gateway, order: ClientOrder) -> None:
    """The client was shown the page behind the link."""
    async with ours.db.transaction() as tx:
        await check_gallery(tx, order.gallery_id)
        is_new = await history.note_opened(tx, order.id, order.gallery_id)
    if is_new:
        ours.announcer.announce(order.gallery_id, Change("order", order.id))


async def downloaded_one(
    ours: Gateway, order_id: UUID, gallery_id: UUID, version: tuple[UUID, int], filename: str
) -> None:
    """The client fetched one final (id, version)."""
    await _downloaded(ours, order_id, gallery_id, [version], filename, as_zip=False)


async def downloaded_zip(ours: Gateway, order: ClientOrder, files: Sequence[Download]) -> None:
    """The client fetched finals as a ZIP."""
    versions = [(file.id, file.version) for file in files]
    await _downloaded(ours, order.id, order.gallery_id, versions, f"photos.zip ({len(files)})", as_zip=True)


async def _downloaded(
    ours: Gateway, order_id: UUID, gallery_id: UUID, versions: Sequence[tuple[UUID, int]], detail: str, *, as_zip: bool
) -> None:
    async with ours.db.transaction() as tx:
        await check_gallery(tx, gallery_id)
        fresh = await history.claim_downloads(tx, order_id, gallery_id, versions, as_zip=as_zip)
        if not fresh:
            return
        event = PhotoDownloaded(order_id=order_id, gallery_id=gallery_id, transfer_ids=fresh, as_zip=as_zip)
        await history.note_downloaded(tx, event, detail)
        await outbox.emit(tx, event)
        await news.note(tx, [event])
    ours.announcer.announce(gallery_id, Change("order", order_id))
