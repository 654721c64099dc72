"""The relay: only it publishes, from the outbox, for ever (rule 1)."""

import asyncio
from contextlib import suppress
from typing import Any

import asyncpg
import structlog

from chassis.db import LOST, Database
from chassis.inbox import forget_old
from chassis.publisher import Publisher
from chassis.telemetry import PUBLISHED

BATCH = 500
POLL = 1.0
"""Seconds between looks when nobody says that there is something to do."""
GATHER = 0.01
"""Seconds between looks while there is something each time: what is committed meanwhile is published together."""
PURGE_EVERY = 3600.0
"""Seconds."""

log = structlog.get_logger()


class Relay:
    """Publishes a service's outbox. Of several copies, the one that holds the lock publishes; the others wake it."""

    def __init__(self, db: Database, publisher: Publisher) -> None:
        self.db = db
        self.publisher = publisher
        self.channel = f"outbox_{db.service}"

    async def run(self) -> None:
        """Relay until cancelled; survives the loss of PostgreSQL and RabbitMQ."""
        while True:
            try:
                await self._relay_on_one_connection()
            except LOST as error:
                log.warning("relay lost PostgreSQL", error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(POLL)

    async def _relay_on_one_connection(self) -> None:
        connection = await self.db.connect()
        try:
            while not await self._is_ours(connection):
                await self._wake_holder(connection)
            await connection.execute("SET synchronous_commit = off")  # a mark lost in a crash is a harmless repeat
            # Not before: copies that only wake the holder would wake one another, and themselves, for ever.
            await connection.add_listener(self.channel, lambda *_: self.db.committed.set())
            await self._publish_for_ever(connection)
        finally:
            connection.terminate()

    async def _is_ours(self, connection: asyncpg.Connection) -> bool:
        return bool(await connection.fetchval("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", self.channel))

    async def _wake_holder(self, connection: asyncpg.Connection) -> None:
        """Until it is time to try for the lock again, tell the copy that holds it what is committed here."""
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL):
                await self.db.committed.wait()
        if self.db.committed.is_set():
            self.db.committed.clear()
            await connection.execute(f"NOTIFY {self.channel}")

    async def _publish_for_ever(self, connection: asyncpg.Connection) -> None:
        now, purge_at = asyncio.get_running_loop().time, 0.0
        while True:
            self.db.committed.clear()  # before the look: what is committed after it sets it again
            next_look = now() + GATHER
            waiting, published = await self._publish_batch(connection)
            if not waiting:
                await self._pause()
            elif not published:  # RabbitMQ takes nothing: more commits are no reason to ask again
                await asyncio.sleep(POLL)
            elif waiting < BATCH:
                await asyncio.sleep(next_look - now())
            if now() > purge_at:
                purge_at = now() + PURGE_EVERY
                async with self.db.transaction() as tx:
                    await forget_old(tx)

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL):
                await self.db.committed.wait()

    async def _publish_batch(self, connection: asyncpg.Connection) -> tuple[int, int]:
        """Publish up to `BATCH` rows, pipelined; returns how many were there, and how many RabbitMQ has confirmed."""
        rows = await connection.fetch(
            """SELECT id, topic, message_id, payload, traceparent FROM outbox
               WHERE published_at IS NULL ORDER BY id LIMIT $1""",
            BATCH,
        )
        outcomes = await asyncio.gather(*map(self._publish, rows), return_exceptions=True)
        published = [row["id"] for row, outcome in zip(rows, outcomes, strict=True) if outcome is None]
        if published:
            await connection.execute("UPDATE outbox SET published_at = now() WHERE id = ANY($1)", published)
            PUBLISHED.inc(len(published))
        self._report([outcome for outcome in outcomes if outcome is not None])
        return len(rows), len(published)

    async def _publish(self, row: Any) -> None:
        await self.publisher.publish_event(
            row["topic"], str(row["message_id"]), row["payload"].encode(), row["traceparent"]
        )

    def _report(self, failures: list[BaseException]) -> None:
        if failures:
            log.warning("publishing failed", rows=len(failures), error=f"{type(failures[0]).__name__}: {failures[0]}")
