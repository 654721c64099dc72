"""Server-sent events: what changes in a gallery, as it happens."""

import asyncio
import json
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest

from chassis.db import Database
from contracts.base import uuid7
from contracts.orders import GalleryDeleted
from services.gateway import live
from services.gateway.live import Announcer, Change, Listener, Watcher
from tests.conftest import OpenDatabase
from tests.gateway.client import StudioClient
from tests.gateway.making import photo_uploaded, transfer_uploaded
from tests.gateway.running import RunningGateway, running_gateway
from tests.infra import Servers
from tests.waiting import eventually

Event = tuple[str, str]
"""What, and its id."""


@asynccontextmanager
async def watching(studio: StudioClient, gallery: str) -> AsyncIterator[AsyncIterator[Event]]:
    """The events of a gallery after the first, which says that we are being heard."""
    async with studio.asking("GET", f"/api/v1/galleries/{gallery}/events") as answer:
        assert answer.status == 200
        assert answer.content_type == "text/event-stream"
        events = _events(answer.content)
        assert await anext(events) == ("gallery", gallery)
        yield events


async def _events(lines: AsyncIterable[bytes]) -> AsyncIterator[Event]:
    what = ""
    async for line in lines:
        field, _, value = line.decode().rstrip("\n").partition(": ")
        if field == "event":
            what = value
        elif field == "data":
            yield what, json.loads(value)["id"]


async def test_a_watcher_sees_what_changes_in_its_own_gallery(gateway: RunningGateway, studio: StudioClient) -> None:
    gallery, other = [(await studio.open_gallery())["id"] for _ in range(2)]
    photo, final = photo_uploaded(gallery, "1.jpg"), transfer_uploaded(gallery, "1.jpg")

    async with watching(studio, gallery) as events:
        await gateway.tell(photo_uploaded(other, "1.jpg"), photo)
        assert await anext(events) == ("photo", str(photo.photo.id))
        await gateway.tell(final)
        assert await anext(events) == ("transfer", str(final.transfer.id))
        (await studio.patch(f"/api/v1/galleries/{gallery}", {"name": "Class 3c"})).expect(200)
        assert await anext(events) == ("gallery", gallery)


async def test_the_stream_ends_when_the_gallery_is_deleted(gateway: RunningGateway, studio: StudioClient) -> None:
    gallery = (await studio.open_gallery())["id"]

    async with watching(studio, gallery) as events:
        await gateway.tell(GalleryDeleted(gallery_id=gallery))
        assert [event async for event in events] == [("deleted", gallery)]
    (await studio.get(f"/api/v1/galleries/{gallery}/events")).expect(404)


async def test_who_is_logged_out_hears_nothing_more(gateway: RunningGateway, studio: StudioClient) -> None:
    gallery = (await studio.open_gallery())["id"]
    token = (await studio.get("/api/v1/tokens")).expect(200)["items"][0]["id"]

    async with watching(studio, gallery) as events:
        (await studio.delete(f"/api/v1/tokens/{token}")).expect(204)
        await gateway.tell(photo_uploaded(gallery, "1.jpg"))
        assert [event async for event in events] == []


async def test_readers_who_never_go_do_not_hold_up_a_stopping_gateway(servers: Servers, tmp_path: Path) -> None:
    async with running_gateway(servers, tmp_path) as gateway:
        studio = await gateway.studio()
        gallery = (await studio.open_gallery())["id"]
        async with watching(studio, gallery) as events, asyncio.timeout(15):
            await gateway.service.stop()
            assert [event async for event in events] == []


@pytest.fixture
async def db(open_database: OpenDatabase) -> Database:
    return await open_database("gateway")


@asynccontextmanager
async def running(listener: Listener, announcer: Announcer) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(work) for work in (listener.run(), announcer.run())]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_who_was_not_listening_for_a_moment_is_told_to_look(db: Database) -> None:
    listener, gallery = Listener(db), uuid7()
    with listener.watching(gallery) as watcher:
        async with running(listener, Announcer(db)):
            assert await watcher.next() == Change("gallery", gallery)


async def test_every_watcher_of_a_gallery_is_told_and_nobody_is_kept_who_went(db: Database) -> None:
    listener, announcer, gallery = Listener(db), Announcer(db), uuid7()
    async with running(listener, announcer):
        with listener.watching(gallery) as one, listener.watching(gallery) as two:
            assert await one.next() == await two.next() == Change("gallery", gallery)
            change = Change("photo", uuid7())
            announcer.announce(gallery, Change("answer", uuid7()))
            announcer.announce(gallery, change)
            assert await one.next() == await two.next() == change
    assert not listener.places


async def test_a_reader_that_went_away_is_forgotten(gateway: RunningGateway, studio: StudioClient) -> None:
    gallery = (await studio.open_gallery())["id"]

    async def watchers_are(number: int) -> bool:
        return f"photoferry_gateway_watchers {number}.0" in (await gateway.client.get("/metrics")).body.decode()

    async with watching(studio, gallery), watching(studio, gallery):
        assert await watchers_are(2)
    await eventually(lambda: watchers_are(0))


async def test_a_burst_is_told_once_for_each_thing() -> None:
    gallery, photo, order = uuid7(), uuid7(), uuid7()
    watcher = Watcher(gallery)
    for _ in range(100):
        watcher.tell(Change("photo", photo))
        watcher.tell(Change("order", order))

    assert [await watcher.next(), await watcher.next()] == [Change("photo", photo), Change("order", order)]


async def test_a_reader_that_lags_far_behind_is_told_to_look_at_everything_anew() -> None:
    gallery = uuid7()
    watcher = Watcher(gallery)
    for _ in range(live.BUFFERED + 1):
        watcher.tell(Change("photo", uuid7()))

    assert await watcher.next() == Change("gallery", gallery)
    watcher.end()
    assert await watcher.next() is None


async def test_who_begins_to_watch_while_the_gateway_stops_is_sent_away(db: Database) -> None:
    listener, stopping = Listener(db), asyncio.Event()
    stopping.set()
    await listener.end_with(stopping)
    with listener.watching(UUID(int=0)) as watcher:
        assert await watcher.next() is None
