"""Upgrading in the middle of the day: copies are replaced one at a time, and releases work side by side."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest

from contracts.topology import SERVICES
from deploy.local.config import Config
from deploy.local.ports import HOST, free_port
from deploy.local.supervisor import MODULES, Supervisor
from tests.e2e.balancer import Balancer
from tests.e2e.fixtures import why_dead
from tests.e2e.people import ClientOrder, GalleryDesk, Photographer, World, final
from tests.e2e.test_payments import connected
from tests.gateway.paying import Bank
from tests.infra import Servers
from tests.waiting import eventually

WORKERS = [name for name in SERVICES if name != "gateway"]


@asynccontextmanager
async def running(
    servers: Servers, folder: Path, name: str, modules: dict[str, str], copies: int
) -> AsyncIterator[tuple[Supervisor, Balancer, World, str]]:
    """A Photoferry on the servers that other tests use, too, behind a balancer; and its virtual host."""
    rabbitmq_url = await servers.rabbitmq.add_vhost(name)
    config = Config(
        port=free_port(),
        public_url=f"http://{HOST}:{(front := free_port())}",
        data=folder,
        rate_limits="off",
        copies=dict.fromkeys(SERVICES, copies),
        database_url=await servers.postgres.create_database(name),
        rabbitmq_url=rabbitmq_url,
        s3_url=await servers.store.create_bucket(name),
        smtp_url=servers.mail.url,
    )
    async with AsyncExitStack() as stack:
        supervisor = await stack.enter_async_context(Supervisor(config, modules))
        gateways = {each: it.port for each, it in supervisor.services.items() if each.startswith("gateway")}
        balancer = await stack.enter_async_context(Balancer(front, gateways))
        connector = aiohttp.TCPConnector(force_close=True)
        session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        http = await stack.enter_async_context(session)
        yield supervisor, balancer, World(config.public_url, servers.mail.web_url, http), rabbitmq_url
    await servers.postgres.drop_database(name)


@dataclass
class Monday:
    """Clients who order and pay, and a photographer who uploads and mails, until the day is over."""

    desk: GalleryDesk
    bank: Bank
    photo_id: str
    over: asyncio.Event = field(default_factory=asyncio.Event)
    orders: list[ClientOrder] = field(default_factory=list)
    finals: int = 0
    heard: int = 0
    """News of orders on the page that is open all day."""

    async def clients(self) -> None:
        """One orders after the other, and pays: nothing is asked twice, and every answer is the one wanted."""
        while not self.over.is_set():
            self.orders.append(order := await self.desk.order(self.photo_id))
            (await self.bank.tell(order.id, payment_id=f"pay_{order.id}")).expect(200)

    async def photographer(self) -> None:
        """New finals all the time."""
        for number in count():
            if self.over.is_set():
                return
            (upload,) = await self.desk.upload("transfers", {f"late {number}.jpg": final("late")})
            assert upload["status"] == "stored"
            self.finals += 1

    async def notify(self) -> None:
        """Mails whoever is ready, again and again."""
        while not self.over.is_set():
            await self.desk.notify()

    async def watch(self) -> None:
        """A page that is open all day: when its connection ends, it connects again, as browsers do."""
        world, headers = self.desk.photographer.world, {"Authorization": f"Bearer {self.desk.photographer.token}"}
        while not self.over.is_set():
            async with world.http.get(f"{world.url}/api/v1{self.desk.path}/events", headers=headers) as events:
                assert events.status == 200
                async for text in events.content:
                    self.heard += text == b"event: order\n"
                    if self.over.is_set():
                        break

    async def hears_more(self, than: int) -> bool:
        return self.heard > than


async def replaced(stack: Supervisor, balancer: Balancer) -> None:
    """Every copy of every service, one at a time; gateways are out of the balancer meanwhile."""
    for name in stack.services:
        balancer.in_use.discard(name)
        await stack.stop(name)
        await stack.start(name)
        await stack.ready(name)
        if name in balancer.ports:
            balancer.in_use.add(name)


async def test_each_copy_is_replaced_in_the_middle_of_the_day_and_nobody_notices(
    servers: Servers, tmp_path: Path
) -> None:
    async with running(servers, tmp_path, "rolling", MODULES, 2) as (stack, balancer, world, rabbitmq_url):
        photographer = await Photographer.sign_up(world)
        desk = await photographer.open_gallery()
        photos = await desk.add_photos("a.jpg")
        await desk.add_finals("a.jpg")
        day = Monday(desk, await connected(photographer), photos["a.jpg"])
        async with asyncio.TaskGroup() as people:
            for work in (day.clients(), day.clients(), day.photographer(), day.notify(), day.watch()):
                people.create_task(work)
            await replaced(stack, balancer)
            heard = day.heard
            await eventually(lambda: day.hears_more(than=heard))
            day.over.set()
            await day.orders[0].act("rotate-link")  # something more to hear, for who watches
        await done_once(day)
        assert await why_dead(rabbitmq_url) == []


async def done_once(day: Monday) -> None:
    """Whatever was asked for is done, and nothing twice."""
    for order in day.orders:
        await order.until(ready=True, within=60)
    await day.desk.notify()
    await day.desk.no_mail_on_its_way()
    orders = {each["id"]: each for each in (await day.desk.do("GET", "/orders?limit=500"))["items"]}
    assert sorted(orders) == sorted(order.id for order in day.orders)
    assert sorted(each["number"] for each in orders.values()) == list(range(1, len(orders) + 1))
    for order in day.orders:
        steps = Counter(step["what"] for step in (await order.read())["timeline"])
        assert [steps[what] for what in ("placed", "paid", "ready", "notified")] == [1] * 4, steps
    world = day.desk.photographer.world
    listed = (await world.call("GET", f"{world.mail_url}/api/mails")).json["items"]
    mails = Counter(address for mail in listed for address in mail["recipients"])
    assert [mails[order.email] for order in day.orders] == [1] * len(orders)
    assert len((await day.desk.do("GET", "/transfers?limit=500"))["items"]) == 1 + day.finals


@pytest.mark.parametrize(("gateway", "workers"), [("older", "newer"), ("newer", "older")])
async def test_releases_work_side_by_side(servers: Servers, tmp_path: Path, gateway: str, workers: str) -> None:
    release = {"gateway": gateway, **dict.fromkeys(WORKERS, workers)}
    modules = {name: f"tests.e2e.another_release {it} {name}" for name, it in release.items()}
    async with running(servers, tmp_path, f"{gateway}-gateway", modules, 1) as (_, __, world, rabbitmq_url):
        photographer = await Photographer.sign_up(world)
        desk = await photographer.open_gallery(remind_unpaid_days=7)
        photos = await desk.add_photos("a.jpg", "b.jpg")
        paid, cancelled = [await desk.order(*photos.values(), email=f"{uuid4().hex}@example.com") for _ in range(2)]
        (await (await connected(photographer)).tell(paid.id, amount=2500)).expect(200)
        await cancelled.act("cancel")
        await desk.do("PATCH", json={"name": "Class 3c", "download_policy": "ordered_and_paid"})
        await desk.add_finals("a.jpg", "b.jpg")
        await paid.until(ready=True, status="paid")
        assert await desk.notify() == 1
        downloads = await paid.downloads(await paid.link())
        assert await paid.unzip(downloads["zip_url"]) == {name: final(name) for name in ("a.jpg", "b.jpg")}
        await desk.do("DELETE")
        await eventually(lambda: gone(desk), within=60)
        assert await why_dead(rabbitmq_url) == []


async def gone(desk: GalleryDesk) -> bool:
    """Every service has said what it removed."""
    return (await desk.photographer.do("GET", f"/deletions/{desk.id}"))["finished_at"] is not None
