"""Erasing one client: what names somebody is neither kept in the outbox, nor among the dead, nor let in again later."""

from collections.abc import Collection
from uuid import UUID

from asyncpg import Record

from chassis.bus import Unreadable, read
from chassis.db import Tx
from contracts.base import Message


async def erase(tx: Tx, gallery_id: UUID, subjects: Collection[UUID]) -> None:
    """Remember that the people of these orders and payments of a gallery are erased, and have the outbox forget them.

    Waits for those who were told just now that they are not. After the commit, set `Database.forgotten`, so that the
    dead messages are looked through.
    """
    await tx.execute(
        """SELECT pg_advisory_xact_lock(hashtextextended('erased:' || subject, 0))
           FROM (SELECT unnest($1::uuid[]) AS subject ORDER BY 1) AS each""",
        list(subjects),
    )
    await tx.execute(
        "INSERT INTO erased_subject (id, gallery_id) SELECT unnest($2::uuid[]), $1 ON CONFLICT DO NOTHING",
        gallery_id,
        list(subjects),
    )
    await _clear_outbox(tx, gallery_id, subjects)


async def erased(tx: Tx, subject: UUID) -> bool:
    """Whether these people are erased; when not, they will not be before the commit."""
    return bool(await tx.fetchval("SELECT erased($1)", subject))


async def _clear_outbox(tx: Tx, gallery_id: UUID, subjects: Collection[UUID]) -> None:
    rows = await tx.fetch(
        """SELECT id, topic, payload, published_at IS NOT NULL AS told FROM outbox
           WHERE gallery_id = $1 AND EXISTS (SELECT FROM unnest($2::text[]) AS id WHERE strpos(payload::text, id) > 0)
           ORDER BY id FOR UPDATE""",
        gallery_id,
        list(map(str, subjects)),
    )
    cleared = {row["id"]: _without_people(row, subjects) for row in rows}
    kept = {id_: payload for id_, payload in cleared.items() if payload}
    await tx.execute("DELETE FROM outbox WHERE id = ANY($1)", list(cleared.keys() - kept.keys()))
    await tx.execute(
        """UPDATE outbox SET payload = cleared.payload
           FROM unnest($1::bigint[], $2::json[]) AS cleared (id, payload) WHERE outbox.id = cleared.id""",
        list(kept),
        list(kept.values()),
    )


def _without_people(row: Record, subjects: Collection[UUID]) -> str | None:
    """What is to be kept of a message. Of one that nobody here can read, nothing, once it was told."""
    try:
        message: Message | None = read(row["topic"], row["payload"].encode())
    except Unreadable:  # it may be a newer release's
        return None if row["told"] else str(row["payload"])
    if message and set(message.names_people_of) & set(subjects):
        message = message.without_people()
    return message.model_dump_json() if message else None
