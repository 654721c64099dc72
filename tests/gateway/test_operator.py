"""Operators' calls: queues, dead messages of all services, sending back and dropping; for operators alone."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import aio_pika
import pytest

from chassis.bus import RETRY_DELAYS, dead_queue
from chassis.retries import HEADER_ATTEMPT, HEADER_ERROR, HEADER_QUEUE, HEADER_TRACE
from contracts.base import Message, uuid7
from contracts.orders import OrderPaid
from contracts.topology import QUEUES, SERVICES
from tests.gateway.client import StudioClient
from tests.gateway.running import RunningGateway, running_gateway
from tests.infra import Servers
from tests.making import line, order, place_order
from tests.waiting import eventually

API = "/api/v1/operator"
QUEUE = "notifier.follow_order"
"""Of a service that is not there: what is sent back waits."""
ANNA = "anna@example.com"


@pytest.fixture(scope="module")
async def gateway(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    """One whose dead queues nobody else fills, with orders beside it."""
    async with running_gateway(servers, tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture
async def operator(gateway: RunningGateway) -> StudioClient:
    """An operator, before whom nothing is dead."""
    operator = await gateway.studio()
    await appoint(gateway, operator)
    for kind in (await operator.get(f"{API}/dead-messages/kinds")).expect(200)["items"]:
        await deal(operator, "drop", kind={"queue": kind["queue"], "error_type": kind["error_type"]})
    return operator


async def appoint(gateway: RunningGateway, studio: StudioClient, *, is_operator: bool = True) -> None:
    me = (await studio.get("/api/v1/studio")).expect(200)["id"]
    await gateway.db.pool.execute("UPDATE studio SET is_operator = $2 WHERE id = $1", UUID(me), is_operator)


async def let_die(
    gateway: RunningGateway,
    message: Message,
    error: str = "RuntimeError: no",
    queue: str = QUEUE,
    died_at: datetime | None = None,
) -> str:
    """As the retry layer does; returns the dead message's id."""
    headers: dict[str, Any] = {HEADER_QUEUE: queue, HEADER_ERROR: error, HEADER_ATTEMPT: 6, HEADER_TRACE: "line 1"}
    raw = aio_pika.Message(
        message.model_dump_json().encode(),
        type=message.topic,
        message_id=str(message.message_id),
        headers=headers,
        timestamp=died_at,
    )
    await gateway.publisher.channel.default_exchange.publish(raw, dead_queue(queue.split(".")[0]))
    return f"{queue}:{message.message_id}"


async def deal(operator: StudioClient, how: str, **chosen: Any) -> dict[str, int]:
    dealt: dict[str, int] = (await operator.post(f"{API}/dead-messages/{how}", chosen)).expect(200)
    return dealt


async def dead(operator: StudioClient, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await operator.get(f"{API}/dead-messages{query}")).expect(200)["items"]
    return found


async def waiting(operator: StudioClient, queue: str) -> int:
    items = (await operator.get(f"{API}/queues")).expect(200)["items"]
    return int({item["name"]: item["waiting"] for item in items}[queue])


async def test_every_queue_is_listed_with_what_waits_and_who_works_there(operator: StudioClient) -> None:
    items = (await operator.get(f"{API}/queues")).expect(200)["items"]

    assert len(items) == len(QUEUES) + len(RETRY_DELAYS) + len(SERVICES)
    by_name = {item.pop("name"): item for item in items}
    empty = {"waiting": 0, "consumers": 0}
    assert by_name["orders.place_order"] == {"kind": "work", "service": "orders", **empty, "consumers": 1}
    assert by_name[QUEUE] == {"kind": "work", "service": "notifier", **empty}  # which is not there
    assert by_name["photoferry.retry.10s"] == {"kind": "delay", "service": None, **empty}
    assert by_name["orders.dead"] == {"kind": "dead", "service": "orders", **empty}


async def test_who_is_no_operator_any_more_finds_nothing_from_that_moment_on(
    gateway: RunningGateway, operator: StudioClient
) -> None:
    (await operator.get(f"{API}/queues")).expect(200)
    await appoint(gateway, operator, is_operator=False)

    (await operator.get(f"{API}/queues")).expect(404)
    (await operator.post(f"{API}/dead-messages/drop", {"ids": ["x"]})).expect(404)


async def test_a_dead_message_is_shown_with_its_error_and_without_anybodys_data(
    gateway: RunningGateway, operator: StudioClient
) -> None:
    died_at = datetime(2026, 6, 12, 18, 5, tzinfo=UTC)
    paid = OrderPaid(order=order("a.jpg"))
    error = f"UniqueViolationError: duplicate key\nDETAIL:  Key (email)=({ANNA}) already exists."
    dead_id = await let_die(gateway, paid, error, died_at=died_at)

    answer = await operator.get(f"{API}/dead-messages")

    [shown] = answer.expect(200)["items"]
    payload = shown.pop("payload")
    assert shown == {
        "id": dead_id,
        "message_id": str(paid.message_id),
        "queue": QUEUE,
        "topic": OrderPaid.topic,
        "attempts": 6,
        "died_at": "2026-06-12T18:05:00+00:00",
        "error_type": "UniqueViolationError",
        "error": "UniqueViolationError: duplicate key\n***",
        "traceback": "line 1",
    }
    assert payload["order"]["id"] == str(paid.order.id)
    assert ANNA not in answer.body.decode()
    assert "Anna" not in answer.body.decode()


async def test_what_is_not_ours_is_shown_without_a_word_of_it(gateway: RunningGateway, operator: StudioClient) -> None:
    raw = aio_pika.Message(b"Anna Nowak", type=ANNA, message_id=ANNA, headers={HEADER_QUEUE: ANNA, HEADER_ERROR: ANNA})
    await gateway.publisher.channel.default_exchange.publish(raw, "notifier.dead")

    answer = await operator.get(f"{API}/dead-messages")

    [shown] = answer.expect(200)["items"]
    assert (shown["queue"], shown["topic"], shown["error"], shown["payload"]) == ("", "", "***", "***")
    assert "anna" not in answer.body.decode().casefold()
    assert await deal(operator, "retry", ids=[shown["id"]]) == {"done": 0, "left": 1}
    assert await deal(operator, "drop", ids=[shown["id"]]) == {"done": 1, "left": 0}


async def test_pages_lead_through_all_dead_messages_newest_first(
    gateway: RunningGateway, operator: StudioClient
) -> None:
    began = datetime(2026, 6, 12, tzinfo=UTC)
    dead_ids = [
        await let_die(gateway, OrderPaid(order=order("a.jpg")), died_at=began + timedelta(seconds=number))
        for number in range(5)
    ]
    await let_die(gateway, OrderPaid(order=order("a.jpg")), "KeyError: 'x'", died_at=began)
    path, found = f"{API}/dead-messages?queue={QUEUE}&error_type=RuntimeError&limit=2", []

    page: dict[str, Any] = {"next": ""}
    while page["next"] is not None:
        page = (await operator.get(f"{path}&cursor={page['next']}" if page["next"] else path)).expect(200)
        found.append([item["id"] for item in page["items"]])

    assert found == [dead_ids[4:2:-1], dead_ids[2:0:-1], dead_ids[:1]]
    (await operator.get(f"{API}/dead-messages?cursor=made-up")).expect(422)


async def test_kinds_are_counted_however_many_messages_there_are(
    gateway: RunningGateway, operator: StudioClient
) -> None:
    first, last = datetime(2026, 6, 12, tzinfo=UTC), datetime(2026, 6, 13, tzinfo=UTC)
    for died_at in (last, first, None):
        await let_die(gateway, OrderPaid(order=order("a.jpg")), died_at=died_at)
    await let_die(gateway, OrderPaid(order=order("a.jpg")), queue="orders.place_order")

    kinds = (await operator.get(f"{API}/dead-messages/kinds")).expect(200)["items"]

    assert kinds == [
        {
            "queue": QUEUE,
            "error_type": "RuntimeError",
            "count": 3,
            "oldest_at": "2026-06-12T00:00:00+00:00",
            "newest_at": "2026-06-13T00:00:00+00:00",
        },
        {"queue": "orders.place_order", "error_type": "RuntimeError", "count": 1, "oldest_at": None, "newest_at": None},
    ]


async def test_all_of_a_kind_are_sent_back_and_the_others_stay(gateway: RunningGateway, operator: StudioClient) -> None:
    before = await waiting(operator, QUEUE)
    for _ in range(3):
        await let_die(gateway, OrderPaid(order=order("a.jpg")))
    kept = await let_die(gateway, OrderPaid(order=order("a.jpg")), "KeyError: 'x'")

    assert await deal(operator, "retry", kind={"queue": QUEUE, "error_type": "RuntimeError"}) == {"done": 3, "left": 0}

    assert await waiting(operator, QUEUE) == before + 3
    assert [message["id"] for message in await dead(operator)] == [kept]


async def test_an_order_whose_command_is_sent_back_twice_is_placed_once(
    gateway: RunningGateway, operator: StudioClient
) -> None:
    gallery = await operator.open_gallery(price_per_photo=0, allow_free_orders=True)
    command = place_order(UUID(gallery["id"]), line("a.jpg"))
    for _ in range(2):
        await let_die(gateway, command, queue="orders.place_order")
    dead_id = f"orders.place_order:{command.message_id}"

    assert await deal(operator, "retry", ids=[dead_id]) == {"done": 2, "left": 0}
    await let_die(gateway, command, queue="orders.place_order")
    assert await deal(operator, "retry", ids=[dead_id]) == {"done": 1, "left": 0}

    async def placed() -> list[Any]:
        found: list[Any] = (await operator.get(f"/api/v1/galleries/{gallery['id']}/orders")).expect(200)["items"]
        return found

    async def handled() -> bool:
        return await waiting(operator, "orders.place_order") == 0

    await eventually(placed)
    await eventually(handled)
    assert [each["id"] for each in await placed()] == [str(command.order_id)]
    assert await dead(operator) == []


async def test_a_call_repeated_with_its_key_drops_nothing_more(gateway: RunningGateway, operator: StudioClient) -> None:
    body, headers = {"kind": {"queue": QUEUE, "error_type": "RuntimeError"}}, {"Idempotency-Key": str(uuid7())}
    await let_die(gateway, OrderPaid(order=order("a.jpg")))
    first = await operator.post(f"{API}/dead-messages/drop", body, headers=headers)
    later = await let_die(gateway, OrderPaid(order=order("a.jpg")))

    again = await operator.post(f"{API}/dead-messages/drop", body, headers=headers)

    assert first.expect(200) == again.expect(200) == {"done": 1, "left": 0}
    assert [message["id"] for message in await dead(operator)] == [later]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "kind"),
        ({"ids": []}, "kind"),
        ({"ids": ["x"], "kind": {"queue": QUEUE, "error_type": "E"}}, "kind"),
        ({"kind": {"queue": QUEUE}}, "kind.error_type"),
        ({"ids": ["x"] * 1_001}, "ids"),
        ({"all": True}, "all"),
    ],
)
async def test_a_call_that_does_not_say_what_it_is_about_does_nothing(
    gateway: RunningGateway, operator: StudioClient, body: dict[str, Any], field: str
) -> None:
    there = await let_die(gateway, OrderPaid(order=order("a.jpg")))

    problem = (await operator.post(f"{API}/dead-messages/drop", body)).expect(422)

    assert field in [error["field"] for error in problem["errors"]]
    assert [message["id"] for message in await dead(operator)] == [there]
