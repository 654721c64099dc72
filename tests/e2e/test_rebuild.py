"""The view and entitlements are rebuilt while people order, photographers upload, and clients download."""

import asyncio
from itertools import count

import asyncpg
import pytest

from deploy.local.supervisor import Supervisor
from services.gateway.view.tables import VIEW
from tests.e2e.people import ClientOrder, GalleryDesk, Photographer, final
from tests.e2e.test_cli import Shell
from tests.e2e.test_rules import paid_order, ready_gallery

BOTH = ("gateway-view", "entitlements")


@pytest.fixture
def operator(stack: Supervisor) -> Shell:
    """A shell with the settings of the gateway."""
    secret = (stack.config.data / "secret").read_text()
    urls = stack.servers.urls(stack.config)
    return Shell({**urls, "PHOTOFERRY_PUBLIC_URL": stack.config.public_url, "PHOTOFERRY_SECRET": secret})


async def rebuild(operator: Shell, what: str) -> int:
    """Rebuild; returns how many rows were not as they had to be, or messages had to be told."""
    told = await operator.read("rebuild", what)
    return sum(sum(table.values()) for table in told["differences"].values()) + int(told["told"])


async def a_days_work(desk: GalleryDesk, photos: dict[str, str], ended: asyncio.Event) -> list[ClientOrder]:
    """Clients order and pay, finals are replaced, all the time."""
    orders = []
    for number in count():
        order, _ = await asyncio.gather(
            paid_order(desk, photos["a.jpg"]),
            desk.upload("transfers", {"a.jpg": final("a.jpg", retouch=number)}),
        )
        orders.append(order)
        if ended.is_set():
            return orders
    raise AssertionError("numbers do not end")


@pytest.mark.usefixtures("nothing_undelivered")
async def test_nothing_is_lost_of_what_happens_while_all_is_rebuilt(
    photographer: Photographer, operator: Shell
) -> None:
    desk, photos = await ready_gallery(photographer)
    early = await paid_order(desk, photos["a.jpg"])
    await desk.notify()
    await desk.no_mail_on_its_way()
    await early.downloads()
    before = await early.read()
    ended = asyncio.Event()
    work = asyncio.create_task(a_days_work(desk, photos, ended))
    for what in (*BOTH, *BOTH):
        await rebuild(operator, what)
    ended.set()
    orders = await work

    assert [await rebuild(operator, what) for what in BOTH] == [0, 0]
    assert [(await order.read())["ready"] for order in orders] == [True] * len(orders)
    assert (await early.read()) | {"timeline": []} == before | {"timeline": []}
    assert await desk.notify() == len(orders)
    assert (await orders[-1].downloads())["zip_url"]


@pytest.mark.usefixtures("nothing_undelivered")
async def test_a_view_that_lost_everything_is_back_and_a_client_still_downloads(
    stack: Supervisor, photographer: Photographer, operator: Shell
) -> None:
    desk, photos = await ready_gallery(photographer)
    order = await paid_order(desk, photos["a.jpg"])
    await desk.notify()
    await desk.no_mail_on_its_way()
    before, link = await order.read(), await order.link()
    assert stack.servers.postgres is not None
    connection = await asyncpg.connect(stack.servers.postgres.url)
    for table in VIEW:
        await connection.execute(f"TRUNCATE gateway.{table.name}")
    await connection.close()
    assert await rebuild(operator, "gateway-view") > 0

    assert await order.read() == before
    assert (await order.downloads(link))["zip_url"]
    await desk.order(photos["b.jpg"])
