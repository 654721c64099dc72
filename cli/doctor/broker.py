"""RabbitMQ: whether somebody works at every queue, what waits there, and what is dead."""

from collections.abc import AsyncIterator

import aio_pika
from aio_pika.abc import AbstractConnection

from chassis.queues import dead_depth, depth
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
        queue = await depth(connection, name)
        if queue is None:
            return broken(f"there is no queue {name}", f"start {service} of this release: it makes its own")
        if not queue.consumers:
            return broken(f"nobody works at {name}, where {queue.waiting} messages wait", f"start {service}")
        waiting += queue.waiting
    if waiting > MANY:
        return look(f"{waiting} messages wait for {service}", f"more copies of {service}, or a look at its log")
    return fine(f"{service} works at its {len(names)} queues")


async def _dead(connection: AbstractConnection, service: str) -> Finding:
    queue = await dead_depth(connection, service)
    if queue and queue.waiting:
        return broken(f"{queue.waiting} messages of {service} are dead", "photoferry dead list says which, and why")
    return fine(f"no message of {service} is dead")
