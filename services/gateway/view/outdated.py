"""What nobody asks for any more does not stay: webhooks for 90 days, requests with answers 30, wrong tries one."""

from chassis.db import Database
from chassis.periodic import for_ever

EVERY = 3600.0
"""Seconds between rounds."""
OUTDATED = {
    "request": "created_at < now() - interval '30 days'",
    "webhook_delivery": "created_at < now() - interval '90 days'",
    "wrong_try": "last_at < now() - interval '1 day'",  # its wait has been over for long, and so has its count
}
"""Which rows of a table go."""


async def forget_for_ever(db: Database) -> None:
    """Forget what is outdated, until cancelled."""
    await for_ever("forgetting what is outdated", lambda: forget(db), every=EVERY)


async def forget(db: Database) -> None:
    """Forget what is outdated now."""
    for table, outdated in OUTDATED.items():
        await db.pool.execute(f"DELETE FROM {table} WHERE {outdated}")  # of constants
