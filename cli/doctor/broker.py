"""RabbitMQ: whether somebody works at every queue, what waits there, and what is dead."""

from collections.abc import AsyncIterator

import aio_pika
from aio_pika.abc import AbstractConnection

from chassis.bus import dead_queue
from cli.doctor.findings import Finding, broken, fine, first_line, look
from contracts.topology import QUEUES, SERVICES

MANY = 1_000
"""Messages in a queue that somebody should know of."""


async def check(url: str) -> AsyncIterator[Finding]:
    """Everything about it."""
    try:
        connection = await aio_pika.connect(url, timeout=10)
    except (OSError, ValueError, aio_pika.exceptions.AMQPError) as error:
        yield broken(f"RabbitMQ: {first_line(error)}", "start it, or mend PHOTOFERRY_RABBITMQ_URL")
        return
    async with connection:
        for service in SERVICES:
            yield await _work(connection, service)
            yield await _dead(connection, service)


async def _work(connection: AbstractConnection, service: str) -> Finding:
    """The first thing that is wrong with a service's queues."""
    names = [name for name in QUEUES if name.startswith(f"{service}.")]
    waiting = 0
    for name in names:
        queue = await _declared(connection, name)
        if queue is None:
            return broken(f"there is no queue {name}", f"start {service} of this release: it makes its own")
        if not queue[1]:
            return broken(f"nobody works at {name}, where {queue[0]} messages wait", f"start {service}")
        waiting += queue[0]
    if waiting > MANY:
        return look(f"{waiting} messages wait for {service}", f"more copies of {service}, or a look at its log")
    return fine(f"{service} works at its {len(names)} queues")


async def _dead(connection: AbstractConnection, service: str) -> Finding:
    queue = await _declared(connection, dead_queue(service))
    if queue and queue[0]:
        return broken(f"{queue[0]} messages of {service} are dead", "photoferry dead list says which, and why")
    return fine(f"no message of {service} is dead")


async def _declared(connection: AbstractConnection, name: str) -> tuple[int, int] | None:
    """How many messages wait in a queue, and how many consumers it has; None: there is no such queue."""
    channel = await connection.channel()
    try:
        found = (await channel.declare_queue(name, passive=True)).declaration_result
    except aio_pika.exceptions.ChannelNotFoundEntity:  # it closes the channel, too
        return None
    await channel.close()
    return found.message_count or 0, found.consumer_count or 0
