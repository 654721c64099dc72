"""A deleted gallery is forgotten (rule 9)."""

from uuid import UUID

import pytest

from chassis.db import Database
from chassis.inbox import AlreadyHandled
from contracts.base import uuid7
from contracts.erasure import EntitlementsErased
from contracts.orders import GalleryDeleted, PhotoWithdrawn
from tests.entitlements.delivering import deliver
from tests.entitlements.making import confirm, paid, proof, removed, take_back, uploaded, withdrawn


async def test_a_deleted_gallery_leaves_nothing_behind(db: Database, gallery: UUID) -> None:
    photo, edited = proof(gallery, "a.jpg"), uploaded(gallery, "b.jpg")
    never_heard_of = PhotoWithdrawn(photo_id=uuid7(), gallery_id=gallery)
    await deliver(db, paid(gallery, "a.jpg"), photo, uploaded(gallery, "a.jpg"), edited, never_heard_of)
    await deliver(db, confirm(edited, photo))
    assert await rows(db) > 0
    await deliver(db, GalleryDeleted(gallery_id=gallery))

    assert await rows(db) == 0


async def test_late_messages_about_a_deleted_gallery_leave_nothing_either(db: Database, gallery: UUID) -> None:
    photo, final = proof(gallery, "a.jpg"), uploaded(gallery, "b.jpg")
    late = (
        paid(gallery, "a.jpg"),
        photo,
        final,
        removed(final),
        withdrawn(photo),
        confirm(final, photo),
        take_back(final),
    )
    await deliver(db, GalleryDeleted(gallery_id=gallery))
    for message in late:
        with pytest.raises(AlreadyHandled):
            await deliver(db, message)

    assert await rows(db) == 0


async def test_another_gallery_stays(db: Database, gallery: UUID) -> None:
    await deliver(db, paid(gallery, "a.jpg"), uploaded(gallery, "a.jpg"))
    before = await rows(db)
    await deliver(db, GalleryDeleted(gallery_id=uuid7()))

    assert await rows(db) == before


async def rows(db: Database) -> int:
    """Rows in all tables but those that say what was handled and deleted, and but for the news of that."""
    tables = await db.pool.fetch(
        """SELECT table_name FROM information_schema.tables
           WHERE table_schema = 'entitlements' AND table_type = 'BASE TABLE'
               AND table_name NOT IN ('inbox', 'deleted_gallery', 'migration')"""
    )
    told = await db.pool.fetchval("SELECT count(*) FROM outbox WHERE topic = $1", EntitlementsErased.topic)
    found = [await db.pool.fetchval(f"SELECT count(*) FROM {name}") for (name,) in tables]  # noqa: S608 - our tables
    return int(sum(found) - told)
