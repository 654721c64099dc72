"""Two copies of a service share its work: everything is done once, also when one of them is killed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from email import message_from_bytes
from itertools import cycle, islice

import aiohttp
import pytest

from contracts.topology import SERVICES
from deploy.local.config import Config
from deploy.local.ports import free_port
from deploy.local.supervisor import Supervisor
from tests.e2e.people import Answer, ClientOrder, GalleryDesk, Json, Photographer, World, final
from tests.e2e.test_outages import place
from tests.e2e.test_rules import ready_gallery
from tests.infra import Servers
from tests.notifier.post_office import SILENCE, PostOffice
from tests.waiting import eventually

COPIES = dict.fromkeys(SERVICES, 2)
NAMES = [f"IMG_{number}.jpg" for number in range(24)]
RENAMED = [f"retouched {number}.jpg" for number in range(6)]
"""Finals that only a photographer can match."""
Counters = tuple[GalleryDesk, GalleryDesk]
"""One gallery, through each of the two gateways."""


@pytest.fixture(scope="module")
async def office() -> AsyncIterator[PostOffice]:
    """The mail server, which waits with its answers when told so."""
    async with PostOffice() as office:
        yield office


@pytest.fixture(scope="module")
async def stack(
    servers: Servers, office: PostOffice, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Supervisor]:
    """A Photoferry of two copies, on the servers that other tests use, too."""
    config = Config(
        port=free_port(),
        data=tmp_path_factory.mktemp("copies"),
        rate_limits="off",
        copies=COPIES,
        database_url=await servers.postgres.create_database("copies"),
        rabbitmq_url=await servers.rabbitmq.add_vhost("copies"),
        s3_url=await servers.store.create_bucket("copies"),
        smtp_url=office.url,
    )
    async with Supervisor(config) as running:
        yield running
    await servers.postgres.drop_database("copies")


@pytest.fixture
async def doors(stack: Supervisor) -> AsyncIterator[list[World]]:
    """Both gateways, as people reach them."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield [World(stack.services[name].url, "", http) for name in ("gateway", "gateway-2")]


@pytest.fixture
async def counters(doors: list[World]) -> tuple[Counters, str]:
    """A gallery with a finished photo; and the photo."""
    photographer = await Photographer.sign_up(doors[0])
    desk, photos = await ready_gallery(photographer)
    return (desk, GalleryDesk(replace(photographer, world=doors[1]), desk.gallery)), photos["a.jpg"]


async def many_orders(counters: Counters, photo_id: str, number: int) -> list[ClientOrder]:
    """Clients order at the same moment, half of them through each gateway."""
    return await asyncio.gather(*(desk.order(photo_id) for desk in islice(cycle(counters), number)))


async def many_due(counters: Counters, photo_id: str, number: int) -> list[ClientOrder]:
    """Orders whose clients the next press of the button mails."""
    orders = await many_orders(counters, photo_id, number)
    await counters[0].do("POST", "/orders/mark-paid", json={"order_ids": [order.id for order in orders]})
    for order in orders:
        await order.until(ready=True)
    return orders


async def numbers(desk: GalleryDesk) -> list[int]:
    return [order["number"] for order in (await desk.do("GET", "/orders?limit=500"))["items"]]


async def states(desk: GalleryDesk) -> Counter[str]:
    return Counter(order["notification"]["state"] for order in (await desk.do("GET", "/orders?limit=500"))["items"])


def mails_to(office: PostOffice, orders: list[ClientOrder]) -> list[int]:
    """How many mails have come to each client."""
    received = Counter(message_from_bytes(letter)["To"].rpartition("<")[2].rstrip(">") for letter in office.letters)
    return [received[order.email] for order in orders]


async def test_s5_two_notifiers_and_three_presses_mail_each_client_once(
    office: PostOffice, counters: tuple[Counters, str]
) -> None:
    (one, two), photo_id = counters
    orders = await many_due((one, two), photo_id, 40)
    office.script, begun = {"CONTENT": SILENCE}, office.steps["CONTENT"]

    presses = await asyncio.gather(one.notify(), two.notify())
    assert sum(presses) == 40
    await eventually(lambda: has_begun(office, begun + 2))  # each notifier has a mail in hand
    orders += await many_due((one, two), photo_id, 2)
    assert await two.notify() == 2
    office.script = {}
    office.answer_all("250 taken")
    await one.no_mail_on_its_way()
    assert await one.notify() == 0

    assert await states(two) == {"sent": 42}
    assert mails_to(office, orders) == [1] * 42


async def has_begun(office: PostOffice, mails: int) -> bool:
    return office.steps["CONTENT"] >= mails


async def test_s5_the_mail_of_a_killed_notifier_is_unknown_and_nobody_is_mailed_twice(
    stack: Supervisor, office: PostOffice, counters: tuple[Counters, str]
) -> None:
    (one, two), photo_id = counters
    orders = await many_due((one, two), photo_id, 20)
    office.script, begun = {"CONTENT": SILENCE}, office.steps["CONTENT"]
    await one.notify()
    await eventually(lambda: has_begun(office, begun + 2))

    await stack.kill("notifier-2")
    office.script = {}
    office.answer_all("250 taken")
    await one.no_mail_on_its_way()
    await stack.ready("notifier-2")
    assert await two.notify() == 0

    assert await states(one) == {"sent": 19, "unknown": 1}
    assert mails_to(office, orders) == [1] * 20


async def test_orders_that_come_at_once_through_both_gateways_are_numbered_without_gaps(
    counters: tuple[Counters, str],
) -> None:
    desks, photo_id = counters
    await many_orders(desks, photo_id, 60)

    assert await numbers(desks[1]) == list(range(1, 61))


async def test_an_orders_service_that_is_killed_leaves_its_work_to_the_other(
    stack: Supervisor, counters: tuple[Counters, str]
) -> None:
    desks, photo_id = counters
    placing = asyncio.create_task(many_orders(desks, photo_id, 40))
    await eventually(lambda: any_number(desks[0]))
    await stack.kill("orders")
    orders = await placing
    assert await numbers(desks[0]) == list(range(1, 41))

    presses = [desk.photographer.do("POST", f"/orders/{order.id}/mark-paid") for order in orders for desk in desks]
    paying = asyncio.gather(*presses)
    await eventually(lambda: any_paid(desks[0]))
    await stack.kill("orders-2")
    assert {order["status"] for order in await paying} == {"paid"}
    timelines = [[step["what"] for step in (await order.read())["timeline"]] for order in orders]
    assert [steps.count("paid") for steps in timelines] == [1] * 40
    await stack.ready()


async def any_number(desk: GalleryDesk) -> bool:
    return bool(await numbers(desk))


async def any_paid(desk: GalleryDesk) -> bool:
    return bool((await desk.do("GET", "/orders?status=paid"))["items"])


@pytest.mark.parametrize("killed", ["transfers-2", "entitlements"])
async def test_uploads_and_matches_of_a_killed_copy_are_done_once_by_the_other(
    stack: Supervisor, counters: tuple[Counters, str], killed: str
) -> None:
    (one, two), _ = counters
    photos = await uploaded(one, "photos", *NAMES, *(f"proof {name}" for name in RENAMED))
    renamed = await uploaded(one, "transfers", *RENAMED)
    orders = await asyncio.gather(*(desk.order(*photos.values()) for desk in (one, two) * 3))
    await one.do("POST", "/orders/mark-paid", json={"order_ids": [order.id for order in orders]})

    uploading = asyncio.gather(uploaded(one, "transfers", *NAMES[::2]), uploaded(two, "transfers", *NAMES[1::2]))
    await eventually(lambda: more_finals(one, than=1 + len(RENAMED)), within=60)
    matching = asyncio.gather(*(match(two, renamed[name], photos[f"proof {name}"]) for name in RENAMED))
    await stack.kill(killed)
    assert not uploading.done()
    await asyncio.gather(uploading, matching)

    expected = sorted([*NAMES, *RENAMED])
    for order in orders:
        timeline = (await order.until(ready=True))["timeline"]
        assert [step["what"] for step in timeline] == ["placed", "paid", "ready"]
        assert sorted(each["filename"] for each in (await order.downloads())["downloads"]) == expected
    there = [(each["filename"], each["version"]) for each in await finals(two)]
    assert sorted(there) == [(name, 1) for name in sorted(["a.jpg", *expected])]
    await stack.ready()


async def uploaded(desk: GalleryDesk, tab: str, *names: str) -> dict[str, str]:
    """One picture under many names; returns the ids by name."""
    uploads = await desk.upload(tab, dict.fromkeys(names, final("one for all")))
    return {
        name: each["photo_id" if tab == "photos" else "transfer_id"] for name, each in zip(names, uploads, strict=True)
    }


async def finals(desk: GalleryDesk) -> list[Json]:
    found: list[Json] = (await desk.do("GET", "/transfers?limit=500"))["items"]
    return found


async def more_finals(desk: GalleryDesk, than: int) -> bool:
    return len(await finals(desk)) > than


async def match(desk: GalleryDesk, transfer_id: str, photo_id: str) -> None:
    """By hand, what no name says."""
    await desk.photographer.do("PUT", f"/transfers/{transfer_id}/match", json={"photo_id": photo_id})


async def test_clients_of_a_gateway_that_is_killed_order_once_at_the_other(
    stack: Supervisor, counters: tuple[Counters, str]
) -> None:
    (one, two), photo_id = counters
    ordering = asyncio.gather(*(insist((two, one), photo_id, f"client {number}") for number in range(40)))
    await eventually(lambda: any_number(one))
    await stack.kill("gateway-2")
    placed = await ordering

    assert sorted(order["number"] for order in placed) == list(range(1, 41)) == await numbers(one)
    await stack.ready()


async def insist(desks: Counters, photo_id: str, key: str) -> Json:
    """What a client's program does: when there is no answer, it asks the other gateway with the same key."""

    async def ask() -> Answer | None:
        for desk in desks:
            with suppress(aiohttp.ClientConnectionError):
                answer = await desk.photographer.world.final(await place(desk, photo_id, key=key))
                return answer if answer.status != 409 else None
        return None

    answer = await eventually(ask)
    assert answer.status == 201, answer
    placed: Json = answer.json
    return placed


async def test_who_watches_at_one_gateway_sees_what_is_done_at_the_other(counters: tuple[Counters, str]) -> None:
    (one, two), photo_id = counters
    url = f"{two.photographer.world.url}/api/v1{two.path}/events"
    headers = {"Authorization": f"Bearer {two.photographer.token}"}
    async with asyncio.timeout(20), two.photographer.world.http.get(url, headers=headers) as events:
        await events.content.readuntil(b"event: gallery\n")
        await one.order(photo_id)
        await events.content.readuntil(b"event: order\n")
