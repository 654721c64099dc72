"""How much waits in RabbitMQ's queues, and for whom. Asking changes nothing."""

import asyncio
from dataclasses import dataclass

import aio_pika
from aio_pika.abc import AbstractConnection

from chassis.bus import dead_queue


@dataclass(frozen=True, slots=True)
class Depth:
    """What is in a queue."""

    waiting: int
    """Messages that nobody has in hand."""
    consumers: int


async def depth(connection: AbstractConnection, name: str) -> Depth | None:
    """Of one queue; None: there is none of this name. Wants a connection that is not a robust one, as those cache."""
    channel = await connection.channel()
    try:
        found = (await channel.declare_queue(name, passive=True)).declaration_result
    except aio_pika.exceptions.ChannelNotFoundEntity:  # it closes the channel, too
        return None
    await channel.close()
    return Depth(found.message_count or 0, found.consumer_count or 0)


async def dead_depth(connection: AbstractConnection, service: str) -> Depth | None:
    """Of a service's dead queue. Who looks into it has its messages in hand, and mostly ends soon: waits for that."""
    for _ in range(100):
        found = await depth(connection, dead_queue(service))
        if not found or not found.consumers:
            break
        await asyncio.sleep(0.05)
    return found
