"""Pages against a handler that reads one row, and how soon a watcher hears of what happens."""

import asyncio
import time
from statistics import median

from deploy.local.supervisor import Supervisor
from tests.bench.load import rate
from tests.bench.reads import bare_server
from tests.e2e.people import GalleryDesk, Photographer, World

PHOTOS = 60
TURNS = 5
HEARD = 50


async def pages(stack: Supervisor, world: World) -> dict[str, float]:
    """Requests a second of the gallery page for clients, its share of the bare handler; milliseconds to an event."""
    desk = await (await Photographer.sign_up(world)).open_gallery()
    photos = await desk.add_photos(*(f"IMG_{number:04}.jpg" for number in range(PHOTOS)))
    async with bare_server(stack) as bare_url:
        turns = [
            (await rate([bare_url], 200), await rate([f"{world.url}/g/{desk.public_token}"], 200)) for _ in range(TURNS)
        ]
    lags = await _lags(desk, next(iter(photos.values())))
    return {
        f"gallery page of {PHOTOS} photos, requests/s": median(page for _, page in turns),
        "gallery page / bare": median(page / bare for bare, page in turns),
        "order answered to heard of in the event stream, median ms": median(lags) * 1e3,
        "the same, slowest of 50, ms": max(lags) * 1e3,
    }


async def _lags(desk: GalleryDesk, photo_id: str) -> list[float]:
    """Seconds from an order's answer to its event; less than nothing when the event comes first."""
    photographer = desk.photographer
    headers = {"Authorization": f"Bearer {photographer.token}"}
    url = f"{photographer.world.url}/api/v1{desk.path}/events"
    heard: asyncio.Queue[float] = asyncio.Queue()

    async def listen() -> None:
        async with photographer.world.http.get(url, headers=headers, timeout=None) as stream:
            async for line in stream.content:
                if line.startswith(b"event: order"):
                    heard.put_nowait(time.perf_counter())

    listening = asyncio.create_task(listen())
    await asyncio.sleep(1)
    lags = []
    for _ in range(HEARD):
        await desk.order(photo_id)
        answered = time.perf_counter()
        lags.append(await heard.get() - answered)
        while not heard.empty():
            heard.get_nowait()
    listening.cancel()
    return lags
