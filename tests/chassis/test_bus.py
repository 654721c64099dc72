"""The topology that RabbitMQ really has, and how it hands out messages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aio_pika
import pytest
from aio_pika.exceptions import DeliveryError

from chassis import publisher
from chassis.bus import EXCHANGE, RETRY_DELAYS, check_consumers, retry_exchange
from chassis.publisher import Publisher
from contracts.base import uuid7
from contracts.gateway import PhotoDownloaded
from contracts.orders import PlaceOrder
from contracts.topology import IN_ORDER, QUEUES
from tests.chassis.conftest import QUEUE, Bus
from tests.making import line, place_order
from tests.transfers.strait import Strait
from tests.waiting import eventually

LOSSLESS: dict[str, Any] = {
    "x-queue-type": "quorum",
    "x-overflow": "reject-publish",
    "x-dead-letter-strategy": "at-least-once",
    "x-dead-letter-exchange": "",
}


async def check_arguments(bus: Bus, queue: str, arguments: dict[str, Any]) -> None:
    """RabbitMQ refuses to declare a queue that is there with other arguments."""
    connection = await aio_pika.connect(bus.url)
    async with connection, connection.channel() as channel:
        await channel.declare_queue(queue, durable=True, arguments={**LOSSLESS, **arguments})


@asynccontextmanager
async def nobody_bound(bus: Bus) -> AsyncIterator[None]:
    connection = await aio_pika.connect(bus.url)
    async with connection, connection.channel() as channel:
        queue = await channel.get_queue(QUEUE)
        await queue.unbind(EXCHANGE, PlaceOrder.topic)
        try:
            yield
        finally:
            await queue.bind(EXCHANGE, PlaceOrder.topic)


@pytest.mark.parametrize("queue", QUEUES)
async def test_no_queue_of_a_handler_loses_what_it_cannot_pass_on(bus: Bus, queue: str) -> None:
    dead = f"{queue.split('.')[0]}.dead"
    more = {"x-delivery-limit": 20, "x-dead-letter-routing-key": dead, "x-single-active-consumer": queue in IN_ORDER}
    await check_arguments(bus, queue, more)


@pytest.mark.parametrize("seconds", RETRY_DELAYS)
async def test_no_delay_loses_what_it_cannot_give_back(bus: Bus, seconds: int) -> None:
    await check_arguments(bus, retry_exchange(seconds), {"x-message-ttl": seconds * 1000})


async def test_a_message_that_should_have_a_queue_and_has_none_is_not_taken_for_published(bus: Bus) -> None:
    async with nobody_bound(bus):
        with pytest.raises(DeliveryError):
            await bus.publish(place_order(uuid7(), line("a.jpg")))


async def test_a_message_that_nobody_listens_to_is_published_all_the_same(bus: Bus) -> None:
    await bus.publish(PhotoDownloaded(order_id=uuid7(), gallery_id=uuid7(), transfer_ids=(), as_zip=False))


async def test_a_channel_that_has_refused_a_message_gets_no_other(bus: Bus) -> None:
    bus = replace(bus, publisher=await Publisher.open(bus.url))
    refusing = bus.publisher.channel
    message = place_order(uuid7(), line("a.jpg"))
    async with bus.full_queue(message.topic):
        with pytest.raises(DeliveryError):
            await bus.publish(message)
    await bus.publish(message)

    assert bus.publisher.channel is not refusing
    assert refusing.is_closed
    await bus.publisher.close()


async def test_a_broker_that_never_confirms_is_not_waited_for(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher, "CONFIRM_WITHIN", 0.5)
    async with Strait(bus.url) as strait:
        frozen = await Publisher.open(strait.url)
        await frozen.ping()
        strait.spoil = lambda _: b""
        async with asyncio.timeout(10):
            with pytest.raises(TimeoutError):
                await frozen.ping()
        await frozen.close()


async def test_a_consumer_has_no_more_in_hand_than_it_asked_for(bus: Bus) -> None:
    in_hand, done = 0, asyncio.Event()

    async def hold(_: PlaceOrder) -> None:
        nonlocal in_hand
        in_hand += 1
        await done.wait()

    async def full() -> bool:
        return in_hand == 16

    for _ in range(20):
        await bus.publish(place_order(uuid7(), line("a.jpg")))
    async with bus.consuming(hold):
        await eventually(full)
        assert await bus.waiting(QUEUE) == 4
        done.set()


async def test_a_message_in_hand_when_its_service_must_stop_is_handed_back(bus: Bus) -> None:
    taken = asyncio.Event()

    async def never_end(_: PlaceOrder) -> None:
        taken.set()
        await asyncio.Event().wait()

    command = place_order(uuid7(), line("a.jpg"))
    await bus.publish(command)
    async with bus.consuming(never_end, stop_within=0.2):
        await taken.wait()

    assert (await bus.get(QUEUE)).message_id == str(command.message_id)


async def test_a_message_whose_handler_ends_its_service_is_handed_back(bus: Bus) -> None:
    taken = asyncio.Event()

    async def leave(_: PlaceOrder) -> None:
        taken.set()
        raise SystemExit

    command = place_order(uuid7(), line("a.jpg"))
    await bus.publish(command)
    async with bus.consuming(leave):
        await taken.wait()

    assert (await bus.get(QUEUE)).message_id == str(command.message_id)


async def test_a_queue_that_nobody_consumes_is_named(bus: Bus) -> None:
    async def never(_: PlaceOrder) -> None:
        raise AssertionError("must not be called")

    async with bus.consuming(never):
        with pytest.raises(RuntimeError, match=r"orders\.open_gallery") as raised:
            await check_consumers(bus.url, "orders")

    assert QUEUE not in str(raised.value)
