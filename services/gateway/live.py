"""Telling every copy of the gateway what has just changed in the view: PostgreSQL's LISTEN/NOTIFY, as a hint only.

`Announcer` sends, after the commit, many at once on one connection (a NOTIFY inside a transaction would take a lock on
the whole database). `Listener` receives and wakes waiting requests and watchers of galleries.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import structlog

from chassis.db import Database

CHANNEL = "view"
BUFFERED = 1_000
"""Changes that a slow watcher may lag behind before older ones are dropped: they only say that something is new."""

log = structlog.get_logger()


class Change(NamedTuple):
    """What changed: `gallery photo transfer upload order entitlements notification answer`, and its id."""

    what: str
    id: UUID


class Announcement(NamedTuple):
    """A change in a gallery, and the request that it answers."""

    gallery_id: UUID | None
    change: Change
    request_id: UUID | None

    def to_json(self) -> str:
        """As sent through PostgreSQL."""
        return json.dumps(
            [
                self.gallery_id and str(self.gallery_id),
                self.change.what,
                str(self.change.id),
                self.request_id and str(self.request_id),
            ]
        )

    @classmethod
    def from_json(cls, text: str) -> "Announcement":
        """As received from PostgreSQL."""
        gallery, what, subject, request = json.loads(text)
        return cls(gallery and UUID(gallery), Change(what, UUID(subject)), request and UUID(request))


class Announcer:
    """Collects announcements and sends them in batches."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.waiting: asyncio.Queue[str] = asyncio.Queue()

    def announce(self, gallery_id: UUID | None, change: Change, request_id: UUID | None = None) -> None:
        """To be called after the commit."""
        self.waiting.put_nowait(Announcement(gallery_id, change, request_id).to_json())

    async def run(self) -> None:
        """Send until cancelled. What cannot be sent is dropped: who waits looks for itself now and then."""
        while True:
            batch = [await self.waiting.get()]
            while not self.waiting.empty():
                batch.append(self.waiting.get_nowait())
            try:
                await self.db.pool.execute("SELECT pg_notify($1, hint) FROM unnest($2::text[]) AS hint", CHANNEL, batch)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("announcements dropped", count=len(batch), error=f"{type(error).__name__}: {error}")


class Listener:
    """Wakes those in this process who wait for a request's answer or watch a gallery."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.requests: dict[UUID, asyncio.Event] = {}
        self.galleries: defaultdict[UUID, set[asyncio.Queue[Change | None]]] = defaultdict(set)

    async def run(self) -> None:
        """Listen until cancelled, on a connection of its own."""
        while True:
            try:
                await self._listen()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("listening interrupted", error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(1)

    async def _listen(self) -> None:
        connection = await self.db.connect()
        try:
            await connection.add_listener(CHANNEL, self._received)
            while True:
                await asyncio.sleep(10)
                await connection.execute("SELECT 1")  # finds out that the connection is gone
        finally:
            connection.terminate()

    def _received(self, _connection: Any, _pid: int, _channel: str, payload: Any) -> None:
        gallery_id, change, request_id = Announcement.from_json(payload)
        if request_id in self.requests:
            self.requests[request_id].set()
        for watcher in self.galleries.get(gallery_id, ()) if gallery_id else ():
            if not watcher.full():
                watcher.put_nowait(change)

    @contextmanager
    def awaiting(self, request_id: UUID) -> Iterator[asyncio.Event]:
        """An event that is set when the request's answer is in the view."""
        event = self.requests[request_id] = asyncio.Event()
        try:
            yield event
        finally:
            del self.requests[request_id]

    @contextmanager
    def watching(self, gallery_id: UUID) -> Iterator[asyncio.Queue[Change | None]]:
        """A queue of what changes in the gallery; `None` ends it, when the gateway stops."""
        queue: asyncio.Queue[Change | None] = asyncio.Queue(BUFFERED)
        self.galleries[gallery_id].add(queue)
        try:
            yield queue
        finally:
            self.galleries[gallery_id].discard(queue)
            if not self.galleries[gallery_id]:
                del self.galleries[gallery_id]
