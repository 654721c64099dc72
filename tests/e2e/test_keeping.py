"""A gallery whose days are over: everybody is told by mail beforehand, and then it goes by itself."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from chassis.bus import EXCHANGE
from contracts.base import utc_now
from contracts.orders import ChangeGallery
from deploy.local.supervisor import Supervisor
from tests.e2e.people import ClientOrder, GalleryDesk, Photographer, final
from tests.e2e.test_erasure import publish
from tests.e2e.test_rules import paid_order, ready_gallery
from tests.waiting import eventually


async def test_who_is_concerned_is_mailed_once_before_a_gallery_goes_and_then_it_goes(
    stack: Supervisor, photographer: Photographer, database: asyncpg.Connection
) -> None:
    async def days_are_left(days: int, service: str) -> None:
        """As if it were later: what a photographer asks for must be eight days ahead."""
        until = (utc_now() + timedelta(days=days)).replace(microsecond=0)
        change = ChangeGallery(gallery_id=desk.id, changes={"keep_until": until.isoformat()})
        await publish(stack, EXCHANGE, change)
        known = "SELECT FROM notifier.gallery WHERE id = $1 AND keep_until = $2"
        await eventually(lambda: database.fetchval(f"SELECT EXISTS ({known})", desk.id, until))
        await looks_again(stack, service)

    async def is_fetched() -> bool:
        known = "SELECT EXISTS (SELECT FROM notifier.fetched WHERE order_id = $1)"
        return bool(await database.fetchval(known, UUID(done.id)))

    desk, photos = await ready_gallery(photographer, keep_until=(utc_now() + timedelta(days=30)).isoformat())
    idle, done = [await paid_order(desk, photos["a.jpg"]) for _ in range(2)]
    await desk.notify()
    await done.unzip((await done.downloads(await done.link()))["zip_url"])
    await eventually(is_fetched)
    link = await idle.link()

    await days_are_left(2, "notifier")
    (mail,) = await eventually(lambda: mails_but(idle, 1))
    assert "is deleted on" in mail["text"]
    assert link in mail["text"].split()
    assert await idle.unzip((await idle.downloads(link))["zip_url"]) == {"a.jpg": final("a.jpg")}
    (mail,) = await eventually(lambda: photographer.world.mails_to(photographer.studio["email"]))
    assert f"/galleries/{desk.id}" in mail["text"]
    await looks_again(stack, "notifier")

    await days_are_left(-1, "orders")
    await eventually(lambda: is_gone(desk), within=60)
    assert (await photographer.world.call("GET", link)).status == 410
    assert [len(await order.mails()) for order in (idle, done)] == [2, 1]
    assert len(await photographer.world.mails_to(photographer.studio["email"])) == 1


async def test_a_date_that_was_moved_while_orders_was_stopped_counts_although_the_old_one_has_passed(
    stack: Supervisor, photographer: Photographer, database: asyncpg.Connection
) -> None:
    desk = await photographer.open_gallery(keep_until=(utc_now() + timedelta(days=30)).isoformat())
    await stack.stop("orders")
    later = (utc_now() + timedelta(days=60)).replace(microsecond=0)
    moved = await photographer.call("PATCH", desk.path, json={"keep_until": later.isoformat()})
    passed = """UPDATE orders.gallery
        SET settings = jsonb_set(settings::jsonb, '{keep_until}', to_jsonb($2::timestamptz)) WHERE id = $1"""
    await database.execute(passed, desk.id, utc_now() - timedelta(hours=1))
    await stack.start("orders")
    await stack.ready("orders")

    assert datetime.fromisoformat((await photographer.world.final(moved)).json["keep_until"]) == later
    await looks_again(stack, "orders")
    assert (await photographer.do("GET", desk.path))["id"] == str(desk.id)


async def looks_again(stack: Supervisor, service: str) -> None:
    """What a service looks for every ten minutes, it looks for when it starts, too."""
    await stack.stop(service)
    await stack.start(service)
    await stack.ready(service)


async def mails_but(order: ClientOrder, known: int) -> list[dict[str, str]]:
    return (await order.mails())[known:]


async def is_gone(desk: GalleryDesk) -> bool:
    certificate = await desk.photographer.call("GET", f"/deletions/{desk.id}")
    return certificate.status == 200 and certificate.json["finished_at"] is not None
