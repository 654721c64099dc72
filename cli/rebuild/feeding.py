"""From the logs of all services into the other schema, by the handlers that the queues have."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from asyncpg import Record

from chassis.bus import Unreadable, read
from chassis.db import Database
from chassis.inbox import AlreadyHandled
from cli.errors import Failure
from cli.rebuild.plan import Plan
from contracts.base import Message
from contracts.catalogue import published_by
from contracts.topology import QUEUES, SERVICES

PAGE = 250
"""Messages that are read and handled at once."""


@dataclass(frozen=True, slots=True)
class Feed:
    """What one queue gets from the log of one service."""

    queue: str
    teller: str
    topics: list[str]

    @property
    def consumer(self) -> str:
        """As the queue's handler claims messages."""
        return self.queue.partition(".")[2]


def feeds(service: str) -> list[Feed]:
    """All that a service hears of, and from whom."""
    tellers = {message: teller for teller in SERVICES for message in published_by(teller)}
    return [
        Feed(queue, teller, topics)
        for queue, messages in QUEUES.items()
        if queue.startswith(f"{service}.")
        for teller in SERVICES
        if (topics := [message.topic for message in messages if tellers[message] == teller])
    ]


class Feeding:
    """Fills the other schema. The log's messages that it has not claimed are left to do, so it can go on anywhere."""

    def __init__(self, plan: Plan, db: Database, fed: Callable[[int], None]) -> None:
        plan.handlers.provided |= plan.provided(db)
        self.plan = plan
        self.db = db
        self.fed = fed
        self.feeds = feeds(plan.service)
        self.turns = asyncio.Semaphore(plan.at_once)

    async def expected(self) -> int:
        """How many messages there are."""
        counts = [
            await self.db.pool.fetchval(
                f"SELECT count(*) FROM {teller}.outbox WHERE topic = ANY($1)",
                [topic for feed in self.feeds if feed.teller == teller for topic in feed.topics],
            )
            for teller in SERVICES
        ]
        return sum(counts)

    async def run(self) -> None:
        """Handle what is left: each queue's messages in the order of the log, several queues at the same time."""
        try:
            async with asyncio.TaskGroup() as group:
                for feed in self.feeds:
                    group.create_task(self._work_through(feed))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None

    async def _work_through(self, feed: Feed) -> None:
        last = 0
        async with self.turns:
            while rows := await self._left(feed, last):
                await self._handle(feed.queue, [_message(row) for row in rows])
                last = rows[-1]["id"]
                self.fed(len(rows))

    async def _left(self, feed: Feed, after: int) -> list[Record]:
        return await self.db.pool.fetch(
            f"""SELECT o.id, o.message_id, o.topic, o.payload FROM {feed.teller}.outbox o
                WHERE o.id > $1 AND o.topic = ANY($2)
                    AND NOT EXISTS (SELECT FROM inbox i WHERE i.consumer = $3 AND i.message_id = o.message_id)
                    AND NOT EXISTS (SELECT FROM deleted_gallery d WHERE d.id = o.gallery_id)
                ORDER BY o.id LIMIT {PAGE}""",
            after,
            feed.topics,
            feed.consumer,
        )

    async def _handle(self, queue: str, messages: Sequence[Message]) -> None:
        work = self.plan.handlers.work[queue]
        try:
            await work(messages)
        except AlreadyHandled:  # or about a gallery that is deleted by now
            for message in messages:
                with suppress(AlreadyHandled):
                    await work([message])


def _message(row: Record) -> Message:
    try:
        return read(row["topic"], row["payload"].encode())
    except Unreadable as error:
        raise Failure(f"{row['topic']} {row['message_id']} cannot be read ({error}); nothing was changed.") from None
