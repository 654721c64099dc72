"""Gallery listing and authorised downloads against a handler that reads one row."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from statistics import median

import aiohttp

from deploy.local.ports import free_port
from deploy.local.supervisor import Supervisor
from tests.bench.load import rate
from tests.e2e.people import Photographer, World
from tests.e2e.test_rules import paid_order

PAGE = 100
TURNS = 21
"""Each in its turn, so that other work weighs on all alike; the medians count."""


async def reads(stack: Supervisor, world: World) -> dict[str, float]:
    """Requests a second of each, and their share of the bare handler's."""
    desk = await (await Photographer.sign_up(world)).open_gallery()
    names = [f"IMG_{number:04}.jpg" for number in range(PAGE)]
    photos = await desk.add_photos(*names)
    await desk.add_finals(*names[:10])
    order = await paid_order(desk, *(photos[name] for name in names[:10]))
    link = (await order.read())["client_url"]
    files = [download["url"] for download in (await order.downloads(link))["downloads"]]
    async with bare_server(stack) as bare_url:
        turns = [
            (
                await rate([bare_url], 200),
                await rate([f"{world.url}/api/v1/g/{desk.public_token}/photos"], 200),
                await rate(files, 302),
            )
            for _ in range(TURNS)
        ]
    bare, listing, download = (median(rates) for rates in zip(*turns, strict=True))
    return {
        "bare handler, requests/s": bare,
        "listing of 100, requests/s": listing,
        "listing / bare (at least 0.5)": median(listing / bare for bare, listing, _ in turns),
        "download, requests/s": download,
        "download / bare (at least 0.6)": median(download / bare for bare, _, download in turns),
    }


@asynccontextmanager
async def bare_server(stack: Supervisor) -> AsyncIterator[str]:
    """The bare handler, in a process of its own, on the stack's database."""
    port = free_port()
    env = {**os.environ, **stack.servers.urls(stack.config)}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.bench.bare", str(port), env=env)
    try:
        url = f"http://127.0.0.1:{port}/bare"
        async with aiohttp.ClientSession() as http, asyncio.timeout(20):
            while True:
                with suppress(aiohttp.ClientConnectionError):
                    async with http.get(url) as answer:
                        answer.raise_for_status()
                        break
                await asyncio.sleep(0.1)
        yield url
    finally:
        process.terminate()
        await process.wait()
