"""Dead messages: what nobody could handle, kept until an operator decides or its people are forgotten (rule 9)."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage
from aiormq.exceptions import ChannelLockedResource

from chassis.bus import EXCHANGE, Unreadable, dead_queue, read
from chassis.db import Database
from chassis.queues import dead_depth

LOOK_EVERY = 600.0
"""Seconds; the longest delay, after which nothing about a gallery that was deleted then is under way any more."""

MOST = 65_535
"""That a channel is given at a time."""

PATIENCE = 60.0
"""Seconds that a look waits for others to end."""

_UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Look:
    """A look at dead messages. What was not acknowledged goes back to its place when it ends."""

    connection: AbstractConnection
    channel: AbstractChannel

    def taking(self) -> AbstractAsyncContextManager[Any]:
        """A block whose acknowledgements RabbitMQ gets together at its end, or, when it fails, not at all.

        Sent one by one, those that a quorum queue has no time for yet (over 32) are forgotten when the channel closes.
        """
        return self.channel.transaction()

    async def at(self, service: str) -> AsyncIterator[AbstractIncomingMessage]:
        """The dead messages of a service, the first to die first, that are there now: what dies later comes last.

        Consumed, not got one by one: RabbitMQ would give those back in any order. They come as fast as RabbitMQ can, so
        who is slow has many of them in memory.
        """
        found = await dead_depth(self.connection, service)
        if not found or not found.waiting:
            return
        queue = await self.channel.get_queue(dead_queue(service), ensure=False)
        delivered: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        await self.channel.set_qos(prefetch_count=MOST)
        await queue.consume(delivered.put)
        with suppress(TimeoutError):  # somebody else has taken some of them meanwhile
            for _ in range(min(found.waiting, MOST)):
                async with asyncio.timeout(5):
                    message = await delivered.get()
                yield message


@asynccontextmanager
async def looking(url: str) -> AsyncIterator[Look]:
    """One look at a time, of all processes: of two, each would see a part of the messages.

    The lock is a queue that nobody but its own connection may have. Raises `TimeoutError` when others take too long.
    """
    connection = await aio_pika.connect(url, timeout=10)
    async with connection:
        async with asyncio.timeout(PATIENCE):
            await _alone(connection)
        async with connection.channel(publisher_confirms=False) as channel:  # a channel has these or transactions
            yield Look(connection, channel)


async def _alone(connection: AbstractConnection) -> None:
    while True:
        channel = await connection.channel()
        try:
            await channel.declare_queue(f"{EXCHANGE}.look", exclusive=True)
        except ChannelLockedResource:
            await asyncio.sleep(0.1)
        else:
            return


async def forget(db: Database, url: str) -> None:
    """Take those out of the service's dead queue that are about deleted galleries, or name erased people."""
    async with looking(url) as look, look.taking():
        async for message in look.at(db.service):
            if await _any_forgotten(db, *subjects_of(message)):
                await message.ack()


def subjects_of(message: AbstractIncomingMessage) -> tuple[list[UUID], list[UUID]]:
    """The gallery that a message is about, and whose people it may name.

    When it cannot be read, every id in it may be one of these.
    """
    try:
        readable = read(message.type, message.body)
    except Unreadable:
        found = [UUID(each.decode()) for each in _UUID.findall(message.body)]
        return found, found
    return [readable.about_gallery] if readable.about_gallery else [], list(readable.names_people_of)


async def _any_forgotten(db: Database, gallery_ids: list[UUID], people_of: list[UUID]) -> bool:
    query = """SELECT EXISTS (SELECT FROM deleted_gallery WHERE id = ANY($1))
                   OR EXISTS (SELECT FROM erased_subject WHERE id = ANY($2))"""
    return bool((gallery_ids or people_of) and await db.pool.fetchval(query, gallery_ids, people_of))
