"""State and messages commit together (rule 1): handlers write messages here, the relay publishes them."""

from uuid import UUID

from chassis.db import Tx
from contracts.base import Message


async def emit(tx: Tx, *messages: Message) -> None:
    """Write messages to be published after the commit, in this order, with one statement."""
    if not messages:
        return
    await tx.execute(
        """INSERT INTO outbox (message_id, topic, gallery_id, payload)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::json[])""",
        [message.message_id for message in messages],
        [message.topic for message in messages],
        [message.about_gallery for message in messages],
        [message.model_dump_json() for message in messages],
    )


async def forget_gallery(tx: Tx, gallery_id: UUID) -> None:
    """Delete every message about a gallery, published or not: its clients' data is in them (rule 9)."""
    await tx.execute("DELETE FROM outbox WHERE gallery_id = $1", gallery_id)
