"""Sending for tests: settings, a loop at work, and mail servers to send to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp

from chassis.db import Database
from services.notifier.app import mail_server
from services.notifier.sending import SendingLoop
from services.notifier.settings import NotifierSettings
from services.notifier.writing import Writer
from tests.waiting import eventually

SECRET = "s" * 32
PUBLIC_URL = "https://photos.example.com"


def notifier_settings(smtp_url: str = "smtp://127.0.0.1:1", **given: Any) -> NotifierSettings:
    """Settings that do not wait: what is to be tried again is tried at once."""
    impatient = {"mail_poll": 0.01, "mail_retries": (0.0,), "smtp_reconnect": (0.01,), "smtp_timeout": 5}
    return NotifierSettings(
        database_url="postgresql://unused",
        rabbitmq_url="amqp://unused",
        secret=SECRET,
        public_url=PUBLIC_URL,
        smtp_url=smtp_url,
        **{**impatient, **given},
    )


@asynccontextmanager
async def sending(db: Database, smtp_url: str, **given: Any) -> AsyncIterator[SendingLoop]:
    """A sending loop, at work until the block ends."""
    settings = notifier_settings(smtp_url, **given)
    loop = SendingLoop(db, mail_server(settings), Writer(settings), settings)
    work = asyncio.create_task(loop.run())
    try:
        yield loop
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work


async def until_done(db: Database) -> None:
    """Returns when nothing is queued or being sent."""

    async def done() -> bool:
        return not await db.pool.fetchval("SELECT count(*) FROM mail WHERE state IN ('queued', 'sending')")

    await eventually(done, within=120)


async def cut_senders_off(db: Database) -> None:
    """End the sessions that show that senders live."""
    await db.pool.execute(
        """SELECT pg_terminate_backend(pid) FROM pg_locks
           WHERE locktype = 'advisory' AND classid::bigint = hashtext('notifier.sender')::bigint & 4294967295"""
    )


class Mailbox:
    """The mails that the catcher has taken, read as a person would: over HTTP."""

    def __init__(self, web_url: str) -> None:
        self.web_url = web_url

    async def to(self, address: str) -> list[dict[str, Any]]:
        """The mails to an address, the oldest first, with `text`, `html` and `headers`."""
        numbers = [mail["number"] for mail in await self.list() if address in mail["recipients"]]
        return [await self._get(f"/api/mails/{number}") for number in sorted(numbers)]

    async def list(self) -> list[dict[str, Any]]:
        """All of them, in short, the newest first."""
        items: list[dict[str, Any]] = (await self._get("/api/mails"))["items"]
        return items

    async def _get(self, path: str) -> Any:
        async with aiohttp.ClientSession() as http, http.get(self.web_url + path) as answer:
            return await answer.json()
