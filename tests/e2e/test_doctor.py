"""`photoferry doctor` finds what is wrong, and says what to do."""

import json
import os
import shlex
import signal
from typing import Any

import aio_pika
import asyncpg
import pytest

from chassis.bus import dead_queue
from deploy.local.supervisor import Supervisor
from tests.e2e.people import Photographer
from tests.e2e.test_cli import Shell
from tests.e2e.test_outages import back
from tests.e2e.test_rules import ready_gallery

SECRET = "a secret of more than 32 characters"
NOWHERE = {
    "PHOTOFERRY_DATABASE_URL": "postgresql://user:password@127.0.0.1:1/none",
    "PHOTOFERRY_RABBITMQ_URL": "amqp://user:password@127.0.0.1:1/none",
    "PHOTOFERRY_S3_URL": "http://key:password@127.0.0.1:1/none",
    "PHOTOFERRY_SMTP_URL": "smtp://user:password@127.0.0.1:1",
    "PHOTOFERRY_PUBLIC_URL": "https://127.0.0.1:1",
    "PHOTOFERRY_SECRET": SECRET,
}


@pytest.fixture
def operator(stack: Supervisor) -> Shell:
    """A shell with the settings of the services."""
    return Shell(dict(line.split("=", 1) for line in shlex.split(stack.operator_env.read_text())))


async def found(shell: Shell, *, broken: bool) -> dict[str, list[dict[str, Any]]]:
    """What `doctor` finds, by its state."""
    said = await shell.run("doctor", "--json", ok=int(broken), out=True)
    rows: dict[str, list[dict[str, Any]]] = {"fine": [], "look": [], "broken": []}
    for row in json.loads(said):
        rows[row["state"]].append(row)
    return rows


async def test_a_healthy_installation(operator: Shell) -> None:
    rows = await found(operator, broken=False)
    said = "\n".join(row["what"] for row in rows["fine"])
    for part in (
        "PostgreSQL",
        "clocks",
        "orders is there for its",
        "orders has handled what it was sent",
        "object store",
        "mail server",
        operator.env["PHOTOFERRY_PUBLIC_URL"],
    ):
        assert part in said
    assert any("https" in row["remedy"] for row in rows["look"])


async def test_what_does_not_answer_is_named_and_no_password(stack: Supervisor) -> None:
    rows = await found(Shell(NOWHERE), broken=True)
    for name in ("DATABASE", "RABBITMQ", "S3", "SMTP"):
        assert any(f"PHOTOFERRY_{name}_URL" in row["remedy"] for row in rows["broken"])
    assert any("clients cannot open" in row["remedy"] for row in rows["broken"])
    assert "password" not in json.dumps(rows)


async def test_settings_that_are_missing_or_wrong_are_named(stack: Supervisor) -> None:
    rows = await found(Shell({"PHOTOFERRY_SECRET": "short", "PHOTOFERRY_DATABASE_URL": ""}), broken=True)
    said = "\n".join(row["what"] for row in rows["broken"])
    for name in ("SECRET", "RABBITMQ_URL", "S3_URL", "SMTP_URL"):
        assert f"PHOTOFERRY_{name}: " in said


async def test_a_service_that_is_stopped_and_dead_messages_are_found(stack: Supervisor, operator: Shell) -> None:
    connection = await aio_pika.connect(operator.env["PHOTOFERRY_RABBITMQ_URL"])
    async with connection, connection.channel() as channel:
        await channel.default_exchange.publish(aio_pika.Message(b"{}", message_id="dead"), dead_queue("notifier"))
        await stack.stop("orders")
        try:
            rows = await found(operator, broken=True)
        finally:
            await back(stack, "orders")
            dead = await channel.get_queue(dead_queue("notifier"))
            await (await dead.get()).ack()
    remedies = {row["remedy"] for row in rows["broken"]}
    assert remedies == {"start orders", "photoferry dead list says which, and why"}


async def test_another_secret_is_found(stack: Supervisor, operator: Shell, photographer: Photographer) -> None:
    await ready_gallery(photographer)
    rows = await found(operator, broken=False)
    assert any("PHOTOFERRY_SECRET is the one" in row["what"] for row in rows["fine"])
    rows = await found(Shell({**operator.env, "PHOTOFERRY_SECRET": SECRET}), broken=True)
    (row,) = rows["broken"]
    assert "PHOTOFERRY_SECRET is not the one" in row["what"]


async def test_a_service_that_hangs_is_found(
    stack: Supervisor, operator: Shell, photographer: Photographer, database: asyncpg.Connection
) -> None:
    desk, _ = await ready_gallery(photographer)
    os.kill(stack.pid("orders"), signal.SIGSTOP)
    try:
        answer = await photographer.call("PATCH", desk.path, json={"name": "Another name"})
        assert answer.status == 202
        await database.execute("UPDATE gateway.outbox SET published_at = published_at - interval '70 seconds'")
        await database.execute("UPDATE orders.inbox SET handled_at = handled_at - interval '70 seconds'")
        rows = await found(operator, broken=True)
    finally:
        os.kill(stack.pid("orders"), signal.SIGCONT)
    (row,) = rows["broken"]
    assert "orders has not handled 1 message, the oldest for 0:01:1" in row["what"]
    assert "restart orders" in row["remedy"]
    assert (await photographer.world.final(answer)).status == 200


async def test_messages_that_wait_for_the_broker_are_found(
    stack: Supervisor, operator: Shell, photographer: Photographer
) -> None:
    desk, _ = await ready_gallery(photographer)
    await stack.stop("rabbitmq")
    try:
        answer = await photographer.call("PATCH", desk.path, json={"name": "Another name"})
        assert answer.status == 202
        connection = await asyncpg.connect(operator.env["PHOTOFERRY_DATABASE_URL"])
        await connection.execute(
            "UPDATE gateway.outbox SET created_at = now() - interval '2 minutes' WHERE published_at IS NULL"
        )
        await connection.close()
        rows = await found(operator, broken=True)
    finally:
        await back(stack, "rabbitmq")
    said = "\n".join(row["what"] for row in rows["broken"])
    assert "gateway: 1 message waits for RabbitMQ, the oldest for 0:02:0" in said
    assert "RabbitMQ: " in said
