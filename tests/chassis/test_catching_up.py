"""Nobody acts of their own accord before they have heard what happened meanwhile."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from uuid import uuid4

import pytest

from chassis.catching_up import LOOK_EVERY, caught_up
from contracts.orders import PlaceOrder
from contracts.topology import QUEUES
from tests.chassis.conftest import QUEUE, Bus
from tests.making import line, place_order


@pytest.fixture(autouse=True)
async def nothing_waits(bus: Bus) -> None:
    """Of what other tests have published."""
    await bus.empty(*QUEUES)


async def test_a_service_has_caught_up_when_what_waited_is_handled_and_not_before(bus: Bus) -> None:
    arrived, going_on = asyncio.Event(), asyncio.Event()

    async def handle(_: PlaceOrder) -> None:
        arrived.set()
        await going_on.wait()

    await bus.publish(place_order(uuid4(), line("a.jpg")))
    assert not await returns(caught_up(bus.url, "orders", set()))  # it waits in its queue

    async with bus.consuming(handle) as retries:
        await arrived.wait()
        assert await bus.waiting(QUEUE) == 0
        catching = asyncio.create_task(caught_up(bus.url, "orders", retries.in_hand))
        assert not await returns(asyncio.shield(catching))
        going_on.set()
        await asyncio.wait_for(catching, timeout=15)


async def test_what_comes_meanwhile_is_not_waited_for(bus: Bus) -> None:
    orders = [place_order(uuid4(), line("a.jpg")) for _ in range(2)]
    arrived, going_on = [asyncio.Event() for _ in orders], asyncio.Event()

    async def handle(order: PlaceOrder) -> None:
        arrived[orders.index(order)].set()
        await (going_on if order == orders[0] else asyncio.Event()).wait()

    async with bus.consuming(handle, stop_within=0.1) as retries:
        await bus.publish(orders[0])
        await arrived[0].wait()
        catching = asyncio.create_task(caught_up(bus.url, "orders", retries.in_hand))
        assert not await returns(asyncio.shield(catching))
        await bus.publish(orders[1])
        await arrived[1].wait()
        going_on.set()
        await asyncio.wait_for(catching, timeout=15)


async def test_what_waits_for_others_is_not_waited_for(bus: Bus) -> None:
    await bus.publish(place_order(uuid4(), line("a.jpg")))

    await asyncio.wait_for(caught_up(bus.url, "notifier", set()), timeout=15)


async def returns(work: Awaitable[None]) -> bool:
    """Whether it does within some looks."""
    with suppress(TimeoutError):
        await asyncio.wait_for(work, timeout=5 * LOOK_EVERY)
        return True
    return False
