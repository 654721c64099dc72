"""Dead messages: what nobody could handle, kept until an operator decides or its people are forgotten (rule 9)."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from chassis.bus import Unreadable, dead_queue, read
from chassis.db import Database

LOOK_EVERY = 600.0
"""Seconds; the longest delay, after which nothing about a gallery that was deleted then is under way any more."""

MOST = 65_535
"""That a channel is given at a time."""

_UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


async def dead_messages(channel: AbstractChannel, service: str) -> AsyncIterator[AbstractIncomingMessage]:
    """The dead messages of a service. Those not acknowledged go back to their places when the channel closes.

    Consumed, not got one by one: RabbitMQ would give those back in any order.
    """
    queue = await channel.get_queue(dead_queue(service))
    delivered: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    await channel.set_qos(prefetch_count=MOST)
    await queue.consume(delivered.put)
    with suppress(TimeoutError):  # somebody else has taken some of them meanwhile
        for _ in range(min(queue.declaration_result.message_count or 0, MOST)):
            yield await asyncio.wait_for(delivered.get(), timeout=5)


async def forget(db: Database, url: str) -> None:
    """Take those out of the service's dead queue that are about deleted galleries, or name erased people."""
    connection = await aio_pika.connect(url, timeout=10)
    async with connection, connection.channel() as channel:
        async for message in dead_messages(channel, db.service):
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
