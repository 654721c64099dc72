"""A bus to try things on: the real topology in a virtual host of its own, and a consumer made by the test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aio_pika
import pytest
from aio_pika.abc import AbstractIncomingMessage

from chassis.bus import EXCHANGE, RETRY_DELAYS, Handlers, declare_topology, make_broker, retry_exchange, subscriber
from chassis.publisher import Publisher
from chassis.retries import Retries
from contracts.base import Message
from contracts.orders import PlaceOrder
from tests.infra import Servers
from tests.waiting import eventually

QUEUE = "orders.place_order"
"""The queue that the tests of the bus use."""

Handle = Callable[[PlaceOrder], Awaitable[None]]


@dataclass(frozen=True)
class Bus:
    """A virtual host with the whole topology."""

    url: str
    publisher: Publisher

    async def publish(self, message: Message) -> None:
        """As the relay does."""
        await self.publisher.publish_event(message.topic, str(message.message_id), message.model_dump_json().encode())

    async def put(self, queue: str, body: bytes, **properties: Any) -> None:
        """Anything at all, straight into a queue."""
        message = aio_pika.Message(body, **properties)
        await self.publisher.channel.default_exchange.publish(message, queue)

    async def get(self, queue: str) -> AbstractIncomingMessage:
        """The next message of a queue, waited for, acknowledged."""
        connection = await aio_pika.connect(self.url)
        async with connection, connection.channel() as channel:
            source = await channel.get_queue(queue)
            message = await eventually(lambda: source.get(fail=False))
            await message.ack()
            return message

    async def empty(self, *others: str) -> None:
        """Empty every queue that these tests use, and others."""
        connection = await aio_pika.connect(self.url)
        async with connection, connection.channel() as channel:
            for name in (QUEUE, "orders.dead", *map(retry_exchange, RETRY_DELAYS), *others):
                await (await channel.get_queue(name)).purge()

    async def waiting(self, queue: str) -> int:
        """How many messages are ready in a queue."""
        connection = await aio_pika.connect(self.url)
        async with connection, connection.channel() as channel:
            declared = await channel.declare_queue(queue, passive=True)
            return declared.declaration_result.message_count or 0

    @asynccontextmanager
    async def full_queue(self, topic: str) -> AsyncIterator[None]:
        """One more queue of messages of this topic, which refuses them."""
        connection = await aio_pika.connect(self.url)
        async with connection, connection.channel() as channel:
            arguments: dict[str, Any] = {"x-max-length": 1, "x-overflow": "reject-publish"}
            queue = await channel.declare_queue("full", exclusive=True, arguments=arguments)
            await channel.default_exchange.publish(aio_pika.Message(b""), queue.name)
            await queue.bind(EXCHANGE, topic)
            yield

    @asynccontextmanager
    async def consuming(self, handle: Handle, *, stop_within: float = 30.0) -> AsyncIterator[Retries]:
        """A consumer of `QUEUE` that does what `handle` does, with retries as in every service."""
        router = Handlers()

        @subscriber(router, QUEUE)
        async def place_order(command: PlaceOrder) -> None:
            await handle(command)

        retries = Retries(self.publisher)
        broker = make_broker(self.url, router, (retries,), stop_within=stop_within)
        await broker.start()
        try:
            yield retries
        finally:
            await broker.stop()


@pytest.fixture(scope="session")
async def _bus_url(servers: Servers) -> str:
    url = await servers.rabbitmq.add_vhost("chassis")
    await declare_topology(url)
    return url


@pytest.fixture
async def bus(_bus_url: str) -> AsyncIterator[Bus]:
    """The bus, with empty queues."""
    publisher = await Publisher.open(_bus_url)
    bus = Bus(_bus_url, publisher)
    await bus.empty()
    yield bus
    await publisher.close()
