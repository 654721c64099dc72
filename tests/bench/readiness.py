"""2,000 finals for 600 orders of 10: from the moment they are registered until the last order is ready in the view."""

import random
import time
from uuid import UUID

import asyncpg

from chassis import outbox
from chassis.db import Database
from contracts.base import Cause, Message, caused_by, uuid7
from deploy.local.supervisor import Supervisor
from tests.bench.matching import FINALS, LINES, ORDERS
from tests.e2e.people import GalleryDesk, Photographer, World
from tests.entitlements.making import paid, proof, uploaded
from tests.waiting import eventually

BARE = 2_000
A_CALL = 200
"""Uploads that one call completes."""


async def readiness(stack: Supervisor, world: World) -> dict[str, float]:
    """Seconds, and the share of what this PostgreSQL could do with as many bare transactions, one after the other."""
    desk = await (await Photographer.sign_up(world)).open_gallery()
    gallery = desk.id
    names = [f"IMG_{number:04}.jpg" for number in range(FINALS)]
    await register(stack, "transfers", [proof(gallery, name) for name in names])
    await register(stack, "orders", [paid(gallery, *random.sample(names, LINES)) for _ in range(ORDERS)])
    await eventually(lambda: counts(desk, photos=FINALS, waiting=ORDERS), within=120, every=0.2)
    await eventually(lambda: nothing_on_its_way(stack), within=120, every=1)
    limit = await bare_transactions(stack)
    began = time.perf_counter()
    await register(stack, "transfers", uploads(gallery, names))
    await eventually(lambda: counts(desk, ready=ORDERS), within=120, every=0.1)
    seconds = time.perf_counter() - began
    return {
        "last upload registered to last order ready, s (under 20)": seconds,
        "bare inbox+effect+outbox transactions/s": limit,
        "finals/s as a share of that": FINALS / seconds / limit,
    }


def uploads(gallery: UUID, names: list[str]) -> list[Message]:
    """Finals of these names, as many calls completed them."""
    told: list[Message] = []
    for first in range(0, len(names), A_CALL):
        with caused_by(Cause(uuid7())):
            told += [uploaded(gallery, name) for name in names[first : first + A_CALL]]
    return told


async def register(stack: Supervisor, service: str, messages: list[Message]) -> None:
    """Say these messages as `service` would: through its outbox."""
    db = await database(stack, service)
    async with db.transaction() as tx:
        await outbox.emit(tx, *messages)
    await db.close()


async def counts(desk: GalleryDesk, **expected: int) -> bool:
    """Whether the gallery's counts are so."""
    shown = (await desk.do("GET"))["counts"]
    return all(shown[name] == count for name, count in expected.items())


async def nothing_on_its_way(stack: Supervisor) -> bool:
    """Whether every service has handled all that it was sent."""
    assert stack.servers.rabbitmq is not None
    return not any((await stack.servers.rabbitmq.queue_lengths()).values())


async def bare_transactions(stack: Supervisor) -> float:
    """Inbox, one effect and outbox in a transaction, one after the other, a second."""
    db = await database(stack, "entitlements")
    connection: asyncpg.Connection = await db.connect()
    await connection.execute("CREATE TABLE bare (id int PRIMARY KEY)")
    began = time.perf_counter()
    for number in range(BARE):
        async with connection.transaction():
            await connection.execute("SELECT claim('bare', gen_random_uuid(), NULL)")
            await connection.execute("INSERT INTO bare VALUES ($1)", number)
            await connection.execute(
                """INSERT INTO outbox (message_id, topic, payload, published_at)
                   VALUES (gen_random_uuid(), 'bare', '{}', now())"""
            )
    rate = BARE / (time.perf_counter() - began)
    await connection.close()
    await db.close()
    return rate


async def database(stack: Supervisor, service: str) -> Database:
    """A service's own schema."""
    return await Database.open(stack.servers.urls(stack.config)["PHOTOFERRY_DATABASE_URL"], service)
