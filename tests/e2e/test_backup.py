"""A restore is a test, not an instruction: a backup is brought back into an empty installation, and used."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from contracts.topology import SERVICES
from deploy.local.config import Config
from deploy.local.ports import free_port
from deploy.local.supervisor import Supervisor
from tests.e2e.people import PASSWORD, ClientOrder, GalleryDesk, Json, Photographer, World, final
from tests.e2e.test_cli import Shell
from tests.e2e.test_outages import place
from tests.e2e.test_payments import connected
from tests.e2e.test_rules import paid_order, ready_gallery
from tests.infra import Servers
from tests.waiting import eventually

_names = (f"backup-{number}" for number in count(1))
Install = Callable[[], Awaitable[Config]]


@pytest.fixture
async def install(servers: Servers, tmp_path: Path) -> AsyncIterator[Install]:
    """Empty installations, which have one address and one secret, so only one of them runs at a time."""
    port = free_port()
    async with AsyncExitStack() as undo:

        async def empty() -> Config:
            name = next(_names)
            database_url = await servers.postgres.create_database(name)
            undo.push_async_callback(servers.postgres.drop_database, name)
            data = tmp_path / name
            data.mkdir()
            (data / "secret").write_text("one secret for both, of 32 letters or more")
            return Config(
                port=port,
                data=data,
                rate_limits="off",
                database_url=database_url,
                rabbitmq_url=await servers.rabbitmq.add_vhost(name),
                s3_url=await servers.store.create_bucket(name),
                smtp_url=servers.mail.url,
            )

        yield empty


@pytest.fixture
async def first(install: Install) -> Config:
    """What is backed up."""
    return await install()


@pytest.fixture
async def second(install: Install) -> Config:
    """What it is restored into."""
    return await install()


@pytest.fixture
async def world(first: Config, servers: Servers) -> AsyncIterator[World]:
    """Whichever of them runs, as people reach it."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield World(first.public_url, servers.mail.web_url, http)


def operator(installation: Config) -> Shell:
    """Who backs it up and restores it."""
    return Shell(
        {
            "PHOTOFERRY_DATABASE_URL": str(installation.database_url),
            "PHOTOFERRY_S3_URL": str(installation.s3_url),
        }
    )


async def test_a_backup_of_the_middle_of_the_day_is_restored_and_a_client_downloads_the_same_zip(
    first: Config, second: Config, world: World, tmp_path: Path
) -> None:
    backups = str(tmp_path / "backups")
    async with Supervisor(first):
        photographer = await Photographer.sign_up(world)
        desk, photos = await ready_gallery(photographer)
        order = await desk.order(photos["a.jpg"])
        (await (await connected(photographer)).tell(order.id)).expect(200)
        await order.until(ready=True)
        await desk.notify()
        await desk.no_mail_on_its_way()
        archive = await zip_of(order)
        before = await order.read()
        ended = asyncio.Event()
        work = asyncio.create_task(a_days_work(desk, photos["a.jpg"], ended))
        await eventually(lambda: has_orders(desk, 3))
        said = await operator(first).run("backup", backups)
        ended.set()
        await work
    await operator(second).run("restore", backups)

    assert "PHOTOFERRY_SECRET is not in the backup" in said
    async with Supervisor(second):
        assert await order.read() == before
        assert await zip_of(order) == archive
        account = {"email": photographer.studio["email"], "password": PASSWORD}
        assert (await world.call("POST", "/api/v1/sessions", json=account)).status == 201
        await none(second, PROCESSING)
        await none(second, UNPUBLISHED)
        await every_file_is_there(desk)
        numbers = await numbers_of(desk)
        await desk.order(photos["a.jpg"])
        assert await numbers_of(desk) == [*numbers, len(numbers) + 1]
        assert await desk.notify() == 0
        assert len(await order.mails()) == 1


async def a_days_work(desk: GalleryDesk, photo_id: str, ended: asyncio.Event) -> None:
    """Clients order, proofs come and go, finals are replaced."""
    for number in count():
        _, photos, _ = await asyncio.gather(
            desk.order(photo_id),
            desk.add_photos(f"{number}.jpg", f"not {number}.jpg"),
            desk.upload("transfers", {"b.jpg": final("b.jpg", retouch=number)}),
        )
        await desk.photographer.do("DELETE", f"/photos/{photos[f'not {number}.jpg']}")
        if ended.is_set():
            return


async def zip_of(order: ClientOrder) -> bytes:
    """All that an order's client downloads."""
    answer = await order.world.call("GET", (await order.downloads())["zip_url"])
    assert answer.status == 200, answer
    return answer.body


async def orders_of(desk: GalleryDesk) -> list[Json]:
    found: list[Json] = (await desk.do("GET", "/orders?limit=500"))["items"]
    return sorted(found, key=lambda order: int(order["number"]))


async def numbers_of(desk: GalleryDesk) -> list[int]:
    return [order["number"] for order in await orders_of(desk)]


async def has_orders(desk: GalleryDesk, number: int) -> bool:
    return len(await orders_of(desk)) >= number


async def every_file_is_there(desk: GalleryDesk) -> None:
    """Every preview and every final of a gallery can be looked at."""
    world = desk.photographer.world
    previews = [photo["previews"] for photo in (await desk.do("GET", "/photos?limit=500"))["items"]]
    answers = [await world.call("GET", url) for both in previews for url in both.values()]
    await desk.do("PATCH", json={"download_policy": "anyone"})
    answers.append(await world.call("GET", f"/g/{desk.public_token}/photos.zip"))
    assert {answer.status for answer in answers} == {200}


UNPUBLISHED = " UNION ALL ".join(f"SELECT FROM {name}.outbox WHERE published_at IS NULL" for name in SERVICES)
PROCESSING = "SELECT FROM gateway.upload WHERE status = 'processing'"


async def none(installation: Config, rows: str) -> None:
    """Returns when a query finds nothing any more."""
    connection = await asyncpg.connect(installation.database_url)
    await eventually(lambda: connection.fetchval(f"SELECT NOT EXISTS ({rows})"), within=60)
    await connection.close()


async def test_what_was_in_the_queues_at_the_backup_is_done_once_after_the_restore(
    first: Config, second: Config, world: World, tmp_path: Path
) -> None:
    backups = str(tmp_path / "backups")
    async with Supervisor(first) as stack:
        desk, photos = await ready_gallery(await Photographer.sign_up(world))
        ready, waiting = [await paid_order(desk, photos[name], ready=name == "a.jpg") for name in ("a.jpg", "b.jpg")]
        for service in ("orders", "transfers", "entitlements", "notifier"):
            await stack.stop(service)
        await desk.photographer.call("POST", f"{desk.path}/notifications")
        accepted = await place(desk, photos["a.jpg"], key="k")
        (slot,) = await desk.slots("transfers", {"b.jpg": final("b.jpg")})
        await desk.put(slot, final("b.jpg"))
        await desk.photographer.do("POST", "/uploads/complete", json={"items": [{"upload_id": slot["upload_id"]}]})
        await none(first, UNPUBLISHED)
        await operator(first).run("backup", backups)
    said = await operator(second).run("restore", backups)

    assert "will be handled when the services start: 3." in said
    async with Supervisor(second):
        assert (await world.final(accepted)).json["number"] == 3
        await waiting.until(ready=True)
        await eventually(ready.mails)
        await desk.no_mail_on_its_way()
        assert await numbers_of(desk) == [1, 2, 3]
        assert [len(await order.mails()) for order in (ready, waiting)] == [1, 0]
        finals = (await desk.do("GET", "/transfers"))["items"]
        assert [(each["filename"], each["version"]) for each in finals] == [("a.jpg", 1), ("b.jpg", 1)]


async def test_s5_a_mail_that_was_about_to_be_sent_at_the_backup_is_not_sent_after_the_restore_unless_it_is_wanted(
    first: Config, second: Config, world: World, tmp_path: Path
) -> None:
    backups = str(tmp_path / "backups")
    async with Supervisor(first.model_copy(update={"smtp_url": "smtp://127.0.0.1:1"})):
        desk, photos = await ready_gallery(await Photographer.sign_up(world))
        order = await paid_order(desk, photos["a.jpg"])
        await desk.notify()
        await operator(first).run("backup", backups)
    await operator(second).run("restore", backups)

    async with Supervisor(second):
        await eventually(lambda: has_mail_state(order, "unknown"), within=30)
        assert await desk.notify() == 0
        assert await order.mails() == []
        await desk.photographer.do("POST", f"/orders/{order.id}/notification")
        await eventually(order.mails)


async def has_mail_state(order: ClientOrder, state: str) -> bool:
    return bool((await order.read())["notification"]["state"] == state)
