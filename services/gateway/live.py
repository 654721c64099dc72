"""Telling every copy of the gateway what has just changed in the view: PostgreSQL's LISTEN/NOTIFY, as a hint only.

`Announcer` sends, after the commit, many at once on one connection (a NOTIFY inside a transaction would take a lock on
the whole database). `Listener` receives and wakes waiting requests and watchers of galleries and studios.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple
from uuid import UUID

import structlog
from prometheus_client import Gauge

from chassis.db import LOST, Database

CHANNEL = "view"
BUFFERED = 1_000
"""Changes that a slow watcher may lag behind; with more, all that it is told is to look at the whole gallery anew."""

WATCHERS = Gauge("photoferry_gateway_watchers", "Readers of live events")

log = structlog.get_logger()


class Change(NamedTuple):
    """What changed: `gallery photo transfer upload order payment entitlements notification answer`, and its id."""

    what: str
    id: UUID


class Announcement(NamedTuple):
    """A change in a place, which is a gallery or a whole studio, and the request that it answers."""

    place: UUID | None
    change: Change
    request_id: UUID | None

    def to_json(self) -> str:
        """As sent through PostgreSQL."""
        return json.dumps(
            [
                self.place and str(self.place),
                self.change.what,
                str(self.change.id),
                self.request_id and str(self.request_id),
            ]
        )

    @classmethod
    def from_json(cls, text: str) -> "Announcement":
        """As received from PostgreSQL."""
        place, what, subject, request = json.loads(text)
        return cls(place and UUID(place), Change(what, UUID(subject)), request and UUID(request))


class Watcher:
    """What has changed in a place since its reader last asked: each thing once, oldest first."""

    def __init__(self, place: UUID, kind: Literal["gallery", "studio"] = "gallery") -> None:
        self._anything = Change(kind, place)
        self._changes: dict[Change, None] = {}
        self._news = asyncio.Event()
        self._ended = False

    def tell(self, change: Change) -> None:
        """Something has changed."""
        if len(self._changes) >= BUFFERED:
            self._changes.clear()
            change = self._anything
        self._changes[change] = None
        self._news.set()

    def tell_to_look(self) -> None:
        """Anything may have changed."""
        self.tell(self._anything)

    def end(self) -> None:
        """There will be no more."""
        self._ended = True
        self._news.set()

    async def next(self) -> Change | None:
        """The next change, waited for; None at the end."""
        while not self._changes and not self._ended:
            self._news.clear()
            await self._news.wait()
        if self._ended:
            return None
        change = next(iter(self._changes))
        del self._changes[change]
        return change


class Announcer:
    """Collects announcements and sends them in batches."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.waiting: asyncio.Queue[str] = asyncio.Queue()

    def announce(self, place: UUID | None, change: Change, request_id: UUID | None = None) -> None:
        """To be called after the commit."""
        self.waiting.put_nowait(Announcement(place, change, request_id).to_json())

    async def run(self) -> None:
        """Send until cancelled. What cannot be sent is dropped: who waits looks for itself now and then."""
        while True:
            batch = [await self.waiting.get()]
            while not self.waiting.empty():
                batch.append(self.waiting.get_nowait())
            try:
                await self.db.pool.execute("SELECT pg_notify($1, hint) FROM unnest($2::text[]) AS hint", CHANNEL, batch)
            except LOST as error:
                log.warning("announcements dropped", count=len(batch), error=f"{type(error).__name__}: {error}")


class Listener:
    """Wakes those in this process who wait for a request's answer or watch a place."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.requests: dict[UUID, asyncio.Event] = {}
        self.places: defaultdict[UUID, set[Watcher]] = defaultdict(set)
        self.ended = False

    async def run(self) -> None:
        """Listen until cancelled, on a connection of its own."""
        while True:
            try:
                await self._listen()
            except LOST as error:
                log.warning("listening interrupted", error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(1)

    async def end_with(self, stopping: asyncio.Event) -> None:
        """End all watchers once `stopping` is set, so that nothing waits for readers who never go."""
        await stopping.wait()
        self.ended = True
        for watcher in self._watchers():
            watcher.end()

    async def _listen(self) -> None:
        connection = await self.db.connect()
        try:
            await connection.add_listener(CHANNEL, self._received)
            for watcher in self._watchers():
                watcher.tell_to_look()  # what was announced while nobody listened is lost
            while True:
                await asyncio.sleep(10)
                await connection.execute("SELECT 1")  # finds out that the connection is gone
        finally:
            connection.terminate()

    def _received(self, _connection: Any, _pid: int, _channel: str, payload: Any) -> None:
        place, change, request_id = Announcement.from_json(payload)
        if request_id in self.requests:
            self.requests[request_id].set()
        if place is not None and change.what != "answer":  # that one is for who asked
            for watcher in self.places.get(place, ()):
                watcher.tell(change)

    def _watchers(self) -> list[Watcher]:
        return [watcher for watchers in self.places.values() for watcher in watchers]

    @contextmanager
    def awaiting(self, request_id: UUID) -> Iterator[asyncio.Event]:
        """An event that is set when the request's answer is in the view."""
        event = self.requests[request_id] = asyncio.Event()
        try:
            yield event
        finally:
            del self.requests[request_id]

    @contextmanager
    def watching(self, gallery_id: UUID, studio_id: UUID | None = None) -> Iterator[Watcher]:
        """A watcher of what changes in the gallery, and in its studio as a whole; it ends when the gateway stops."""
        with self._watching(Watcher(gallery_id), *(each for each in (gallery_id, studio_id) if each)) as watcher:
            yield watcher

    @contextmanager
    def watching_studio(self, studio_id: UUID) -> Iterator[Watcher]:
        """A watcher of what changes in the studio as a whole."""
        with self._watching(Watcher(studio_id, "studio"), studio_id) as watcher:
            yield watcher

    @contextmanager
    def _watching(self, watcher: Watcher, *places: UUID) -> Iterator[Watcher]:
        for place in places:
            self.places[place].add(watcher)
        if self.ended:
            watcher.end()
        try:
            with WATCHERS.track_inprogress():
                yield watcher
        finally:
            for place in places:
                self.places[place].discard(watcher)
                if not self.places[place]:
                    del self.places[place]
