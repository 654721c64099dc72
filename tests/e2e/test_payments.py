"""Payments, end to end: whatever is stopped, attempted, answered 2xx and paid are equal numbers (S4)."""

import asyncio
import random
from collections.abc import AsyncIterator

import aiohttp
import pytest

from deploy.local.config import Config
from deploy.local.ports import free_port
from deploy.local.supervisor import Supervisor
from tests.e2e.people import ClientOrder, GalleryDesk, Photographer, World
from tests.e2e.test_outages import back
from tests.gateway.client import StudioClient
from tests.gateway.paying import Bank
from tests.infra import Servers
from tests.waiting import eventually

NUMBER = 10


async def connected(photographer: Photographer) -> Bank:
    """A payment system of this studio's."""
    world = photographer.world
    return await Bank.connect(StudioClient(world.http, world.url, {"Authorization": f"Bearer {photographer.token}"}))


async def with_orders(photographer: Photographer, number: int = NUMBER) -> tuple[GalleryDesk, list[ClientOrder]]:
    """A gallery with orders that wait for their money."""
    desk = await photographer.open_gallery()
    photos = await desk.add_photos("a.jpg")
    return desk, [await desk.order(photos["a.jpg"]) for _ in range(number)]


async def all_paid(desk: GalleryDesk, number: int = NUMBER) -> bool:
    return len((await desk.do("GET", "/orders?status=paid"))["items"]) == number


async def paid_once(orders: list[ClientOrder]) -> bool:
    """Whether each order's timeline says so once, and nothing of a problem."""
    timelines = [[step["what"] for step in (await order.read())["timeline"]] for order in orders]
    return all(steps.count("paid") == 1 and "payment_problem" not in steps for steps in timelines)


async def until_taken(bank: Bank, order: ClientOrder) -> None:
    """As providers do: the same event again and again, until it is answered 2xx."""
    async with asyncio.timeout(60):
        while True:
            try:
                answer = await bank.tell(order.id, payment_id=f"pay_{order.id}", event_id=f"msg_{order.id}")
                if answer.status == 200:
                    return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)  # a provider's own pause


async def test_s4_an_order_is_paid_by_itself_when_an_online_payment_succeeds(photographer: Photographer) -> None:
    bank = await connected(photographer)
    desk, (order,) = await with_orders(photographer, 1)
    (await bank.tell(order.id)).expect(200)
    await eventually(lambda: all_paid(desk, 1))
    assert await paid_once([order])


@pytest.mark.parametrize("name", ["orders", "rabbitmq"])
async def test_webhooks_are_accepted_while_others_are_stopped_and_applied_afterwards(
    stack: Supervisor, photographer: Photographer, name: str
) -> None:
    bank = await connected(photographer)
    desk, orders = await with_orders(photographer)
    await stack.stop(name)
    try:
        answers = [await bank.tell(order.id, payment_id=f"pay_{order.id}") for order in orders]
        assert [answer.status for answer in answers] == [200] * NUMBER
    finally:
        await back(stack, name)
    await eventually(lambda: all_paid(desk), within=60)
    assert await paid_once(orders)


async def test_what_was_answered_2xx_is_paid_also_when_the_gateway_is_killed_meanwhile(
    stack: Supervisor, photographer: Photographer
) -> None:
    bank = await connected(photographer)
    desk, orders = await with_orders(photographer)
    sending = asyncio.gather(*(until_taken(bank, order) for order in orders))
    await stack.kill("gateway")
    await sending
    await stack.ready()
    await eventually(lambda: all_paid(desk), within=60)
    assert await paid_once(orders)


async def test_what_was_answered_2xx_is_paid_also_when_the_database_is_stopped_meanwhile(
    stack: Supervisor, photographer: Photographer
) -> None:
    bank = await connected(photographer)
    desk, orders = await with_orders(photographer)
    first, *others = orders
    await until_taken(bank, first)
    await stack.stop("postgres")
    try:
        refused = await bank.tell(others[0].id, payment_id=f"pay_{others[0].id}")
        assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
        sending = asyncio.gather(*(until_taken(bank, order) for order in others))
    finally:
        await back(stack, "postgres")
    await sending
    await eventually(lambda: all_paid(desk), within=60)
    assert await paid_once(orders)


@pytest.fixture(scope="module")
async def two_gateways(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Supervisor]:
    """A Photoferry with two gateways and two orders, on the servers that other tests use, too."""
    config = Config(
        port=free_port(),
        data=tmp_path_factory.mktemp("payments"),
        rate_limits="off",
        copies={"gateway": 2, "orders": 2},
        database_url=await servers.postgres.create_database("payments"),
        rabbitmq_url=await servers.rabbitmq.add_vhost("payments"),
        s3_url=await servers.store.create_bucket("payments"),
    )
    async with Supervisor(config) as running:
        yield running
    await servers.postgres.drop_database("payments")


async def test_events_repeated_in_any_order_through_two_gateways_pay_once(two_gateways: Supervisor) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        photographer = await Photographer.sign_up(World(two_gateways.url, "", http))
        bank = await connected(photographer)
        desk, orders = await with_orders(photographer)
        refunded, paid = orders[: NUMBER // 2], orders[NUMBER // 2 :]
        doors = [two_gateways.services[name].url for name in ("gateway", "gateway-2")]
        banks = [Bank(bank.client, bank.secret, bank.url.replace(two_gateways.url, door)) for door in doors]
        chance = random.Random(7)  # noqa: S311
        events = [
            (order.id, kind, f"msg_{order.id}_{kind}_{number}")
            for order in orders
            for kind in ("payment.failed", "payment.succeeded", *["payment.refunded"] * (order in refunded))
            for number in range(2)  # two events about one payment
            for _ in range(chance.randint(1, 5))
        ]
        chance.shuffle(events)
        answers = await asyncio.gather(
            *(
                banks[number % 2].tell(order_id, kind, payment_id=f"pay_{order_id}", event_id=event_id)
                for number, (order_id, kind, event_id) in enumerate(events)
            )
        )
        assert {answer.status for answer in answers} == {200}

        async def ended() -> bool:
            found = {order["id"]: order["status"] for order in (await desk.do("GET", "/orders"))["items"]}
            return found == {order.id: "refunded" if order in refunded else "paid" for order in orders}

        await eventually(ended, within=60)
        assert await paid_once(paid)
        for order in refunded:
            steps = [step["what"] for step in (await order.read())["timeline"]]
            assert (steps.count("refunded"), steps.count("paid") <= 1) == (1, True)
        payments = (await photographer.do("GET", "/payments"))["items"]
        assert [payment["problem"] for payment in payments] == [None] * NUMBER
