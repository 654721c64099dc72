"""Who acts of their own accord first hears what happened while they were away: an erasure, a payment, a later date."""

import asyncio
from collections.abc import Callable

import aio_pika
import structlog
from aio_pika.abc import AbstractConnection

from chassis.queues import depth
from chassis.retries import BROKEN
from contracts.topology import QUEUES

LOOK_EVERY = 0.2
"""Seconds; longer than a message takes from its queue to us."""

log = structlog.get_logger()


async def caught_up(url: str, service: str, in_hand: Callable[[], int]) -> None:
    """Return once what waited for `service` is handled; tries on while RabbitMQ is away.

    Its queues are empty then, and this process has nothing in hand, at two looks in a row: a message that has left its
    queue is in nobody's hand until it is here.
    """
    while True:
        try:
            connection = await aio_pika.connect(url, timeout=10)  # not a robust one: that answers from its cache
            async with connection:
                return await _look_until_caught_up(connection, service, in_hand)
        except (*BROKEN, aio_pika.exceptions.AMQPError) as error:
            log.warning("waiting", waiting_for="RabbitMQ", error=f"{type(error).__name__}: {error}")
            await asyncio.sleep(1)


async def _look_until_caught_up(connection: AbstractConnection, service: str, in_hand: Callable[[], int]) -> None:
    names = [name for name in QUEUES if name.startswith(f"{service}.")]
    idle = 0
    while idle < 2:
        await asyncio.sleep(LOOK_EVERY)
        found = await asyncio.gather(*(depth(connection, name) for name in names))
        waiting = sum(each.waiting for each in found if each)
        idle = 0 if waiting or in_hand() else idle + 1
