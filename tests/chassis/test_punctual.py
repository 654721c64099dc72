"""Who is slow on purpose is let go; who is only slow is waited for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.punctual import Punctual
from deploy.local.ports import HOST, free_port
from services.gateway.app import make_app
from services.gateway.bodies import TimelyBodies

ENOUGH = 20.0
"""Seconds after which a test fails; none waits so long."""
ASKED = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


class Hurried(Punctual):
    """Waits less, so that a test need not."""

    asks_within = 0.5
    reads_within = 0.5


async def small(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers two bytes."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


class Endless:
    """Answers without an end, and says when it was let go."""

    def __init__(self) -> None:
        self.let_go = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        gone = asyncio.create_task(self._watch(receive))
        while not gone.done():
            await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})
            await asyncio.sleep(0)
        self.let_go.set()

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server of `app` that is in a hurry."""
    port = free_port()
    config = uvicorn.Config(app, host=HOST, port=port, http=Hurried, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    reader, writer = await asyncio.open_connection(HOST, port, limit=1_000)
    try:
        async with asyncio.timeout(ENOUGH):
            yield reader, writer
    finally:
        writer.transport.abort()
        await server.shutdown()


async def _drip(writer: asyncio.StreamWriter) -> None:
    """A byte of a header now and then."""
    while not writer.is_closing():
        writer.write(b"x")
        await asyncio.sleep(0.05)


async def _closed(reader: asyncio.StreamReader) -> None:
    try:
        while await reader.read(65_536):
            pass
    except ConnectionError:
        pass


async def test_who_says_nothing_is_let_go() -> None:
    async with served(small) as (reader, _):
        await _closed(reader)


async def test_who_never_ends_the_headers_is_let_go_also_after_a_good_request() -> None:
    for before in (b"", ASKED):
        async with served(small) as (reader, writer):
            writer.write(before)
            if before:
                assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
            writer.write(b"GET / HTTP/1.1\r\nX-Slow: ")
            dripping = asyncio.create_task(_drip(writer))
            await _closed(reader)
            dripping.cancel()


async def test_headers_without_an_end_are_refused() -> None:
    async with served(small) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nX-Large: " + b"x" * 1_000_000)
        assert (await reader.readline()).startswith(b"HTTP/1.1 400")


async def test_who_sends_on_after_the_answer_may_do_so_for_a_while() -> None:
    async with served(small) as (reader, writer):
        writer.write(b"PUT / HTTP/1.1\r\nHost: here\r\nContent-Length: 1000000\r\n\r\n")
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        writer.write(b"x" * 1_000_000 + ASKED)
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")


async def test_a_body_that_nobody_wants_is_not_waited_for() -> None:
    async with served(small) as (reader, writer):
        writer.write(b"PUT / HTTP/1.1\r\nHost: here\r\nContent-Length: 1000000\r\n\r\n")
        dripping = asyncio.create_task(_drip(writer))
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        await _closed(reader)
        dripping.cancel()


async def test_an_answer_that_takes_long_is_waited_for() -> None:
    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(2 * Hurried.asks_within)
        await small(scope, receive, send)

    async with served(slow) as (reader, writer):
        writer.write(ASKED)
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")


async def test_who_stops_reading_is_let_go() -> None:
    app = Endless()
    async with served(app) as (_, writer):
        writer.write(ASKED)
        await app.let_go.wait()


async def test_who_reads_on_is_sent_on() -> None:
    async with served(Endless()) as (reader, writer):
        writer.write(ASKED)
        until = asyncio.get_running_loop().time() + 2 * Hurried.reads_within
        while asyncio.get_running_loop().time() < until:
            assert await reader.read(65_536)


async def test_a_body_that_never_ends_is_answered_and_let_go() -> None:
    async with served(TimelyBodies(make_app(), within=0.5)) as (reader, writer):
        writer.write(b"POST /api/v1/sessions HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n")
        writer.write(b'Content-Length: 1000\r\n\r\n{"')
        dripping = asyncio.create_task(_drip(writer))
        answer = (await reader.readuntil(b"}")).decode()
        assert answer.startswith("HTTP/1.1 408")
        assert "problems/too-slow" in answer
        await _closed(reader)
        dripping.cancel()
