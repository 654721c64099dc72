"""What operators see of messages, the outbox and the pool; each with real traffic."""

import asyncio
from datetime import timedelta
from math import isnan

import pytest
from prometheus_client import REGISTRY
from starlette.requests import Request

from chassis import outbox
from chassis.db import Database
from chassis.health import Health
from chassis.retries import ATTEMPTS
from contracts.base import utc_now, uuid7
from contracts.orders import PlaceOrder
from tests.chassis.conftest import QUEUE, Bus
from tests.conftest import OpenDatabase
from tests.making import line, place_order
from tests.waiting import eventually


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"photoferry_{name}", labels) or 0.0


def deliveries() -> dict[str, float]:
    outcomes = {each: value("messages_total", queue=QUEUE, outcome=each) for each in ("handled", "failed", "dead")}
    return outcomes | {
        "retried": value("message_retries_total", queue=QUEUE),
        "timed": value("message_seconds_count", queue=QUEUE),
    }


@pytest.fixture
async def db(open_database: OpenDatabase) -> Database:
    return await open_database("orders")


async def test_a_queue_tells_what_was_handled_what_failed_what_came_again_and_what_is_dead(bus: Bus) -> None:
    seen: set[object] = set()

    async def fail_first(command: PlaceOrder) -> None:
        if command.message_id not in seen:
            seen.add(command.message_id)
            raise RuntimeError("not now")

    async def told() -> bool:
        return {name: count - before[name] for name, count in deliveries().items()} == expected

    before = deliveries()
    expected = {"handled": 1, "failed": 1, "dead": 1, "retried": 2, "timed": 3}
    command, last = place_order(uuid7(), line("a.jpg")), {"photoferry-attempt": ATTEMPTS - 1}
    hopeless = place_order(uuid7(), line("a.jpg"))
    async with bus.consuming(fail_first):
        await bus.publish(command)
        await bus.put(QUEUE, hopeless.model_dump_json().encode(), type=hopeless.topic, headers=last)
        await eventually(told)


async def test_a_queue_tells_how_long_messages_waited_in_it_for_their_first_try(bus: Bus) -> None:
    async def handle(_: PlaceOrder) -> None:
        pass

    async def told() -> bool:
        return value("message_seconds_count", queue=QUEUE) == handled + 2

    def waited() -> list[float]:
        return [value(f"message_waited_seconds_{it}", queue=QUEUE) for it in ("count", "sum")]

    handled, before = value("message_seconds_count", queue=QUEUE), waited()
    for headers in ({}, {"photoferry-attempt": 1}):
        command, an_hour_ago = place_order(uuid7(), line("a.jpg")), utc_now() - timedelta(hours=1)
        body = command.model_dump_json().encode()
        await bus.put(QUEUE, body, type=command.topic, timestamp=an_hour_ago, headers=headers)

    async with bus.consuming(handle):
        await eventually(told)
    count, seconds = (now - then for now, then in zip(waited(), before, strict=True))
    assert count == 1
    assert 3_600 <= seconds < 3_700


async def test_the_outbox_tells_how_much_waits_in_it_and_for_how_long(db: Database) -> None:
    await outbox.measure(db)
    assert (value("outbox_waiting"), value("outbox_oldest_seconds")) == (0, 0)

    async with db.transaction() as tx:
        await outbox.emit(tx, *(place_order(uuid7(), line("a.jpg")) for _ in range(3)))
        await tx.execute("UPDATE outbox SET created_at = now() - interval '1 hour' WHERE id = 2")
        await tx.execute("UPDATE outbox SET published_at = now(), created_at = now() - interval '1 day' WHERE id = 1")
    await outbox.measure(db)
    assert value("outbox_waiting") == 2
    assert 3_600 <= value("outbox_oldest_seconds") < 3_700


async def test_metrics_are_answered_without_the_database_and_claim_nothing_of_it(db: Database) -> None:
    health = Health()
    health.measures.append(lambda: outbox.measure(db))
    await outbox.measure(db)
    await db.close()

    answer = await health._metrics(Request({"type": "http"}))
    assert b"photoferry_outbox_waiting NaN" in bytes(answer.body)
    assert isnan(value("outbox_waiting"))


async def test_the_pool_tells_how_long_connections_are_waited_for(database_url: str) -> None:
    db = await Database.open(database_url, "orders", connections=1)
    count, waited = value("pool_wait_seconds_count"), value("pool_wait_seconds_sum")
    async with db.transaction():
        second = asyncio.create_task(db.pool.fetchval("SELECT 1"))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await asyncio.shield(second)
    await second
    await db.close()

    assert value("pool_wait_seconds_count") - count == 2
    assert value("pool_wait_seconds_sum") - waited >= 0.3
