"""RabbitMQ: whether somebody works at every queue, what waits there, and what is dead."""

import asyncio
from collections.abc import AsyncIterator

import aio_pika
from aio_pika.abc import AbstractConnection

from chassis.queues import dead_depth, depth
from cli.doctor.findings import Finding, broken, fine, look, several, short
from contracts.topology import QUEUES, SERVICES

MANY = 1_000
"""Messages in a queue that somebody should know of."""


async def check(url: str) -> AsyncIterator[Finding]:
    """Everything about it."""
    try:
        connection = await aio_pika.connect(url, timeout=10)
    except (OSError, ValueError, aio_pika.exceptions.AMQPError) as error:
        yield broken(f"RabbitMQ: {short(error)}", "start it, or mend PHOTOFERRY_RABBITMQ_URL")
        return
    async with connection:
        checks = [look_at(connection, service) for service in SERVICES for look_at in (_work, _dead)]
        for found in await asyncio.gather(*checks):  # others who look at dead messages are waited for once
            yield found


async def _work(connection: AbstractConnection, service: str) -> Finding:
    """The first thing that is wrong with a service's queues."""
    names = [name for name in QUEUES if name.startswith(f"{service}.")]
    waiting = 0
    for name in names:
        queue = await depth(connection, name)
        if queue is None:
            return broken(f"there is no queue {name}", f"start {service} of this release: it makes its own")
        if not queue.consumers:
            waits = several(queue.waiting, "message", "wait") if queue.waiting else "nothing waits"
            return broken(f"nobody works at {name}, where {waits}", f"start {service}")
        waiting += queue.waiting
    if waiting > MANY:
        return look(f"{waiting:,} messages wait for {service}", f"more copies of {service}, or a look at its log")
    return fine(f"{service} is there for its {len(names)} queues")


async def _dead(connection: AbstractConnection, service: str) -> Finding:
    queue = await dead_depth(connection, service)
    if queue and queue.waiting:
        are = "is" if queue.waiting == 1 else "are"
        what = f"{several(queue.waiting, 'message')} of {service} {are} dead"
        return broken(what, "photoferry dead list says which, and why")
    return fine(f"no message of {service} is dead")
