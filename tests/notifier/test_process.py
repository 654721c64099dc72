"""The notifier as a process of its own: over the bus to the mailbox, and what a crash leaves behind."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from chassis.bus import declare_topology
from chassis.db import Database
from chassis.links import client_token
from chassis.publisher import Publisher
from contracts.base import Message
from contracts.orders import GalleryOpened, OrderPaid, OrderStatus
from deploy.local.ports import free_port
from tests.making import gallery
from tests.notifier.post_office import SILENCE, PostOffice
from tests.notifier.posting import PUBLIC_URL, SECRET, until_done
from tests.notifier.telling import due, mails_of, paid, pressed, ready, states_told
from tests.notifier.test_erasure import erased
from tests.notifier.test_reminders import placed
from tests.waiting import eventually

PAID = {"status": OrderStatus.PAID, "revision": 2}


@asynccontextmanager
async def notifier(
    db: Database, rabbitmq_url: str, smtp_url: str, log: Path
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A running notifier and its HTTP address; stopped politely at the end, unless it is gone by then."""
    port = free_port()
    own = {
        "DATABASE_URL": db.url,
        "RABBITMQ_URL": rabbitmq_url,
        "SMTP_URL": smtp_url,
        "SECRET": SECRET,
        "PUBLIC_URL": PUBLIC_URL,
        "PORT": str(port),
    }
    given = {f"PHOTOFERRY_{name}": value for name, value in own.items()}
    with log.open("ab") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.notifier", env=os.environ | given, stderr=stderr
        )
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def is_ready(url: str) -> bool:
    async with aiohttp.ClientSession() as http:
        try:
            async with http.get(f"{url}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientConnectionError:
            return False


async def publish(rabbitmq_url: str, *messages: Message) -> None:
    publisher = await Publisher.open(rabbitmq_url)
    for message in messages:
        await publisher.publish_event(message.topic, str(message.message_id), message.model_dump_json().encode())
    await publisher.close()


async def test_messages_on_the_bus_become_a_mail_and_the_link_is_nowhere_else(
    db: Database, rabbitmq_url: str, tmp_path: Path
) -> None:
    shoot = gallery()
    ordered = paid(shoot)
    log = tmp_path / "log"
    async with PostOffice() as office, notifier(db, rabbitmq_url, office.url, log) as (process, url):
        await eventually(lambda: is_ready(url))
        story = [pressed(shoot, ordered), ready(ordered), OrderPaid(order=ordered), GalleryOpened(gallery=shoot)]
        await publish(rabbitmq_url, *story, *story)
        await eventually(lambda: _sent(db))
        async with aiohttp.ClientSession() as http, http.get(f"{url}/metrics") as answer:
            assert 'photoferry_mails_total{outcome="sent"} 1.0' in await answer.text()

    token = client_token(SECRET, ordered.id, rotation=0)
    assert process.returncode == 0
    assert [token.encode() in letter.replace(b"=\r\n", b"") for letter in office.letters] == [True]
    assert '"outcome": "sent"' in log.read_text()
    assert token not in log.read_text()
    assert not await db.pool.fetchval("SELECT count(*) FROM outbox WHERE payload::text LIKE '%' || $1 || '%'", token)
    assert await states_told(db, ordered) == ["queued", "sending", "sent"]


async def _sent(db: Database) -> bool:
    return bool(await db.pool.fetchval("SELECT state = 'sent' FROM mail"))


async def test_a_crash_while_a_mail_is_being_sent_leaves_it_unknown_and_the_next_start_sends_the_others(
    db: Database, rabbitmq_url: str, tmp_path: Path
) -> None:
    ordered = await due(db)
    async with PostOffice({"CONTENT": SILENCE}) as office:
        async with notifier(db, rabbitmq_url, office.url, tmp_path / "log") as (process, _):
            await office.until("CONTENT")
            process.kill()
            await process.wait()
        assert await mails_of(db, ordered) == [(1, "sending")]

        other = await due(db)
        office.script = {}
        async with notifier(db, rabbitmq_url, office.url, tmp_path / "log"):
            await until_done(db)
        assert len(office.letters) == 2

    assert await mails_of(db, ordered) == [(1, "unknown")]
    assert await states_told(db, ordered) == ["queued", "sending", "unknown"]
    assert await mails_of(db, other) == [(1, "sent")]


async def test_what_was_told_while_it_was_away_is_heard_before_anybody_is_mailed(
    db: Database, rabbitmq_url: str, tmp_path: Path
) -> None:
    gone = [await due(db) for _ in range(5)]
    _, has_paid = await placed(db, remind_unpaid_days=7)
    await due(db)
    await declare_topology(rabbitmq_url)
    await publish(rabbitmq_url, *map(erased, gone), OrderPaid(order=has_paid.model_copy(update=PAID)))

    async with PostOffice() as office:
        async with notifier(db, rabbitmq_url, office.url, tmp_path / "log"):
            await until_done(db)
        assert len(office.letters) == 1
    assert [await mails_of(db, each) for each in (*gone, has_paid)] == [[]] * 6


async def test_a_mail_server_that_is_down_does_not_make_the_service_unready(
    db: Database, rabbitmq_url: str, tmp_path: Path
) -> None:
    await due(db)
    log = tmp_path / "log"
    async with notifier(db, rabbitmq_url, f"smtp://127.0.0.1:{free_port()}", log) as (_, url):
        await eventually(lambda: is_ready(url))
        await eventually(lambda: _says(log, "the mail server cannot be reached"))
        assert await is_ready(url)
        async with aiohttp.ClientSession() as http, http.get(f"{url}/metrics") as answer:
            assert "photoferry_mail_server_down 1.0" in await answer.text()


async def _says(log: Path, words: str) -> bool:
    return words in await asyncio.to_thread(log.read_text)
