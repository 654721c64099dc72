"""Every delivery is handled once (rule 2)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.db import Database, Tx
from contracts.base import Message, caused_by


class AlreadyHandled(Exception):
    """This delivery repeats one whose effect is committed. The retry layer acknowledges it."""


@asynccontextmanager
async def once(db: Database, consumer: str, message: Message) -> AsyncIterator[Tx]:
    """A transaction in which the effect of `message` and the claim that `consumer` has handled it commit together.

    Messages made inside carry `message` as their cause. Raises `AlreadyHandled` when the claim is taken.
    """
    with caused_by(message.as_cause):
        async with db.transaction() as tx:
            await _claim(tx, consumer, message)
            yield tx


async def _claim(tx: Tx, consumer: str, message: Message) -> None:
    claimed = await tx.execute(
        "INSERT INTO inbox (consumer, message_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", consumer, message.message_id
    )
    if claimed == "INSERT 0 0":
        raise AlreadyHandled(f"{consumer} has handled {message.message_id}")


async def forget_old(tx: Tx) -> None:
    """Drop claims older than any redelivery can be."""
    await tx.execute("DELETE FROM inbox WHERE handled_at < now() - interval '90 days'")
