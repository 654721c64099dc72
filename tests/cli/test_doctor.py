"""`photoferry doctor` where a server is there and does not answer, and of messages that nobody handles."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from cli.doctor import database, handling, settings
from cli.doctor.commands import _all
from cli.doctor.findings import Finding, State, broken, fine
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


FOR_CLIENTS = {
    "PHOTOFERRY_DATABASE_URL": "postgresql://user:password@127.0.0.1/none",
    "PHOTOFERRY_RABBITMQ_URL": "amqp://user:password@127.0.0.1",
    "PHOTOFERRY_S3_URL": "http://key:password@127.0.0.1/none",
    "PHOTOFERRY_SMTP_URL": "smtps://user:password@smtp.example.com:465",
    "PHOTOFERRY_SECRET": "a secret of more than 32 characters",
    "PHOTOFERRY_PUBLIC_URL": "https://photos.example.com",
    "PHOTOFERRY_MAIL_FROM": "photos@example.com",
    "PHOTOFERRY_SIGNUP": "closed",
    "PHOTOFERRY_TRUSTED_PROXIES": "10.0.0.1",
}


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("SIGNUP", "closed", ["settings"]),
        ("SIGNUP", "open", ["anybody can sign up as a studio"]),
        ("RATE_LIMITS", "off", ["passwords can be tried as fast as one likes"]),
        ("TRUSTED_PROXIES", "", ["all clients share the rate limit of the proxy that has the certificate"]),
        ("PRIVATE_ENDPOINTS", "true", ["studios can reach addresses inside your network"]),
        ("MAIL_FROM", "photoferry@localhost", ["mails come from nobody"]),
        ("SMTP_URL", "smtp://mail:1025", ["mails are caught, and reach no client"]),
        ("SECRET", "short", ["PHOTOFERRY_SECRET: has less than 32 characters"]),
        ("PUBLIC_URL", "http://127.0.0.1:8000", ["links begin with http://127.0.0.1:8000"]),
    ],
)
def test_settings_that_are_not_for_clients_are_found(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, found: list[str]
) -> None:
    for each, given in {**FOR_CLIENTS, f"PHOTOFERRY_{name}": value}.items():
        monkeypatch.setenv(each, given)

    assert [each.what for each in settings.read()[1]] == found


def test_a_bank_without_money_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    local = {"PHOTOFERRY_PUBLIC_URL": "http://127.0.0.1:8000", "PHOTOFERRY_SANDBOX_URL": "http://127.0.0.1:8026"}
    for each, given in {**FOR_CLIENTS, **local}.items():
        monkeypatch.setenv(each, given)

    assert "orders can be paid without money" in [each.what for each in settings.read()[1]]


async def test_what_is_wrong_in_the_database_is_found(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Installation(database_url) as all_:
        assert {each.state for each in await in_database(database_url)} == {State.FINE}

        migrations = {name: all_.services[name].pool for name in ("orders", "transfers")}
        await migrations["orders"].execute("DELETE FROM migration WHERE name LIKE '%0001%'")
        await migrations["transfers"].execute(
            "INSERT INTO migration (name) VALUES ('services.transfers/9999_later.sql')"
        )
        await all_.services["notifier"].pool.execute(
            """INSERT INTO mail (gallery_id, kind, email, order_ids, on_purpose, correlation_id, state)
               VALUES ($1, 'links', 'anna@example.com', '{}', true, $1, 'unknown')""",
            uuid4(),
        )
        monkeypatch.setattr(database, "CLOCKS", timedelta(seconds=-1))
        monkeypatch.setattr(database, "TESTED", 99)
        wrong = {each.what.split(":")[0]: each.state for each in await in_database(database_url)}
    assert wrong["orders's schema is older than this release"] is State.BROKEN
    assert wrong["transfers's schema is newer than this release"] is State.LOOK
    assert wrong["1 mail of the last day did not arrive, or nobody knows"] is State.LOOK
    assert wrong["the database's clock is 0 s away from ours"] is State.BROKEN
    assert State.LOOK in {state for what, state in wrong.items() if what.startswith("PostgreSQL ")}


async def test_a_database_that_refuses_a_question_is_a_finding_beside_the_others(database_url: str) -> None:
    async with Installation(database_url) as all_:
        await all_.services["orders"].pool.execute("ALTER TABLE migration RENAME COLUMN name TO other")
        *others, last = await _all("PostgreSQL", "mend it", database.check(database_url, None))

    assert last == broken('PostgreSQL: column "name" does not exist', "mend it")
    assert fine("clocks agree") in others


async def in_database(url: str) -> list[Finding]:
    return [finding async for finding in database.check(url, None)]
