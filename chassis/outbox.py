"""State and messages commit together (rule 1): handlers write messages here, the relay publishes them."""

from math import nan
from uuid import UUID

from asyncpg import Pool

from chassis import tracing
from chassis.db import Database, Tx, one_row
from chassis.telemetry import OUTBOX_AGE, OUTBOX_WAITING
from contracts.base import Message


async def emit(tx: Tx, *messages: Message) -> None:
    """Write messages to be published after the commit, in this order, with one statement.

    Each belongs to the trace of its cause where that is kept, or else to the current one.
    """
    if not messages:
        return
    await tx.execute(
        """INSERT INTO outbox (message_id, topic, gallery_id, payload, traceparent)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::json[], $5::text[])""",
        [message.message_id for message in messages],
        [message.topic for message in messages],
        [message.about_gallery for message in messages],
        [message.model_dump_json() for message in messages],
        [tracing.traceparent(message.causation_id, message.correlation_id) for message in messages],
    )


async def measure(db: Database) -> None:
    """Count what is not published yet, and how long the oldest of it waits. What cannot be counted is not a number."""
    for gauge in (OUTBOX_WAITING, OUTBOX_AGE):
        gauge.set(nan)
    waiting, age = await unpublished(db.pool)
    OUTBOX_WAITING.set(waiting)
    OUTBOX_AGE.set(age)


async def unpublished(db: Pool | Tx) -> tuple[int, float]:
    """How many messages are not published yet, and for how many seconds the oldest of them waits."""
    waiting, age = await one_row(
        db.fetchrow(
            """SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)::float
               FROM outbox WHERE published_at IS NULL"""
        )
    )
    return waiting, age


async def forget_gallery(tx: Tx, gallery_id: UUID) -> None:
    """Delete every message about a gallery, published or not: its clients' data is in them (rule 9)."""
    await tx.execute("DELETE FROM outbox WHERE gallery_id = $1", gallery_id)
