"""Reminders that the photographer has switched on: due by the time alone. Any number of copies may look for them."""

from uuid import UUID

from chassis.db import Database
from chassis.periodic import for_ever
from contracts.base import Cause, caused_by, uuid7
from services.notifier import mails, store
from services.notifier.notices import settle


async def remind_for_ever(db: Database, every: float) -> None:
    """Queue the reminders that have become due, until cancelled."""
    await for_ever("reminding", lambda: remind_who_is_due(db), every=every)


async def remind_who_is_due(db: Database) -> None:
    """Queue the reminders that have become due."""
    async with db.pool.acquire() as connection:
        galleries = await mails.galleries_with_due(connection)
    for gallery_id in galleries:
        await _remind(db, gallery_id)


async def _remind(db: Database, gallery_id: UUID) -> None:
    cause = Cause(uuid7())
    with caused_by(cause):
        async with db.transaction() as tx:
            if await store.lives(tx, gallery_id):
                await store.lock_gallery(tx, gallery_id)
                await settle(tx, cause, gallery_id)
