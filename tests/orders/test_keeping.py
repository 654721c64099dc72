"""Galleries are deleted when they are not to be kept any longer, once, and not a moment before."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from chassis.db import Database
from chassis.inbox import AlreadyHandled
from contracts.base import utc_now
from contracts.orders import ChangeGallery, CommandRefused, GalleryDeleted
from services.orders import handlers, store
from services.orders.keeping import delete_outdated
from tests.conftest import OpenDatabase
from tests.making import line, open_gallery, place_order
from tests.outbox import emitted
from tests.waiting import eventually

AGO, AHEAD = timedelta(seconds=-1), timedelta(days=1)


@pytest.fixture
async def db(open_database: OpenDatabase) -> Database:
    return await open_database("orders")


async def opened(db: Database, keep: timedelta | None) -> UUID:
    """A gallery with an order."""
    gallery = open_gallery(keep_until=utc_now() + keep if keep else None)
    await handlers.open_gallery(gallery, db)
    await handlers.place_order(place_order(gallery.gallery_id, line("a.jpg")), db)
    return gallery.gallery_id


async def deleted(db: Database) -> list[UUID]:
    return [event.gallery_id for event in await emitted(db) if isinstance(event, GalleryDeleted)]


async def keep(db: Database, gallery_id: UUID, until: datetime) -> None:
    await handlers.change_gallery(ChangeGallery(gallery_id=gallery_id, changes={"keep_until": until.isoformat()}), db)


async def test_what_is_outdated_goes_and_the_others_stay(db: Database) -> None:
    outdated, _, _ = [await opened(db, keep) for keep in (AGO, AHEAD, None)]
    await asyncio.gather(*(delete_outdated(db) for _ in range(3)))

    assert await deleted(db) == [outdated]
    assert await db.pool.fetchval("SELECT count(*) FROM client_order") == 2
    assert not [event for event in await emitted(db) if isinstance(event, CommandRefused)]


async def test_a_date_that_was_moved_meanwhile_counts_and_nothing_is_lost(db: Database) -> None:
    gallery_id = await opened(db, AGO)
    async with db.transaction() as tx:  # what change_gallery does, stopped before its commit
        assert await tx.fetchval("SELECT lives($1)", gallery_id)
        gallery = await store.lock_gallery(tx, gallery_id)
        assert gallery
        later = gallery.settings.model_copy(update={"keep_until": utc_now() + AHEAD})
        await store.change_gallery(tx, gallery_id, later)
        deleting = asyncio.create_task(delete_outdated(db))
        await eventually(lambda: _waits(db, deleting))
    await deleting

    assert await deleted(db) == []
    await handlers.place_order(place_order(gallery_id, line("b.jpg")), db)  # it is not taken for deleted
    await keep(db, gallery_id, utc_now() + AGO)
    await delete_outdated(db)
    assert await deleted(db) == [gallery_id]
    with pytest.raises(AlreadyHandled):
        await handlers.place_order(place_order(gallery_id, line("c.jpg")), db)


async def _waits(db: Database, task: asyncio.Task[None]) -> bool:
    return task.done() or bool(await db.pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"))
