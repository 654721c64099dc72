"""`photoferry doctor` where a server is there and does not answer, and of messages that nobody handles."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from cli.doctor import handling
from cli.doctor.findings import Finding, State, fine
from contracts.topology import SERVICES
from tests.cli.rebuild.installation import Installation
from tests.making import place_order

HOST = "127.0.0.1"


@pytest.fixture
async def mute() -> AsyncIterator[str]:
    """The address of a server that takes connections and says nothing."""
    over = asyncio.Event()

    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    server = await asyncio.start_server(say_nothing, HOST, 0)
    yield f"{HOST}:{server.sockets[0].getsockname()[1]}"
    over.set()
    server.close()


async def test_nobody_is_waited_for_long_and_lines_come_as_they_are_known(mute: str) -> None:
    env = {
        "PHOTOFERRY_DATABASE_URL": f"postgresql://user:password@{mute}/none",
        "PHOTOFERRY_RABBITMQ_URL": f"amqp://user:password@{mute}/none",
        "PHOTOFERRY_S3_URL": f"http://key:password@{mute}/none",
        "PHOTOFERRY_SMTP_URL": f"smtp://user:password@{mute}",
        "PHOTOFERRY_PUBLIC_URL": f"http://{mute}",
        "PHOTOFERRY_SECRET": "a secret of more than 32 characters",
    }
    doctor = [str(Path(sys.executable).with_name("photoferry")), "doctor"]
    process = await asyncio.create_subprocess_exec(*doctor, env=env, stdout=-1, stderr=-1)
    assert process.stdout
    assert "links begin with http:" in (await process.stdout.readline()).decode()
    assert process.returncode is None  # the others are still being looked at

    async with asyncio.timeout(20):
        said, complained = await process.communicate()
    lines = said.decode().splitlines()
    assert [line.split(":")[0] for line in lines if line.startswith("✗")] == [
        "✗ PostgreSQL",
        "✗ RabbitMQ",
        "✗ the object store does not answer",
        "✗ the mail server",
        "✗ http",
    ]
    assert complained == b""
    assert await process.wait() == 1


async def test_a_message_is_missed_after_a_minute_and_whether_anything_else_was_handled_is_told(
    database_url: str,
) -> None:
    async with Installation(database_url) as there:
        orders, gateway = there.services["orders"].pool, there.services["gateway"].pool

        async def found() -> Finding:
            connection = await asyncpg.connect(database_url)
            try:
                return await handling.check(connection, "orders", SERVICES)
            finally:
                await connection.close()

        await there.log(place_order(uuid4()), place_order(uuid4()))
        await gateway.execute("UPDATE outbox SET published_at = now() - interval '55 seconds'")
        assert await found() == fine("orders has handled what it was sent")
        await gateway.execute("UPDATE outbox SET published_at = now() - interval '90 seconds'")
        missing = "orders has not handled 2 messages, the oldest for 0:01:30"
        assert (await found()).what == f"{missing}, and nothing else since"
        await orders.execute("INSERT INTO inbox VALUES ('place_order', gen_random_uuid())")
        assert ((await found()).state, (await found()).what) == (State.LOOK, missing)
        await gateway.execute("UPDATE outbox SET gallery_id = gen_random_uuid()")
        await orders.execute("INSERT INTO deleted_gallery SELECT gallery_id FROM gateway.outbox LIMIT 1")
        assert "1 message, " in (await found()).what
