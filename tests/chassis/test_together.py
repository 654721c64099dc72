"""Messages that are at hand together are handled together, and fail alone."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from contextvars import ContextVar

import pytest

from chassis import inbox
from chassis.bus import Handlers, make_broker, subscriber
from chassis.db import Database
from chassis.inbox import AlreadyHandled
from chassis.retries import ATTEMPTS, Retries
from chassis.together import Together
from contracts.base import uuid7
from contracts.orders import GalleryDeleted, PlaceOrder
from tests.chassis.conftest import QUEUE, Bus
from tests.conftest import OpenDatabase
from tests.making import line, place_order


@pytest.fixture
async def db(open_database: OpenDatabase) -> Database:
    return await open_database("orders")


def command() -> PlaceOrder:
    return place_order(uuid7(), line("a.jpg"))


async def test_the_first_is_handled_at_once_and_what_comes_meanwhile_together() -> None:
    batches: list[Sequence[int]] = []
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def handle(numbers: Sequence[int]) -> None:
        batches.append(numbers)
        begun.set()
        await go_on.wait()

    together = Together(handle)
    async with asyncio.TaskGroup() as group:
        group.create_task(together(1))
        await begun.wait()
        for number in (2, 3, 4):
            group.create_task(together(number))
        group.create_task(_set(go_on))

    assert batches == [[1], [2, 3, 4]]


async def test_each_batch_is_handled_in_the_context_of_its_own_first() -> None:
    whose: ContextVar[int] = ContextVar("whose")
    contexts: list[int] = []
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def handle(_: Sequence[int]) -> None:
        contexts.append(whose.get())
        begun.set()
        await go_on.wait()

    async def deliver(number: int) -> None:
        whose.set(number)
        await together(number)

    together = Together(handle)
    async with asyncio.TaskGroup() as group:
        group.create_task(deliver(1))
        await begun.wait()
        for number in (2, 3):
            group.create_task(deliver(number))
        group.create_task(_set(go_on))

    assert contexts == [1, 2]


async def test_of_many_only_the_one_at_fault_fails() -> None:
    handled: list[int] = []

    async def handle(numbers: Sequence[int]) -> None:
        if 2 in numbers:
            raise ValueError(numbers)
        handled.extend(numbers)

    together = Together(handle)
    outcomes = await asyncio.gather(*map(together, (1, 2, 3)), return_exceptions=True)

    assert [str(outcome) for outcome in outcomes] == ["None", "[2]", "None"]
    assert handled == [1, 3]


async def test_one_that_fails_by_itself_is_tried_once() -> None:
    tries: list[Sequence[int]] = []

    async def handle(numbers: Sequence[int]) -> None:
        tries.append(numbers)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        await Together(handle)(1)

    assert tries == [[1]]


async def test_a_delivery_that_is_given_up_holds_nobody_up() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def handle(_: Sequence[int]) -> None:
        begun.set()
        await go_on.wait()

    together = Together(handle)
    given_up, other = asyncio.create_task(together(1)), asyncio.create_task(together(2))
    await begun.wait()
    given_up.cancel()
    with suppress(asyncio.CancelledError):
        await given_up
    go_on.set()

    await other


async def test_a_bad_message_among_good_ones_ends_in_the_dead_queue_and_they_do_not(bus: Bus) -> None:
    good, bad = [command() for _ in range(20)], command()
    handled: list[PlaceOrder] = []
    router = Handlers()

    @subscriber(router, QUEUE)
    async def place_orders(commands: Sequence[PlaceOrder]) -> None:
        if bad in commands:
            raise RuntimeError("no such luck")
        handled.extend(commands)

    for each in (*good, bad):
        body, last = each.model_dump_json().encode(), {"photoferry-attempt": ATTEMPTS - 1}
        await bus.put(QUEUE, body, type=each.topic, message_id=str(each.message_id), headers=last)
    broker = make_broker(bus.url, router, (Retries(bus.publisher),))
    await broker.start()
    dead = await bus.get("orders.dead")
    await broker.stop()

    assert dead.message_id == str(bad.message_id)
    assert sorted(each.message_id for each in handled) == sorted(each.message_id for each in good)
    assert await bus.waiting("orders.dead") == 0


async def test_of_several_messages_those_are_left_that_are_neither_handled_nor_about_a_deleted_gallery(
    db: Database,
) -> None:
    handled, late, new, twice = (command() for _ in range(4))
    async with inbox.once(db, "test", handled):
        pass
    async with inbox.once_and_for_all(db, "forget", GalleryDeleted(gallery_id=late.gallery_id)):
        pass

    async with inbox.once_each(db, "test", [handled, late, new, twice, twice]) as (_, fresh):
        assert fresh == [new, twice]
    with pytest.raises(AlreadyHandled):
        async with inbox.once_each(db, "test", [handled, late, new, twice]):
            pass


async def _set(event: asyncio.Event) -> None:
    event.set()
