"""Every delivery is handled once (rule 2), and none about a deleted gallery (rule 9)."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from chassis import outbox
from chassis.db import Database, Tx
from contracts.base import Message, caused_by
from contracts.orders import DeleteGallery, GalleryDeleted

M = TypeVar("M", bound=Message)

CLAIMS_KEPT = timedelta(days=90)
"""Longer than any redelivery can take."""


class AlreadyHandled(Exception):
    """Nothing is left to do: this delivery repeats one whose effect is committed, or its gallery is deleted.

    The retry layer acknowledges it.
    """


@asynccontextmanager
async def once(db: Database, consumer: str, message: Message) -> AsyncIterator[Tx]:
    """A transaction in which the effect of `message` and the claim that `consumer` has handled it commit together.

    Messages made inside carry `message` as their cause. Raises `AlreadyHandled` when the claim is taken.
    """
    with caused_by(message.as_cause):
        async with once_each(db, consumer, [message]) as (tx, _):
            yield tx


@asynccontextmanager
async def once_each(db: Database, consumer: str, messages: Sequence[M]) -> AsyncIterator[tuple[Tx, list[M]]]:
    """A transaction in which several messages are claimed together, and those of them that are left to handle.

    Raises `AlreadyHandled` when none is.
    """
    by_id = {message.message_id: message for message in messages}
    async with db.transaction() as tx:
        claimed = await tx.fetch(
            """SELECT id FROM unnest($2::uuid[], $3::uuid[]) AS message (id, gallery_id)
               WHERE claim($1, id, gallery_id)""",
            consumer,
            list(by_id),
            [message.about_gallery for message in by_id.values()],
        )
        if not claimed:
            raise AlreadyHandled(f"{consumer} has handled {', '.join(map(str, by_id))}")
        yield tx, [by_id[row["id"]] for row in claimed]


@asynccontextmanager
async def once_and_for_all(db: Database, consumer: str, event: GalleryDeleted | DeleteGallery) -> AsyncIterator[Tx]:
    """A transaction in which to delete all that is known of a gallery; its messages in the outbox go too, and soon
    after the commit those that are dead.

    Waits for those who are just handling a message about it; later ones find nothing to do.
    """
    async with once(db, consumer, event.model_copy(update={"gallery_id": None})) as tx:
        await bury(tx, event.gallery_id)
        yield tx
    db.forgotten.set()


async def bury(tx: Tx, gallery_id: UUID) -> None:
    """Nothing about this gallery is handled any more, and its messages in the outbox go. After the commit, set
    `Database.forgotten`, so that the dead ones are looked for."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended('deleted:' || $1::uuid, 0))", gallery_id)
    await tx.execute("INSERT INTO deleted_gallery (id) VALUES ($1) ON CONFLICT DO NOTHING", gallery_id)
    await tx.execute("DELETE FROM erased_subject WHERE gallery_id = $1", gallery_id)
    await outbox.forget_gallery(tx, gallery_id)


async def forget_old(tx: Tx) -> None:
    """Drop claims that were kept for `CLAIMS_KEPT`."""
    await tx.execute("DELETE FROM inbox WHERE handled_at < now() - $1::interval", CLAIMS_KEPT)
