"""Who has forgotten the password is mailed a link once, and none that has expired."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from chassis.db import Database
from chassis.links import reset_token, reset_url
from contracts.base import utc_now, uuid7
from contracts.notifier import SendPasswordReset
from tests.infra import Servers
from tests.notifier.post_office import PostOffice
from tests.notifier.posting import PUBLIC_URL, SECRET, Mailbox, sending, until_done
from tests.notifier.telling import anew, tell, unique_address
from tests.outbox import emitted
from tests.waiting import eventually

HOUR = timedelta(hours=1)


def forgotten(address: str, valid: timedelta = HOUR, locale: str = "en") -> SendPasswordReset:
    return SendPasswordReset(reset_id=uuid7(), email=address, locale=locale, expires_at=utc_now() + valid)


async def mails(db: Database) -> list[tuple[Any, str]]:
    rows = await db.pool.fetch("SELECT id, state FROM mail WHERE kind = 'reset' ORDER BY expires_at")
    return [(row["id"], row["state"]) for row in rows]


@pytest.mark.parametrize(("locale", "subject"), [("en", "Set a new password"), ("pl", "Ustaw nowe hasło")])
async def test_the_link_is_mailed_once_in_the_studios_language_and_is_nowhere_else(
    db: Database, servers: Servers, locale: str, subject: str
) -> None:
    asked = forgotten(unique_address(), locale=locale)
    await tell(db, asked, asked, anew(asked))
    async with sending(db, servers.mail.url):
        await until_done(db)
        await tell(db, anew(asked))
        await until_done(db)

    (mail,) = await Mailbox(servers.mail.web_url).to(asked.email)
    assert mail["subject"].startswith(subject)
    assert reset_url(PUBLIC_URL, SECRET, asked.reset_id) in mail["text"].split()
    assert reset_url(PUBLIC_URL, SECRET, asked.reset_id) in mail["html"]
    assert await mails(db) == [(asked.reset_id, "sent")]
    assert await emitted(db) == []
    kept = await db.pool.fetchval("SELECT string_agg(m::text, '') FROM mail m")
    assert reset_token(SECRET, asked.reset_id) not in kept


async def test_a_mail_server_that_is_down_is_waited_for_but_an_expired_link_is_not_sent(db: Database) -> None:
    async with PostOffice() as office:
        url = office.url
    good, expires, expired = forgotten("a@example.com"), forgotten("b@example.com"), forgotten("c@example.com", -HOUR)
    await tell(db, good, expires, expired)
    async with sending(db, url) as loop:
        await eventually(lambda: asyncio.sleep(0, loop._connects_failed > 2))
        await db.pool.execute("UPDATE mail SET expires_at = now() WHERE id = $1", expires.reset_id)
        async with PostOffice(port=int(url.rpartition(":")[2])) as office:
            await until_done(db)
            assert [command for command in office.commands if command.startswith("RCPT")] == ["RCPT TO:<a@example.com>"]

    assert await mails(db) == [(good.reset_id, "sent")]


async def test_a_link_that_expires_while_the_server_says_later_is_tried_no_more(db: Database) -> None:
    asked = forgotten("anna@example.com")
    await tell(db, asked)
    async with PostOffice({"RCPT": "450 greylisted"}) as office, sending(db, office.url):
        await office.until("RCPT", times=2)
        await db.pool.execute("UPDATE mail SET expires_at = now()")
        await until_done(db)
        assert office.letters == []

    assert await mails(db) == []


@pytest.mark.parametrize("turned", [False, True])
async def test_of_two_that_wait_the_later_goes_whichever_is_heard_of_first(db: Database, turned: bool) -> None:
    earlier, later = forgotten("anna@example.com"), forgotten("anna@example.com", HOUR * 1.1)
    other = forgotten("ewa@example.com")
    await tell(db, *([later, earlier] if turned else [earlier, later]), other)

    assert {each for each, _ in await mails(db)} == {later.reset_id, other.reset_id}


async def test_a_link_that_the_server_quotes_is_not_kept(db: Database) -> None:
    asked = forgotten("anna@example.com")
    await tell(db, asked)
    url = reset_url(PUBLIC_URL, SECRET, asked.reset_id)
    async with PostOffice({"CONTENT": f"554 blocked: {url}"}) as office, sending(db, office.url):
        await until_done(db)

    assert await db.pool.fetchval("SELECT error FROM mail") == f"554 blocked: {PUBLIC_URL}/reset/…"
