"""Traces are off unless there is somewhere to send them, and then tell nothing that is nobody's business."""

import asyncio
import os
import subprocess
import sys

import pytest

from chassis.bus import retry_exchange
from chassis.db import Database
from chassis.relay import Relay
from chassis.spans import CLOSE_WITHIN
from contracts.base import uuid7
from contracts.orders import PlaceOrder
from contracts.topology import SERVICES
from deploy.local.ports import HOST, free_port
from tests.chassis.conftest import QUEUE, Bus
from tests.conftest import OpenDatabase
from tests.making import line, place_order
from tests.tracing import collector

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
IMPORTED = """
import sys
import services.{0}.app
from chassis import tracing

tracing.configure("{0}")
with tracing.working("work", None), tracing.calling("somebody"):
    assert tracing.traceparent() is None
print(*(name for name in sys.modules if name.startswith("opentelemetry")))
"""
WORKING = """
import asyncio, sys
import asyncpg
from chassis import tracing
from chassis.db import Database

async def main():
    tracing.configure("orders")
    db = await Database.open(sys.argv[1], "orders")
    await db.pool.fetchval("SELECT 'outside'")
    with tracing.working("inside", None):
        await db.pool.execute("CREATE TEMP TABLE client (email text PRIMARY KEY)")
        try:
            await db.pool.executemany("INSERT INTO client VALUES ($1)", [("anna@example.com",)] * 2)
        except asyncpg.UniqueViolationError as error:
            assert "anna@example.com" in str(error.detail) + str(error)
    try:
        with tracing.working("failing", None), tracing.calling("somebody"):
            raise LookupError("anna@example.com")
    except LookupError:
        pass
    await db.close()

asyncio.run(main())
tracing.close()
"""
STOPPING = """
from chassis import tracing

tracing.configure("orders")
for _ in range(2_000):
    with tracing.working("work", None):
        pass
tracing.close()
"""


@pytest.fixture
async def db(open_database: OpenDatabase) -> Database:
    return await open_database("orders")


def environment(**more: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")} | more


@pytest.mark.parametrize("service", SERVICES)
def test_without_an_endpoint_nothing_of_it_is_imported(service: str) -> None:
    """But for the interface, which FastAPI imports."""
    ran = subprocess.run(
        [sys.executable, "-c", IMPORTED.format(service)], capture_output=True, text=True, check=True, env=environment()
    )
    heavy = tuple(f"opentelemetry.{part}" for part in ("sdk", "exporter", "instrumentation", "proto"))
    imported = ran.stdout.split()
    assert [name for name in imported if name.startswith(heavy)] == []
    assert service == "gateway" or "opentelemetry.trace" not in imported


async def test_of_what_fails_its_kind_is_told_and_of_loops_nothing(database_url: str) -> None:
    async with collector() as traces:
        told = environment(OTEL_EXPORTER_OTLP_ENDPOINT=traces.url)
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKING, database_url, env=told)
        assert await process.wait() == 0

    (inside,), (failing,), (calling,) = map(traces.named, ("inside", "failing", "somebody"))
    (insert,) = traces.named("INSERT")
    assert (inside.failed, insert.failed, failing.failed, calling.failed) == (False, True, True, True)
    assert insert.parent == inside.id
    assert insert.attributes["db.statement"] == "INSERT INTO client VALUES ($1)"
    assert calling.attributes == failing.attributes == {"error.type": "LookupError"}
    assert not traces.named("SELECT")
    said = b"".join(traces.said)
    assert b"UniqueViolationError" in said
    assert b"anna" not in said


def test_a_collector_that_is_away_holds_no_service_up() -> None:
    told = environment(OTEL_EXPORTER_OTLP_ENDPOINT=f"http://{HOST}:{free_port()}")
    subprocess.run([sys.executable, "-c", STOPPING], check=True, env=told, timeout=CLOSE_WITHIN + 15)


async def test_a_message_is_published_in_the_trace_that_its_row_belongs_to(bus: Bus, db: Database) -> None:
    command = place_order(uuid7(), line("a.jpg"))
    await db.pool.execute(
        "INSERT INTO outbox (message_id, topic, payload, traceparent) VALUES ($1, $2, $3, $4)",
        command.message_id,
        command.topic,
        command.model_dump_json(),
        TRACEPARENT,
    )
    relay = asyncio.create_task(Relay(db, bus.publisher).run())
    published = await bus.get(QUEUE)
    relay.cancel()
    await asyncio.wait([relay])

    assert published.headers["traceparent"] == TRACEPARENT


@pytest.mark.parametrize(("attempt", "queue"), [(1, retry_exchange(10)), (5, "orders.dead")])
async def test_a_message_that_failed_stays_in_its_trace(bus: Bus, attempt: int, queue: str) -> None:
    async def fail(_: PlaceOrder) -> None:
        raise RuntimeError("not now")

    command = place_order(uuid7(), line("a.jpg"))
    headers = {"photoferry-attempt": attempt, "traceparent": TRACEPARENT}
    async with bus.consuming(fail):
        await bus.put(QUEUE, command.model_dump_json().encode(), type=command.topic, headers=headers)
        waiting = await bus.get(queue)

    assert waiting.headers["traceparent"] == TRACEPARENT
    assert waiting.headers["photoferry-attempt"] == attempt + 1
