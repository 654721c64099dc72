"""Removes from the object store what is doomed and due. Any number of copies may sweep at once."""

import asyncio
from collections.abc import Awaitable
from datetime import datetime, timedelta

import asyncpg
import structlog

from chassis import outbox
from chassis.db import Database, Tx
from chassis.object_errors import StoreUnreachable
from chassis.objects import ObjectStore
from chassis.retries import BROKEN
from contracts.base import Cause, caused_by, utc_now
from contracts.erasure import TransfersErased
from services.transfers import store
from services.transfers.store import Doomed

BATCH = 100
EVERY = 2.0
"""Seconds between looks when nothing is due."""
PATIENCE = timedelta(minutes=1)
"""What could not be removed waits, and lets the rest go first."""

log = structlog.get_logger()


async def sweep_for_ever(db: Database, objects: ObjectStore) -> None:
    """Sweep until cancelled; survives the loss of PostgreSQL and of the store."""
    while True:
        try:
            while await sweep(db, objects, utc_now()):
                pass
        except (*BROKEN, asyncpg.PostgresError) as error:
            log.warning("the sweep lost PostgreSQL", error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(EVERY)


async def sweep(db: Database, objects: ObjectStore, at: datetime) -> bool:
    """Remove a batch of what is due at `at`. False when there is no more, or the store does not let go of something."""
    async with db.transaction() as tx:
        due = await store.lock_due(tx, at, BATCH)
        kept = await _remove(objects, due)
        await store.put_off(tx, kept, at + PATIENCE)
        await store.strike_off(tx, [doomed for doomed in due if doomed not in kept])
        await _tell_of_erased(tx)
    return len(due) == BATCH and not kept


async def _tell_of_erased(tx: Tx) -> None:
    """Tell of each deleted gallery, once, that nothing of it is in the store any more."""
    for erased in await store.take_erased(tx):
        with caused_by(Cause(erased.correlation_id, erased.causation_id)):
            counts = {"photos": erased.photos, "finals": erased.finals}
            await outbox.emit(tx, TransfersErased(deleted_id=erased.gallery_id, counts=counts))


async def _remove(objects: ObjectStore, due: list[Doomed]) -> list[Doomed]:
    """Remove all single objects with one call, and each folder with its own; returns what is still there."""
    single = [doomed for doomed in due if not doomed.is_folder]
    work = [(single, objects.remove([doomed.target for doomed in single]))]
    work += [([doomed], objects.remove_prefix(doomed.target)) for doomed in due if doomed.is_folder]
    errors = await asyncio.gather(*(_error_of(removal) for _, removal in work))
    if failed := [error for error in errors if error]:
        log.warning("objects could not be removed", removals=len(failed), error=str(failed[0]))
    return [doomed for (group, _), error in zip(work, errors, strict=True) if error for doomed in group]


async def _error_of(removal: Awaitable[None]) -> StoreUnreachable | None:
    try:
        await removal
    except StoreUnreachable as error:
        return error
    return None
