"""`photoferry rebuild`, as an operator calls it: refused, interrupted, killed, in the way of others."""

import asyncio
import json
import re
import sys
from asyncio.subprocess import Process
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from chassis.bus import Handlers
from chassis.db import Database, apply_migrations, known_migrations
from cli.rebuild.feeding import feeds
from contracts.base import uuid7
from services.entitlements.handlers import router as entitlements
from services.gateway.handlers import router as gateway
from tests.cli.interrupting import hear_interrupts
from tests.cli.rebuild.installation import Installation
from tests.cli.rebuild.school import school
from tests.gateway.view.test_orders_of_arrival import SIGNER, deliver
from tests.waiting import eventually

LEFT = "SELECT nspname FROM pg_namespace WHERE nspname LIKE '%_rebuilt'"


class Operator:
    """Who has the gateway's settings."""

    def __init__(self, there: Installation) -> None:
        self.there = there
        self.db = there.services["gateway"]
        self.env = {
            "PHOTOFERRY_DATABASE_URL": there.url,
            "PHOTOFERRY_RABBITMQ_URL": "amqp://nobody@127.0.0.1:1",
            "PHOTOFERRY_S3_URL": "http://key:secret@127.0.0.1:1/bucket",
            "PHOTOFERRY_SECRET": SIGNER.secret,
        }

    async def begin(self, what: str, *options: str, **env: str) -> Process:
        """Start a run."""
        command = [str(Path(sys.executable).with_name("photoferry")), "rebuild", what, *options]
        return await asyncio.create_subprocess_exec(
            *command, env=self.env | env, stdout=-1, stderr=-1, preexec_fn=hear_interrupts
        )

    async def run(self, what: str, *options: str, ok: int = 0, **env: str) -> str:
        """A whole run; returns what it says, on stderr when it failed."""
        process = await self.begin(what, *options, **env)
        out, err = await process.communicate()
        assert process.returncode == ok, (process.returncode, out.decode(), err.decode())
        return re.sub(r"\s+", " ", (err if ok else out).decode())

    async def read(self, what: str) -> Any:
        """What a run says to programs."""
        return json.loads(await self.run(what, "--json"))

    async def lose(self) -> dict[str, list[str]]:
        """Lose all orders of the view; returns all rows as they are then."""
        await self.db.pool.execute("TRUNCATE client_order")
        return await self.there.rows("gateway")


@pytest.fixture
async def operator(installation: Installation) -> Operator:
    operator = Operator(installation)
    events = school()
    await installation.log(*events)
    for event in events:
        await deliver(operator.db, event)
    return operator


async def test_the_figures_are_told_to_people_and_to_programs(operator: Operator) -> None:
    await operator.lose()
    told = await operator.read("gateway-view")
    assert told["differences"]["client_order"] == {"missing": 2, "wrong": 0, "invented": 0}
    await operator.lose()
    said = await operator.run("gateway-view")

    assert f"{told['events']} messages, {told['rows']} rows, 2 of them were not as they had to be" in said
    assert "client_order" in said
    assert "photo" not in said
    assert "0 of them" in await operator.run("gateway-view")
    assert "0 of them" not in await operator.run("entitlements")  # it had heard of nothing
    assert (await operator.read("entitlements"))["told"] == 0
    assert await operator.db.pool.fetch(LEFT) == []


async def test_a_run_that_is_killed_changes_nothing_and_the_next_one_begins_anew(operator: Operator) -> None:
    lost = await operator.lose()
    async with operator.db.pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE inbox IN ROW SHARE MODE")  # the run cannot end
        process = await operator.begin("gateway-view")
        await eventually(lambda: waits(operator.db), within=60)
        assert "Another rebuild is under way" in await operator.run("gateway-view", ok=4)
        process.kill()
        await process.communicate()
        await eventually(lambda: nobody_rebuilds(operator.db), within=60)
    assert await operator.there.rows("gateway") == lost
    assert await operator.db.pool.fetch(LEFT) != []
    await operator.run("gateway-view")

    assert await operator.db.pool.fetchval("SELECT count(*) FROM client_order") == 2
    assert await operator.db.pool.fetch(LEFT) == []


async def waits(db: Database) -> bool:
    """Whether a rebuild waits for its turn."""
    return bool(
        await db.pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'inbox'::regclass")
    )


async def nobody_rebuilds(db: Database) -> bool:
    return not await db.pool.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name ~ 'rebuil' AND datname = current_database()"
    )


async def test_one_that_is_interrupted_leaves_nothing_behind(operator: Operator) -> None:
    lost = await operator.lose()
    async with operator.db.pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE inbox IN ROW SHARE MODE")
        process = await operator.begin("gateway-view")
        await eventually(lambda: waits(operator.db), within=60)
        process.send_signal(2)
        _, said = await process.communicate()

    assert (process.returncode, said) == (130, b"Interrupted. Nothing was changed.\n")
    assert await operator.there.rows("gateway") == lost
    assert await operator.db.pool.fetch(LEFT) == []


async def test_another_secret_or_store_is_refused(operator: Operator) -> None:
    await operator.db.pool.execute("INSERT INTO signed_for (base) VALUES ($1)", SIGNER.preview_base)
    assert "PHOTOFERRY_SECRET is not the gateway's" in await operator.run(
        "gateway-view", ok=4, PHOTOFERRY_SECRET="x" * 32
    )
    assert "previews are elsewhere" in await operator.run("gateway-view", ok=4, PHOTOFERRY_DELIVERY="proxy")
    assert "PHOTOFERRY_SECRET: " in await operator.run("gateway-view", ok=4, PHOTOFERRY_SECRET="short")
    await operator.run("gateway-view")


async def test_a_database_of_another_version_is_refused(operator: Operator) -> None:
    name = known_migrations("gateway")[-1]
    future = "UPDATE migration SET name = 'services.gateway/9999_future.sql' WHERE name = $1"
    await operator.db.pool.execute(future, name)
    assert "newer than this command, it has services.gateway/9999_future.sql" in await operator.run(
        "gateway-view", ok=4
    )
    await operator.db.pool.execute("DELETE FROM migration WHERE name LIKE '%9999_future.sql'")
    assert f"older than this command, it lacks {name}" in await operator.run("gateway-view", ok=4)


async def test_no_database_or_an_empty_one_is_told(operator: Operator, installation: Installation) -> None:
    nowhere = "postgresql://a:b@127.0.0.1:1/c"
    assert "PostgreSQL cannot be reached" in await operator.run("entitlements", ok=5, PHOTOFERRY_DATABASE_URL=nowhere)
    await installation.services["notifier"].pool.execute("DROP SCHEMA notifier CASCADE")
    assert "no schema of notifier" in await operator.run("entitlements", ok=4)


async def test_a_message_that_cannot_be_read_is_named_and_nothing_changes(operator: Operator) -> None:
    lost = await operator.lose()
    message_id = uuid7()
    await operator.db.pool.execute(
        "INSERT INTO orders.outbox (message_id, topic, payload) VALUES ($1, 'orders.order_paid.v1', '{}')", message_id
    )
    said = await operator.run("gateway-view", ok=1)

    assert f"orders.order_paid.v1 {message_id} cannot be read" in said
    assert await operator.there.rows("gateway") == lost
    assert await operator.db.pool.fetch(LEFT) == []


async def test_no_service_migrates_meanwhile(operator: Operator) -> None:
    async with operator.db.pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE inbox IN ROW SHARE MODE")
        process = await operator.begin("gateway-view")
        await eventually(lambda: waits(operator.db), within=60)
        other = await asyncpg.connect(operator.there.url, server_settings={"lock_timeout": "50"})
        with pytest.raises(asyncpg.LockNotAvailableError):
            await apply_migrations(other, "gateway", known_migrations("gateway"))
        await other.close()
    await process.communicate()
    assert process.returncode == 0


@pytest.mark.parametrize(("service", "router"), [("gateway", gateway), ("entitlements", entitlements)])
def test_every_queue_of_a_service_is_fed_by_its_own_handler(service: str, router: Handlers) -> None:
    assert {feed.queue for feed in feeds(service)} == set(router.work)


async def test_messages_are_claimed_by_the_names_of_their_queues(operator: Operator) -> None:
    """Or they would be read and handled again and again."""
    rows = await operator.db.pool.fetch("SELECT DISTINCT consumer FROM inbox")

    assert {row["consumer"] for row in rows} < {feed.consumer for feed in feeds("gateway")}
