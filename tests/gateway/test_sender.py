"""Trying webhooks: when, for how long, and what is kept of an answer."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from chassis.db import Database
from chassis.objects import ObjectStore
from contracts.base import uuid7
from deploy.local.ports import HOST, free_port
from services.gateway import studios
from services.gateway.outgoing import deliveries, endpoints, news, sender
from services.gateway.outgoing.addresses import NotPublic
from services.gateway.outgoing.names import Names
from services.gateway.outgoing.sender import AT_ONCE, Sender
from services.gateway.signing import Signer
from tests.conftest import OpenDatabase
from tests.gateway.receiving import receiver
from tests.waiting import eventually


async def test_what_is_never_taken_is_tried_for_three_days_and_then_given_up(open_database: OpenDatabase) -> None:
    db = await open_database("gateway")
    await add_tried_out(db, "https://example.com/hook")
    due_again = "UPDATE webhook_delivery SET next_try_at = now()"
    spread = set()
    for pause in (5, 5 * 60, 30 * 60, *(hours * 3_600 for hours in (2, 5, 10, 14, 20, 24))):
        await refuse(db)
        tried = await db.pool.fetchrow("SELECT state, next_try_at - tried_at AS waits FROM webhook_delivery")
        assert tried
        assert tried["state"] == "waiting"
        spread.add(tried["waits"] / timedelta(seconds=pause))
        assert await deliveries.take_due(db, (), 1) == []
        await db.pool.execute(due_again)
    assert 0.9 <= min(spread) < max(spread) <= 1.1
    await refuse(db)
    assert await db.pool.fetchval("SELECT state FROM webhook_delivery") == "failed"
    await db.pool.execute(due_again)
    assert await deliveries.take_due(db, (), 1) == []


async def refuse(db: Database) -> None:
    """Try what is due, to an endpoint that takes nothing."""
    [due] = await deliveries.take_due(db, (), 1)
    await deliveries.note(db, due, 500, "not now")


@pytest.mark.parametrize(
    ("answer", "state", "status", "shown"),
    [
        (["HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", "first", "second"], "delivered", 200, "firstsecond"),
        (["HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", "first", "hangs up"], "delivered", 200, "firsthangs up"),
        (["HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", "hangs", None], "delivered", 200, "hangs"),
        (["HTTP/1.1 500 Oh\r\nContent-Length: 99\r\n\r\n", "hangs", None], "waiting", 500, "hangs"),
        ([None], "waiting", None, "No answer within 1 s"),
    ],
)
async def test_of_an_answer_counts_the_status_and_is_shown_what_comes_in_time(
    open_database: OpenDatabase,
    monkeypatch: pytest.MonkeyPatch,
    answer: list[str | None],
    state: str,
    status: int | None,
    shown: str,
) -> None:
    monkeypatch.setattr(sender, "WITHIN", 1.0)
    db = await open_database("gateway")
    async with answering(answer) as url, sending(db, Names(1)):
        await add_tried_out(db, url)
        tried = await eventually(
            lambda: db.pool.fetchrow("SELECT state, status, answer FROM webhook_delivery WHERE tried_at IS NOT NULL")
        )
    assert tuple(tried) == (state, status, shown)


@asynccontextmanager
async def answering(pieces: list[str | None]) -> AsyncIterator[str]:
    """A system that answers in pieces, then hangs up; at None, it hangs."""
    stopped = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"}")
        for piece in pieces:
            if piece is None:
                await stopped.wait()
                break
            writer.write(piece.encode())
            await writer.drain()
            await asyncio.sleep(0.1)  # what is written together comes together
        writer.close()

    server = await asyncio.start_server(answer, HOST, port := free_port())
    try:
        yield f"http://{HOST}:{port}/hook"
    finally:
        stopped.set()
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize("private", [False, True])
async def test_a_name_that_does_not_exist_looks_like_one_that_is_not_public(
    open_database: OpenDatabase, private: bool
) -> None:
    def look_up(*_: Any, **__: Any) -> list[tuple[Any, ...]]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    db = await open_database("gateway")
    async with sending(db, Names(1, look_up), private=private):
        await add_tried_out(db, "https://inside.example/hook")
        answer = await eventually(lambda: db.pool.fetchval("SELECT answer FROM webhook_delivery"))
    assert ("not known" in answer, answer == str(NotPublic())) == (private, not private)


async def test_names_that_hang_delay_nobody_else(open_database: OpenDatabase) -> None:
    db, hung, let_go = await open_database("gateway"), set[str](), Event()

    def look_up(host: str, *asked: Any, **more: Any) -> list[tuple[Any, ...]]:
        if host == "localhost":
            return socket.getaddrinfo(host, *asked, **more)
        hung.add(host)
        let_go.wait()
        raise socket.gaierror

    async with receiver() as receiving:
        for number in range(many := 40):  # the threads that asyncio has for all are 32 at most
            await add_tried_out(db, f"https://{number}.example/hook")
        async with sending(db, Names(AT_ONCE, look_up)):
            await eventually(lambda: _are_taken(db, many))
            await add_tried_out(db, receiving.url.replace(HOST, "localhost"))
            try:
                assert await receiving.kinds(1) == ["photoferry.test"]
                await asyncio.wait_for(asyncio.to_thread(int), 10)
                assert len(hung) == many
            finally:
                let_go.set()


@asynccontextmanager
async def sending(db: Database, names: Names, *, private: bool = True) -> AsyncIterator[None]:
    """A sender in the test's own process."""
    signer = Signer("http://photos.example", "s" * 32, ObjectStore("http://key:secret@photos.example/bucket"))
    sends = Sender(db, signer, names, private=private)
    running = asyncio.create_task(sends.run())
    try:
        yield
    finally:
        running.cancel()
        await sends.close()


async def add_tried_out(db: Database, url: str) -> None:
    """A new endpoint of a new studio, with a test on its way to it."""
    studio_id, endpoint_id = uuid7(), uuid7()
    async with db.transaction() as tx:
        await studios.add(tx, studio_id, name="S", email=f"{studio_id}@example.com", password_hash="", locale="en")
        await endpoints.add(tx, endpoint_id, studio_id, url, [])
        await deliveries.add(tx, [news.test(endpoint_id)])


async def _are_taken(db: Database, number: int) -> bool:
    return bool(await db.pool.fetchval("SELECT count(*) = $1 FROM webhook_delivery WHERE tries > 0", number))
