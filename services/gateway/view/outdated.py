"""What nobody asks for any more does not stay."""

from chassis.db import Database
from chassis.periodic import for_ever

EVERY = 3600.0
"""Seconds between rounds."""
OUTDATED = (
    "DELETE FROM request WHERE created_at < now() - interval '30 days'",
    "DELETE FROM webhook_delivery WHERE created_at < now() - interval '90 days'",
    # clients' data may be in them; the rows stay, because a repeat is known by them
    "UPDATE webhook SET body = '' WHERE received_at < now() - interval '90 days' AND body <> ''",
    "DELETE FROM password_reset WHERE expires_at < now()",
    """DELETE FROM deleted_link l USING deletion d
       WHERE d.deleted_id = l.deleted_id AND d.asked_at < now() - interval '1 year'""",
    # its wait has been over for long, and so has its count
    "DELETE FROM wrong_try WHERE last_at < now() - interval '1 day'",
)


async def forget_for_ever(db: Database) -> None:
    """Forget what is outdated, until cancelled."""
    await for_ever("forgetting what is outdated", lambda: forget(db), every=EVERY)


async def forget(db: Database) -> None:
    """Forget what is outdated now."""
    for statement in OUTDATED:
        await db.pool.execute(statement)
