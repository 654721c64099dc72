"""kill -9 at the worst moments: nothing is lost, nothing is done twice.

A trigger on a table, waiting for a lock that the test holds, stops a service exactly between two of its steps.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import asyncpg
import pytest

from deploy.local.supervisor import Supervisor
from tests.e2e.people import Photographer
from tests.e2e.test_outages import back, place
from tests.e2e.test_rules import paid_order, ready_gallery
from tests.waiting import eventually

GATE = 4711
pytestmark = pytest.mark.usefixtures("nothing_undelivered")


WHERE_IT_STANDS = {
    "in the transaction": "CREATE TRIGGER gate BEFORE {} FOR EACH STATEMENT",
    "at the commit": "CREATE CONSTRAINT TRIGGER gate AFTER {} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW",
}


@asynccontextmanager
async def gate(
    database: asyncpg.Connection, event: str, table: str, where: str = "in the transaction"
) -> AsyncIterator[None]:
    """Who does `event` (INSERT, UPDATE) on `table` waits there until the block ends."""
    await database.execute(f"SELECT pg_advisory_lock({GATE})")
    await database.execute(f"""
        CREATE OR REPLACE FUNCTION public.wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_advisory_xact_lock_shared({GATE}); RETURN NEW; END $$;
        {WHERE_IT_STANDS[where].format(f"{event} ON {table}")} EXECUTE FUNCTION public.wait_at_gate()""")
    try:
        yield
    finally:
        await database.execute(f"SELECT pg_advisory_unlock({GATE})")
        await database.execute(f"DROP TRIGGER gate ON {table}")


async def somebody_at_the_gate(database: asyncpg.Connection) -> bool:
    waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted)"
    return bool(await database.fetchval(waiting, GATE))


async def numbers(photographer: Photographer, path: str) -> list[int]:
    return [order["number"] for order in (await photographer.do("GET", f"{path}/orders"))["items"]]


async def test_a_gateway_killed_between_commit_and_publish_loses_nothing(
    stack: Supervisor, photographer: Photographer
) -> None:
    desk, photos = await ready_gallery(photographer)
    await stack.stop("rabbitmq")
    accepted = await place(desk, photos["a.jpg"], key="k")
    assert accepted.status == 202
    await stack.kill("gateway")
    await back(stack, "rabbitmq")

    answer = await photographer.world.final(accepted)
    assert answer.status == 201
    assert await numbers(photographer, desk.path) == [1]


async def test_a_service_killed_between_publish_and_mark_publishes_again_and_is_heard_once(
    stack: Supervisor, photographer: Photographer, database: asyncpg.Connection
) -> None:
    desk, photos = await ready_gallery(photographer)
    async with gate(database, "UPDATE", "orders.outbox"):
        placed = await place(desk, photos["a.jpg"], key="k")
        assert placed.status == 201  # published, seen in the view, and not yet marked
        await eventually(lambda: somebody_at_the_gate(database))
        await stack.kill("orders")
    await stack.ready("orders")

    order_id = placed.json["id"]
    published = "SELECT count(*) FROM orders.outbox WHERE published_at IS NULL"
    await eventually(lambda: is_zero(database, published))
    seen_twice = await photographer.do("GET", f"/orders/{order_id}")
    assert [step["what"] for step in seen_twice["timeline"]] == ["placed"]
    assert await numbers(photographer, desk.path) == [1]


async def test_a_broker_killed_between_handle_and_acknowledge_delivers_again_and_nothing_is_done_twice(
    stack: Supervisor, photographer: Photographer, database: asyncpg.Connection
) -> None:
    desk, photos = await ready_gallery(photographer)
    async with gate(database, "INSERT", "orders.client_order"):
        placing = asyncio.create_task(place(desk, photos["a.jpg"], key="k"))
        await eventually(lambda: somebody_at_the_gate(database))
        await stack.kill("rabbitmq")  # the handler goes on, commits, and cannot acknowledge any more
    answer = await placing
    await stack.ready()

    answer = await photographer.world.final(answer)
    assert answer.status == 201
    assert await numbers(photographer, desk.path) == [1]


async def test_a_service_killed_between_handle_and_acknowledge_is_told_again_and_does_it_once(
    stack: Supervisor, photographer: Photographer, database: asyncpg.Connection
) -> None:
    desk, photos = await ready_gallery(photographer)
    async with gate(database, "INSERT", "orders.client_order", "at the commit"):
        placing = asyncio.create_task(place(desk, photos["a.jpg"], key="k"))
        await eventually(lambda: somebody_at_the_gate(database))
        os.kill(stack.pid("orders"), signal.SIGSTOP)  # PostgreSQL commits, and the service never hears of it
    await eventually(lambda: database.fetchval("SELECT true FROM orders.client_order WHERE gallery_id = $1", desk.id))
    await stack.kill("orders")
    await placing
    await stack.ready()

    answer = await photographer.world.final(placing.result())
    assert answer.status == 201
    assert await numbers(photographer, desk.path) == [1]


async def test_a_service_killed_inside_its_transaction_does_it_after_the_restart(
    stack: Supervisor, photographer: Photographer, database: asyncpg.Connection
) -> None:
    desk, photos = await ready_gallery(photographer)
    async with gate(database, "INSERT", "orders.client_order"):
        placing = asyncio.create_task(place(desk, photos["a.jpg"], key="k"))
        await eventually(lambda: somebody_at_the_gate(database))
        await stack.kill("orders")
        await placing
    await stack.ready()

    answer = await photographer.world.final(placing.result())
    assert answer.status == 201
    assert await numbers(photographer, desk.path) == [1]


@pytest.mark.parametrize("name", ["gateway", "orders", "transfers", "entitlements", "notifier", "postgres"])
async def test_killing_a_process_in_the_middle_of_work_loses_and_repeats_nothing(
    stack: Supervisor, photographer: Photographer, name: str
) -> None:
    desk, photos = await ready_gallery(photographer)
    orders = [await paid_order(desk, photos["a.jpg"], photos["b.jpg"], ready=False) for _ in range(5)]
    upload = asyncio.create_task(desk.add_finals("b.jpg"))
    await stack.kill(name)
    await stack.ready()
    await asyncio.wait([upload])
    if (
        upload.exception()
    ):  # the gateway or the database was away while the photographer's program uploaded: it tries again
        await desk.add_finals("b.jpg")
    for order in orders:
        await order.until(ready=True, within=150)  # a database that was away for long is tried again after a minute
    await desk.notify()
    await desk.no_mail_on_its_way()

    assert [len(await order.mails()) for order in orders] == [1] * 5


async def test_a_gateway_that_starts_without_the_broker_answers_reads_and_accepts_writes(
    stack: Supervisor, photographer: Photographer
) -> None:
    desk, photos = await ready_gallery(photographer)
    await stack.stop("rabbitmq")
    try:
        await stack.kill("gateway")
        await eventually(lambda: answers(photographer, desk.path), within=30)
        accepted = await place(desk, photos["a.jpg"], key="k")
    finally:
        await back(stack, "rabbitmq")

    assert accepted.status == 202
    assert (await photographer.world.final(accepted)).status == 201


async def answers(photographer: Photographer, path: str) -> bool:
    """Whether the gateway is there and answers a read."""
    try:
        return (await photographer.call("GET", path)).status == 200
    except aiohttp.ClientConnectionError:
        return False


async def is_zero(database: asyncpg.Connection, query: str) -> bool:
    return bool(await database.fetchval(query) == 0)
