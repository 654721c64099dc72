"""Rule 5: a failing message neither vanishes nor spins."""

import asyncio
import json

import aio_pika
import asyncpg
import pytest
from structlog.testing import capture_logs

from chassis.bus import Unknown, Unreadable, read, retry_exchange
from chassis.retries import ATTEMPTS, BrokenDependency, next_delay
from contracts.base import uuid7
from contracts.orders import OrderPaid, PlaceOrder
from contracts.topology import MESSAGES
from tests.chassis.conftest import QUEUE, Bus
from tests.making import line, order, place_order
from tests.waiting import eventually


async def test_a_message_that_failed_comes_back_after_a_second_and_is_handled(bus: Bus) -> None:
    tries: list[float] = []
    handled = asyncio.Event()

    async def fail_once(_: PlaceOrder) -> None:
        tries.append(asyncio.get_running_loop().time())
        if len(tries) == 1:
            raise RuntimeError("not now")
        handled.set()

    async with bus.consuming(fail_once):
        await bus.publish(place_order(uuid7(), line("a.jpg")))
        async with asyncio.timeout(10):
            await handled.wait()

    assert 0.9 < tries[1] - tries[0] < 3
    assert await bus.waiting("orders.dead") == 0


async def test_after_six_failures_a_message_is_dead_with_the_error_in_its_headers(bus: Bus) -> None:
    async def fail(_: PlaceOrder) -> None:
        raise RuntimeError("no such luck")

    command = place_order(uuid7(), line("a.jpg"))
    async with bus.consuming(fail):
        await bus.put(
            QUEUE,
            command.model_dump_json().encode(),
            type=command.topic,
            message_id=str(command.message_id),
            headers={"photoferry-attempt": ATTEMPTS - 1},
        )
        dead = await bus.get("orders.dead")

    assert dead.body == command.model_dump_json().encode()
    assert dead.type == command.topic
    assert dead.headers["photoferry-error"] == "RuntimeError: no such luck"
    assert dead.headers["photoferry-queue"] == QUEUE
    assert dead.headers["photoferry-attempt"] == ATTEMPTS
    assert "in fail" in str(dead.headers["photoferry-traceback"])


async def test_a_message_fails_no_faster_than_its_delays(bus: Bus) -> None:
    async def fail(_: PlaceOrder) -> None:
        raise RuntimeError("not now")

    command = place_order(uuid7(), line("a.jpg"))
    async with bus.consuming(fail):
        await bus.put(QUEUE, command.model_dump_json().encode(), type=command.topic, headers={"photoferry-attempt": 3})
        waiting = await bus.get(retry_exchange(600))

    assert waiting.headers["photoferry-attempt"] == 4
    assert waiting.routing_key == QUEUE


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"not json", PlaceOrder.topic),
        (b'{"order_id": 7}', PlaceOrder.topic),
        (b"\xff\xfe", PlaceOrder.topic),
        (b"{}", None),
    ],
)
async def test_a_message_that_does_not_parse_is_dead_at_once(bus: Bus, body: bytes, kind: str | None) -> None:
    async def never(_: PlaceOrder) -> None:
        raise AssertionError("must not be called")

    async with bus.consuming(never):
        await bus.put(QUEUE, body, type=kind)
        dead = await bus.get("orders.dead")

    assert dead.body == body
    assert str(dead.headers["photoferry-error"]).startswith("Unreadable")


async def test_a_type_that_only_a_newer_release_knows_waits_for_it(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    handled: asyncio.Queue[PlaceOrder] = asyncio.Queue()
    newer = place_order(uuid7(), line("a.jpg"))
    async with bus.consuming(handled.put):
        await bus.put(QUEUE, newer.model_dump_json().encode(), type="orders.place_order.v2")
        await eventually(lambda: bus.waiting(retry_exchange(1)))
        monkeypatch.setitem(MESSAGES, "orders.place_order.v2", PlaceOrder)
        async with asyncio.timeout(10):
            assert await handled.get() == newer
    assert await bus.waiting("orders.dead") == 0


def test_a_value_that_only_a_newer_release_knows_waits_for_it_and_nonsense_does_not() -> None:
    told = OrderPaid(order=order("a.jpg")).model_dump(mode="json")
    told["order"]["status"] = "lost"
    with pytest.raises(Unknown, match=r"order\.status"):
        read(OrderPaid.topic, json.dumps(told).encode())
    told["order"]["number"] = "seven"
    with pytest.raises(Unreadable) as both:
        read(OrderPaid.topic, json.dumps(told).encode())
    assert not isinstance(both.value, Unknown)


async def test_a_bad_message_does_not_stop_the_good_ones_behind_it(bus: Bus) -> None:
    handled: list[PlaceOrder] = []

    async def note(command: PlaceOrder) -> None:
        handled.append(command)

    good = [place_order(uuid7(), line("a.jpg")) for _ in range(3)]
    async with bus.consuming(note):
        for command in good:
            await bus.put(QUEUE, b"garbage", type=PlaceOrder.topic)
            await bus.publish(command)
        for _ in range(3):
            await bus.get("orders.dead")

    assert handled == good


async def test_what_is_in_the_message_does_not_get_into_the_error(bus: Bus) -> None:
    async def never(_: PlaceOrder) -> None:
        raise AssertionError("must not be called")

    async with bus.consuming(never):
        await bus.put(QUEUE, b'{"client": {"name": "", "email": "secret@example"}}', type=PlaceOrder.topic)
        dead = await bus.get("orders.dead")

    assert "secret" not in str(dead.headers)


async def test_the_log_says_what_failed_and_names_nobody(bus: Bus) -> None:
    command = place_order(uuid7(), line("a.jpg"))

    async def fail(_: PlaceOrder) -> None:
        raise RuntimeError(f"{command.client.name} cannot be written to {command.client.email}")

    with capture_logs() as lines:
        async with bus.consuming(fail):
            await bus.publish(command)
            await bus.get(retry_exchange(1))

    [failed] = [line for line in lines if line["event"] == "message failed"]
    assert failed["message_id"] == str(command.message_id)
    assert failed["error"] == "RuntimeError: *** cannot be written to ***"


async def test_a_consumer_that_crashes_over_and_over_ends_in_the_dead_queue(bus: Bus) -> None:
    await bus.put(QUEUE, b"{}", type=PlaceOrder.topic)
    deliveries = 0
    while await bus.waiting("orders.dead") == 0:
        assert deliveries <= 21
        connection = await aio_pika.connect(bus.url)
        async with connection, connection.channel() as channel:
            queue = await channel.get_queue(QUEUE)
            deliveries += await queue.get(fail=False) is not None  # closed without an acknowledgement: a crash

    assert deliveries == 21


def test_a_broken_dependency_is_tried_for_ever_at_the_longest_delay() -> None:
    restarting, full = asyncpg.AdminShutdownError("restarting"), asyncpg.DiskFullError("full")
    for error in (BrokenDependency(), ConnectionRefusedError(), TimeoutError(), restarting, full):
        assert [next_delay(error, attempt) for attempt in (1, 2, 3, 4, 5, 6, 1_000)] == [1, 10, 60, 600, 600, 600, 600]


def test_any_other_error_is_tried_six_times() -> None:
    assert [next_delay(RuntimeError(), attempt) for attempt in range(1, 7)] == [1, 10, 60, 600, 600, None]
    assert [next_delay(Unknown(), attempt) for attempt in (1, 6)] == [1, None]
    assert next_delay(Unreadable(), 1) is None


def test_a_mistake_that_looks_like_a_broken_dependency_is_none() -> None:
    for error in (asyncpg.exceptions._base.DataError("value out of int32 range"), FileNotFoundError()):
        assert next_delay(error, 6) is None


async def test_a_message_that_cannot_even_be_delayed_goes_back_to_its_queue(bus: Bus) -> None:
    tries = 0
    handled = asyncio.Event()

    async def fail_once(_: PlaceOrder) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            await bus.publisher.close()  # the failure cannot be published
            raise RuntimeError("not now")
        handled.set()

    command = place_order(uuid7(), line("a.jpg"))
    await bus.publish(command)
    async with bus.consuming(fail_once), asyncio.timeout(20):
        await handled.wait()

    assert tries == 2
