"""Slots that nobody completes do not wait for ever."""

from chassis import outbox
from chassis.db import Database
from chassis.periodic import for_ever
from services.gateway.view import uploads

EVERY = 600.0
"""Seconds between looks."""
CODE = "never_completed"
REASON = "The upload was never completed. Upload the file again."


async def discard_for_ever(db: Database, hours: float) -> None:
    """Discard slots that were not completed within `hours`, until cancelled."""
    await for_ever("sweeping abandoned uploads", lambda: discard(db, hours), every=EVERY)


async def discard(db: Database, hours: float) -> None:
    """Reject the slots that were not completed within `hours`, and have removed what is in the store for them."""
    while await _discard_some(db, hours):
        pass


async def _discard_some(db: Database, hours: float) -> bool:
    async with db.transaction() as tx:
        discards = await uploads.reject_abandoned(tx, hours, CODE, REASON)
        await outbox.emit(tx, *discards)
    return bool(discards)
