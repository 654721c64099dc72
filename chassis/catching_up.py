"""Who acts of their own accord first hears what happened while they were away: an erasure, a payment, a later date."""

import asyncio
from collections.abc import Set

import aio_pika
import structlog
from aio_pika.abc import AbstractConnection

from chassis.queues import depth
from chassis.retries import BROKEN
from contracts.topology import QUEUES

LOOK_EVERY = 0.2
"""Seconds; longer than a message takes from its queue to us."""

log = structlog.get_logger()


async def caught_up(url: str, service: str, in_hand: Set[object]) -> None:
    """Return once what waited for `service` is handled; tries on while RabbitMQ is away.

    Each of its queues has been empty by then, so all that was in it has been delivered, and what this process had in
    hand after that (of `in_hand`, which changes) is answered. What comes meanwhile need not be.
    """
    while True:
        try:
            connection = await aio_pika.connect(url, timeout=10)  # not a robust one: that answers from its cache
            async with connection:
                await _until_delivered(connection, service)
            break
        except (*BROKEN, aio_pika.exceptions.AMQPError) as error:
            log.warning("waiting", waiting_for="RabbitMQ", error=f"{type(error).__name__}: {error}")
            await asyncio.sleep(1)
    await asyncio.sleep(LOOK_EVERY)
    delivered = set(in_hand)
    while delivered:
        await asyncio.sleep(LOOK_EVERY)
        delivered &= in_hand


async def _until_delivered(connection: AbstractConnection, service: str) -> None:
    waiting = [name for name in QUEUES if name.startswith(f"{service}.")]
    while waiting:
        await asyncio.sleep(LOOK_EVERY)
        found = await asyncio.gather(*(depth(connection, name) for name in waiting))
        waiting = [name for name, each in zip(waiting, found, strict=True) if each and each.waiting]
