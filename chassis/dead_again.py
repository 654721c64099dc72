"""What operators do about dead messages: send them back to their queues, or drop them. Either may be repeated."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field

from chassis.dead import Look, looking
from chassis.dead_message import DeadMessage
from chassis.publisher import Publisher
from contracts.topology import SERVICES

AT_ONCE = 500
"""Publishes that wait for their confirms together."""
MOST = 10_000
"""Messages that are dealt with in one go; of large ones fewer, so that these bytes are not exceeded by much:"""
MOST_BYTES = 64_000_000

Wanted = Callable[[DeadMessage], bool]
Deed = Callable[[DeadMessage], Awaitable[None]]


@dataclass
class Dealt:
    """The messages that were dealt with, and how many more are wanted: too many for one go, or without a queue."""

    messages: list[DeadMessage] = field(default_factory=list)
    bytes: int = 0
    left: int = 0

    @property
    def done(self) -> int:
        """How many were dealt with."""
        return len(self.messages)

    def take(self, message: DeadMessage) -> None:
        """Deal with this one, too, unless there is no room."""
        if len(self.messages) < MOST and self.bytes < MOST_BYTES:
            self.messages.append(message)
            self.bytes += len(message.raw.body)
        else:
            self.left += 1


async def send_back(url: str, wanted: Wanted, services: Collection[str] = SERVICES) -> Dealt:
    """Publish dead messages to their queues, as they were, and take them out of the dead ones.

    A copy is confirmed before its original goes, so whoever breaks off in between leaves both; of two the inbox skips
    one.
    """
    publisher = await Publisher.open(url)

    async def publish(message: DeadMessage) -> None:
        await publisher.publish_again("", message.queue, message.raw, {})

    try:
        return await _deal(url, wanted, services, publish)
    finally:
        await publisher.close()


async def drop(url: str, wanted: Wanted, services: Collection[str] = SERVICES) -> Dealt:
    """Delete dead messages for good."""
    return await _deal(url, wanted, services, None)


async def _deal(url: str, wanted: Wanted, services: Collection[str], deed: Deed | None) -> Dealt:
    async with looking(url) as look:
        dealt = await _chosen(look, wanted, services, need_queue=deed is not None)
        for start in range(0, len(dealt.messages), AT_ONCE):
            together = dealt.messages[start : start + AT_ONCE]
            if deed:
                await asyncio.gather(*map(deed, together))
            async with look.taking():
                for message in together:
                    await message.raw.ack()
    return dealt


async def _chosen(look: Look, wanted: Wanted, services: Collection[str], *, need_queue: bool) -> Dealt:
    """All are looked at before anything is done: what dies again at once is not taken a second time."""
    dealt = Dealt()
    for service in services:
        async for raw in look.at(service):
            if wanted(message := DeadMessage(raw)):
                if need_queue and not message.queue:
                    dealt.left += 1
                else:
                    dealt.take(message)
    return dealt
