"""Looking at dead messages changes nothing; sending them back does nothing twice and loses nothing."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import aio_pika
import pytest

from chassis import inbox
from chassis.bus import dead_queue, declare_topology
from chassis.db import Database
from chassis.dead import looking
from chassis.dead_again import MOST_BYTES, drop, send_back
from chassis.dead_message import DeadMessage
from chassis.retries import HEADER_ERROR, HEADER_QUEUE
from contracts.base import uuid7
from contracts.orders import PlaceOrder
from tests.chassis.conftest import QUEUE, Bus
from tests.conftest import OpenDatabase
from tests.making import line, place_order
from tests.waiting import eventually

DEAD = dead_queue("orders")


@pytest.fixture
async def db(open_database: OpenDatabase) -> Database:
    return await open_database("orders")


async def let_die(bus: Bus, command: PlaceOrder, error: str = "RuntimeError: no", queue: str = QUEUE) -> str:
    """The id of a command that died so in `queue`."""
    headers: dict[str, Any] = {HEADER_QUEUE: queue, HEADER_ERROR: error}
    message_id = str(command.message_id)
    body = command.model_dump_json().encode()
    await bus.put(DEAD, body, type=command.topic, message_id=message_id, headers=headers)
    return f"{queue}:{message_id}"


async def let_some_die(bus: Bus, number: int, error: str = "RuntimeError: no") -> list[str]:
    return [await let_die(bus, place_order(uuid7(), line("a.jpg")), error) for _ in range(number)]


async def dead(bus: Bus) -> list[DeadMessage]:
    async with looking(bus.url) as look:
        return [DeadMessage(raw) async for raw in look.at("orders")]


async def ids(bus: Bus) -> list[str]:
    return [message.id for message in await dead(bus)]


async def taken_from_the_queue(bus: Bus) -> list[str]:
    connection, found = await aio_pika.connect(bus.url), []
    async with connection, connection.channel() as channel:
        queue = await channel.get_queue(QUEUE)
        while message := await queue.get(fail=False, no_ack=True):
            found.append(f"{QUEUE}:{message.message_id}")
    return found


def everything(_: DeadMessage) -> bool:
    return True


class Orders:
    """A consumer that notes which orders it has placed, once each."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.placed: list[str] = []

    async def place(self, command: PlaceOrder) -> None:
        async with inbox.once(self.db, "place_order", command):
            self.placed.append(str(command.message_id))


async def test_fifty_looks_lose_nothing_and_leave_the_order(bus: Bus) -> None:
    there = await let_some_die(bus, 30)

    for _ in range(50):
        assert await ids(bus) == there


async def test_looks_at_the_same_moment_each_see_everything(bus: Bus) -> None:
    there = await let_some_die(bus, 200)

    assert await asyncio.gather(*(ids(bus) for _ in range(5))) == [there] * 5


async def test_a_message_that_is_sent_back_is_handled_and_gone(db: Database, bus: Bus) -> None:
    [dead_id] = await let_some_die(bus, 1)
    orders = Orders(db)

    dealt = await send_back(bus.url, lambda message: message.id == dead_id)

    assert [message.id for message in dealt.messages] == [dead_id]
    async with bus.consuming(orders.place):
        await eventually(lambda: _handled(orders, 1))
    assert orders.placed == [dead_id.split(":")[1]]
    assert await ids(bus) == []


async def test_who_dies_between_copy_and_original_leaves_both_and_it_is_handled_once(db: Database, bus: Bus) -> None:
    [dead_id] = await let_some_die(bus, 1)
    orders = Orders(db)

    async def is_back() -> bool:
        return await ids(bus) == [dead_id]

    with suppress(aio_pika.exceptions.AMQPError, RuntimeError, asyncio.CancelledError):
        async with looking(bus.url) as look:
            async for raw in look.at("orders"):
                await bus.publisher.publish_again("", QUEUE, raw, {})
                await look.connection.close()  # as the broker sees a process that is killed
    assert await bus.waiting(QUEUE) == 1
    await eventually(is_back)
    assert len((await send_back(bus.url, everything)).messages) == 1
    assert await bus.waiting(QUEUE) == 2

    async with bus.consuming(orders.place):
        await eventually(lambda: _empty(bus))
    assert orders.placed == [dead_id.split(":")[1]]
    assert await ids(bus) == []


async def test_what_rabbitmq_does_not_take_stays_dead(bus: Bus) -> None:
    there = await let_some_die(bus, 3)
    connection = await aio_pika.connect(bus.url)
    async with connection, connection.channel() as channel:
        await channel.queue_delete(QUEUE)
    try:
        with pytest.raises(aio_pika.exceptions.DeliveryError):
            await send_back(bus.url, everything)
    finally:
        await declare_topology(bus.url)

    assert await ids(bus) == there
    assert await bus.waiting(QUEUE) == 0


async def test_one_kind_is_sent_back_in_its_order_and_the_others_stay(bus: Bus) -> None:
    kept = await let_some_die(bus, 2, "KeyError: 'name'")
    first = await let_some_die(bus, 600)
    kept += await let_some_die(bus, 2, "KeyError: 'name'")
    last = await let_some_die(bus, 2)

    dealt = await send_back(bus.url, lambda message: message.error_type == "RuntimeError", ["orders"])

    assert [message.id for message in dealt.messages] == first + last
    assert await taken_from_the_queue(bus) == first + last
    assert await ids(bus) == kept


async def test_what_dies_again_at_once_is_not_taken_a_second_time(bus: Bus) -> None:
    message_ids = [str(uuid7()) for _ in range(20)]
    for message_id in message_ids:
        await bus.put(DEAD, b"{}", type=PlaceOrder.topic, message_id=message_id, headers={HEADER_QUEUE: QUEUE})

    async def fail(_: PlaceOrder) -> None:
        raise AssertionError("must not get here")

    async def all_dead_again() -> bool:
        return [message.error_type for message in await dead(bus)] == ["Unreadable"] * 20

    async with bus.consuming(fail):
        assert len((await send_back(bus.url, everything)).messages) == 20
        await eventually(all_dead_again)
    assert sorted(await ids(bus)) == sorted(f"{QUEUE}:{message_id}" for message_id in message_ids)


async def test_what_no_queue_is_known_of_is_left_and_can_be_dropped(bus: Bus) -> None:
    await let_die(bus, place_order(uuid7(), line("a.jpg")), queue="orders.long_gone")
    await bus.put(DEAD, b"whatever")

    dealt = await send_back(bus.url, everything)

    assert (dealt.messages, dealt.left) == ([], 2)
    assert len((await drop(bus.url, everything)).messages) == 2
    assert await ids(bus) == []


async def test_whatever_was_dropped_stays_away(bus: Bus) -> None:
    for _ in range(5):
        await let_some_die(bus, 300)
        kept = await let_some_die(bus, 1, "KeyError: 'name'")

        dealt = await drop(bus.url, lambda message: message.error_type == "RuntimeError")

        assert len(dealt.messages) == 300
        assert await ids(bus) == kept
        await drop(bus.url, everything)


async def test_no_more_is_taken_into_memory_than_there_is_room_for(bus: Bus) -> None:
    megabyte = b"x" * 1_000_000
    for _ in range(MOST_BYTES // len(megabyte) + 3):
        await bus.put(DEAD, megabyte, headers={HEADER_QUEUE: QUEUE})

    dealt = await drop(bus.url, everything)

    assert (len(dealt.messages), dealt.left) == (64, 3)
    assert len(await dead(bus)) == 3


async def test_a_message_whose_consumer_crashed_says_so_and_goes_back(bus: Bus) -> None:
    command = place_order(uuid7(), line("a.jpg"))
    await bus.publish(command)
    connection = await aio_pika.connect(bus.url)
    async with connection, connection.channel() as channel:
        queue = await channel.get_queue(QUEUE)
        while message := await queue.get(fail=False):  # until RabbitMQ has had enough of it
            await message.reject(requeue=True)

    [crashed] = await eventually(lambda: dead(bus))
    assert (crashed.error_type, crashed.queue) == ("CrashedConsumer", QUEUE)
    assert crashed.died_at is not None
    assert datetime.now(UTC) - datetime.fromisoformat(crashed.died_at) < timedelta(minutes=5)
    await send_back(bus.url, everything)
    assert (await bus.get(QUEUE)).message_id == str(command.message_id)


async def _handled(orders: Orders, number: int) -> bool:
    return len(orders.placed) == number


async def _empty(bus: Bus) -> bool:
    return await bus.waiting(QUEUE) == 0
