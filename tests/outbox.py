"""Reading what a service would tell the others."""

from chassis.db import Database
from contracts.base import Message
from contracts.catalogue import every_message


async def emitted(db: Database) -> list[Message]:
    """Every message in a service's outbox, in order."""
    rows = await db.pool.fetch("SELECT topic, payload FROM outbox ORDER BY id")
    messages = every_message()
    return [messages[row["topic"]].model_validate_json(row["payload"]) for row in rows]
