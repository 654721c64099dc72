"""Slots that nobody completes do not wait for ever."""

import asyncio

import asyncpg
import structlog

from chassis import outbox
from chassis.db import Database
from services.gateway.view import uploads

EVERY = 600.0
"""Seconds between looks."""
REASON = "The upload was never completed. Upload the file again."

log = structlog.get_logger()


async def discard_for_ever(db: Database, hours: float) -> None:
    """Discard slots that were not completed within `hours`, until cancelled."""
    while True:
        try:
            while await discard_some(db, hours):
                pass
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("abandoned uploads not swept", error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(EVERY)


async def discard_some(db: Database, hours: float) -> bool:
    """Reject a batch of abandoned slots and have their bytes removed; False when there was none."""
    async with db.transaction() as tx:
        discards = await uploads.reject_abandoned(tx, hours, REASON)
        await outbox.emit(tx, *discards)
    return bool(discards)
