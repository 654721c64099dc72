"""Galleries that are not to be kept any longer. Any number of copies may look for them."""

from contextlib import suppress
from uuid import UUID

from chassis import inbox
from chassis.db import Database
from chassis.periodic import for_ever
from services.orders import deleting, store


class _Stays(Exception):
    """It is gone already, or its date was moved since somebody looked."""


async def delete_for_ever(db: Database, every: float) -> None:
    """Delete the galleries whose time has come, until cancelled."""
    await for_ever("deleting galleries", lambda: delete_outdated(db), every=every)


async def delete_outdated(db: Database) -> None:
    """Delete the galleries whose time has come."""
    async with db.pool.acquire() as connection:
        outdated = await store.outdated_galleries(connection)
    for gallery_id in outdated:
        with suppress(_Stays):
            await _delete(db, gallery_id)


async def _delete(db: Database, gallery_id: UUID) -> None:
    """As when the photographer asks for it; raised from inside, nothing of it is done."""
    async with db.transaction() as tx:
        await inbox.bury(tx, gallery_id)
        if not await deleting.delete(tx, gallery_id, only_outdated=True):
            raise _Stays
    db.forgotten.set()
