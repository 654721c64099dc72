"""What operators see: RabbitMQ's queues and the dead messages. The broker itself is asked, and no service."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from heapq import heappush, heappushpop
from typing import Any, NamedTuple

import aio_pika
import structlog

from chassis.bus import RETRY_DELAYS, dead_queue, retry_exchange
from chassis.dead import looking
from chassis.dead_message import DeadMessage
from chassis.queues import Depth, dead_depth, depth
from contracts.topology import QUEUES, SERVICES
from services.gateway.errors import Problem
from services.gateway.reads import paging

PATIENCE = 50.0
"""Seconds; proxies in front mostly wait for 60."""

log = structlog.get_logger()


class Kind(NamedTuple):
    """What dead messages have in common that died of one cause."""

    queue: str
    error_type: str

    @classmethod
    def of(cls, message: DeadMessage) -> "Kind":
        """The kind of a message."""
        return cls(message.queue, message.error_type)


@asynccontextmanager
async def asking() -> AsyncIterator[None]:
    """Raises `Problem` 503 when RabbitMQ does not answer in time."""
    try:
        async with asyncio.timeout(PATIENCE):
            yield
    except (OSError, TimeoutError, aio_pika.exceptions.AMQPError) as error:
        log.warning("an operator's request met no RabbitMQ", error=f"{type(error).__name__}: {error}")
        detail = "RabbitMQ does not answer, or takes too long. Nothing is lost; try again in a minute."
        raise Problem(503, "broker-unreachable", detail, headers={"Retry-After": "60"}) from None


async def queues(url: str) -> list[dict[str, Any]]:
    """How much waits in every queue, and for how many consumers; None where there is no such queue."""
    async with asking():
        connection = await aio_pika.connect(url, timeout=10)
        async with connection:
            return await asyncio.gather(
                *(_told("work", name, depth(connection, name)) for name in QUEUES),
                *(_told("delay", name, depth(connection, name)) for name in map(retry_exchange, RETRY_DELAYS)),
                *(_told("dead", dead_queue(each), dead_depth(connection, each)) for each in SERVICES),
            )


async def _told(kind: str, name: str, asked: Awaitable[Depth | None]) -> dict[str, Any]:
    found = await asked
    service = None if kind == "delay" else name.partition(".")[0]
    counts = {"waiting": found and found.waiting, "consumers": found and found.consumers}
    return {"name": name, "kind": kind, "service": service, **counts}


class Overview:
    """Of all dead messages how many there are of each kind, and one page of them, those that died last first.

    However many there are, no more than a page is kept.
    """

    def __init__(
        self, limit: int, queue: str | None = None, error_type: str | None = None, cursor: str | None = None
    ) -> None:
        self.limit = limit
        self.queue = queue
        self.error_type = error_type
        self.before = paging.after(cursor, str, str) if cursor else None
        self.counted: dict[Kind, dict[str, Any]] = {}
        self._newest: list[tuple[list[str], int, DeadMessage]] = []
        self._seen = 0

    def see(self, message: DeadMessage) -> None:
        """Take one more message into account."""
        kind, key = Kind.of(message), _key(message)
        self._count(kind, message.died_at)
        if self.queue not in (None, kind.queue) or self.error_type not in (None, kind.error_type):
            return
        if self.before and key >= self.before:
            return
        self._seen += 1
        push = heappush if len(self._newest) <= self.limit else heappushpop
        push(self._newest, (key, self._seen, message))

    def _count(self, kind: Kind, died_at: str | None) -> None:
        new = {**kind._asdict(), "count": 0, "oldest_at": died_at, "newest_at": died_at}
        counted = self.counted.setdefault(kind, new)
        counted["count"] += 1
        if died_at:
            counted["oldest_at"] = min(counted["oldest_at"] or died_at, died_at)
            counted["newest_at"] = max(counted["newest_at"] or died_at, died_at)

    @property
    def kinds(self) -> list[dict[str, Any]]:
        """`queue`, `error_type`, `count`, `oldest_at`, `newest_at`: the most frequent first."""
        return sorted(self.counted.values(), key=lambda counted: -counted["count"])

    @property
    def page(self) -> dict[str, Any]:
        """`items` and the cursor `next`, as every list of the API."""
        found = [message for _, _, message in sorted(self._newest, reverse=True)]
        items = found[: self.limit]
        following = paging.encode(_key(items[-1])) if len(found) > self.limit else None
        return {"items": [message.shown() for message in items], "next": following}


def _key(message: DeadMessage) -> list[str]:
    return [message.died_at or "", message.id]


async def look(url: str, overview: Overview) -> Overview:
    """Look at every dead message once."""
    async with asking(), looking(url) as begun:
        for service in SERVICES:
            async for raw in begun.at(service):
                overview.see(DeadMessage(raw))
    return overview
