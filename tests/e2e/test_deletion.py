"""Rule 9: deleting a gallery removes files, previews and personal data, in every service."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID, uuid4

import aio_pika
import asyncpg

from chassis.bus import dead_queue
from chassis.dead import looking
from chassis.objects import ObjectStore
from contracts.orders import GalleryDeleted, OrderPaid
from contracts.topology import SERVICES
from deploy.local.supervisor import Supervisor
from tests import making
from tests.e2e.people import ClientOrder, GalleryDesk, Photographer, proof
from tests.waiting import eventually

NOTHING: Mapping[str, str] = MappingProxyType({})
MUST_STAY = {
    "deleted_gallery": "false",
    "request": "action <> 'gallery_deleted'",
    "outbox": f"topic <> '{GalleryDeleted.topic}' AND topic NOT LIKE '%.gallery_erased.v1'",
    "deletion": "false",
    "deletion_part": "false",
    "deleted_link": "false",
}
"""What keeps late messages out, the request that asked, the news itself and its certificate, and digests by
which personal links are known again: of a table, the rows that may not stay."""


@dataclass(frozen=True)
class Traces:
    """What a full gallery would be known by if something of it stayed."""

    gallery_id: str
    client: str
    """Stands in the name, the address and the note of every client."""
    order_ids: list[str]
    upload_id: str
    """Of a slot that was filled and never completed."""
    links: list[str]


async def test_a_deleted_gallery_leaves_nothing_behind(
    stack: Supervisor, photographer: Photographer, database: asyncpg.Connection
) -> None:
    desk = await photographer.open_gallery()
    traces = await filled(desk)
    assert await schemas_with(database, traces.gallery_id, but_for=MUST_STAY) == set(SERVICES)
    assert await schemas_with(database, traces.client) >= {"gateway", "orders", "notifier"}
    assert len(await objects_of(stack, traces)) > 5
    assert {(await photographer.world.call("GET", link)).status for link in traces.links} <= {200, 302, 303}

    assert (await photographer.call("DELETE", desk.path)).status in (202, 204)

    await eventually(lambda: nobody_knows(database, traces), within=30)
    await eventually(lambda: is_certified(photographer, traces), within=30)
    assert await store_is_rid_of(stack, traces)  # not before
    answers = [(link, (await photographer.world.call("GET", link)).status) for link in traces.links]
    assert answers == [(link, 410 if "/c/" in link else 404) for link in traces.links]
    certificate = await photographer.do("GET", f"/deletions/{traces.gallery_id}")
    assert certificate["removed"].items() >= {"photos": 2, "finals": 2, "orders": 3}.items()
    assert certificate["removed"]["bytes"] > 1_000
    assert certificate["removed"]["mails"] > 1
    assert certificate["services"].keys() == set(SERVICES)
    finished = [part["finished_at"] for part in certificate["services"].values()]
    assert max(finished) == certificate["finished_at"] > certificate["asked_at"]
    assert traces.client not in str(certificate)
    assert [each["gallery_id"] for each in (await photographer.do("GET", "/deletions"))["items"]] == [traces.gallery_id]
    for path in (desk.path, *(f"/orders/{order_id}" for order_id in traces.order_ids)):
        assert (await photographer.call("GET", path)).status == 404


async def test_a_deleted_gallery_has_no_dead_messages_in_any_service(
    stack: Supervisor, photographer: Photographer
) -> None:
    rabbitmq = stack.servers.rabbitmq
    assert rabbitmq is not None
    desk = await photographer.open_gallery()
    about_it = [OrderPaid(order=making.order("a.jpg", gallery_id=UUID(desk.gallery["id"]))) for _ in range(2)]
    about_another = OrderPaid(order=making.order("a.jpg"))

    async def deaths() -> list[int]:
        lengths = await rabbitmq.queue_lengths()
        return [lengths[dead_queue(service)] for service in SERVICES]

    async def one_more_each() -> bool:
        return await deaths() == [number + 1 for number in before]

    before = await deaths()
    for service in SERVICES:
        await let_die(rabbitmq.url, service, about_it[0], about_another, about_it[1])
    assert (await photographer.call("DELETE", desk.path)).status in (202, 204)

    await eventually(one_more_each, within=30)
    for service in SERVICES:
        assert await removed_from_the_dead(rabbitmq.url, service, about_another)


async def filled(desk: GalleryDesk) -> Traces:
    """Photos, finals, a match by hand, orders placed, paid, mailed and downloaded, and a slot never completed."""
    client, world = uuid4().hex, desk.photographer.world
    photos = await desk.add_photos("a.jpg", "b.jpg")
    finals = await desk.add_finals("a.jpg", "by hand.jpg")
    match = f"/transfers/{finals['by hand.jpg']}/match"
    await desk.photographer.do("PUT", match, json={"photo_id": photos["b.jpg"]})
    orders = [
        await desk.order(*photos.values(), name=f"Anna {client}", email=f"{client}.{number}@clients.example.com")
        for number in range(3)
    ]
    for order in orders[1:]:
        await order.act("mark-paid")
        await order.until(ready=True)
    await delivered(desk, orders[1])
    await desk.photographer.do("PATCH", f"/orders/{orders[0].id}", json={"client": {"note": client}})
    await chosen(desk, photos["a.jpg"])
    public, link = f"{world.url}/g/{desk.public_token}", (await orders[1].read())["client_url"]
    page = link.replace("/c/", "/api/v1/c/")
    links = [public, public.replace("/g/", "/api/v1/g/"), link, page, f"{link}/files/{finals['a.jpg']}"]
    order_ids = [order.id for order in orders]
    return Traces(desk.gallery["id"], client, order_ids, await never_completed(desk), [*links, f"{link}/photos.zip"])


async def delivered(desk: GalleryDesk, order: ClientOrder) -> None:
    """Mailed, downloaded singly and as a ZIP, and the link asked for again."""
    await desk.notify()
    await order.fetch((await order.downloads(await order.link()))["downloads"][0]["url"])
    await order.unzip((await order.downloads())["zip_url"])
    resend = f"/api/v1/g/{desk.public_token}/resend-link"
    assert (await order.world.call("POST", resend, json={"email": order.email})).status == 202

    async def told() -> bool:
        return "downloaded" in [step["what"] for step in (await order.read())["timeline"]]

    await eventually(told)
    await desk.no_mail_on_its_way()


async def let_die(url: str, service: str, *events: OrderPaid) -> None:
    connection = await aio_pika.connect(url)
    async with connection, connection.channel() as channel:
        for event in events:
            message = aio_pika.Message(event.model_dump_json().encode(), type=event.topic)
            await channel.default_exchange.publish(message, dead_queue(service))


async def removed_from_the_dead(url: str, service: str, event: OrderPaid) -> bool:
    async with looking(url) as look:
        bodies = {message.body: message async for message in look.at(service)}
        found = bodies.get(event.model_dump_json().encode())
        if found:
            await found.ack()
    return found is not None


async def chosen(desk: GalleryDesk, photo_id: str) -> None:
    """A photo lies in somebody's basket."""
    world = desk.photographer.world
    heart, headers = f"/g/{desk.public_token}/chosen/{photo_id}?photos=60", {"Origin": world.url}
    assert (await world.call("POST", heart, data={"chosen": "1"}, headers=headers)).status == 303


async def never_completed(desk: GalleryDesk) -> str:
    data = proof("late.jpg")
    [slot] = await desk.slots("photos", {"late.jpg": data})
    assert (await desk.put(slot, data)).status == 200
    return str(slot["upload_id"])


async def nobody_knows(database: asyncpg.Connection, traces: Traces) -> bool:
    """Raises nothing and is false while a table of any service still has a trace."""
    if await schemas_with(database, traces.gallery_id, but_for=MUST_STAY):
        return False
    return not any([await schemas_with(database, text) for text in (traces.client, *traces.order_ids)])


async def schemas_with(database: asyncpg.Connection, text: str, but_for: Mapping[str, str] = NOTHING) -> set[str]:
    """The services that have this text in any column of any table."""
    tables = await database.fetch(
        """SELECT table_schema, table_name FROM information_schema.tables
           WHERE table_schema = ANY($1) AND table_type = 'BASE TABLE'""",
        list(SERVICES),
    )
    found = set()
    for schema, table in tables:
        suspects = f"SELECT FROM {schema}.{table} one WHERE strpos(one::text, $1) > 0 AND {but_for.get(table, 'true')}"
        if await database.fetchval(f"SELECT EXISTS ({suspects})", text):
            found.add(schema)
    return found


async def is_certified(photographer: Photographer, traces: Traces) -> bool:
    return (await photographer.do("GET", f"/deletions/{traces.gallery_id}"))["finished_at"] is not None


async def store_is_rid_of(stack: Supervisor, traces: Traces) -> bool:
    return not await objects_of(stack, traces)


async def objects_of(stack: Supervisor, traces: Traces) -> list[str]:
    """The keys of a gallery's objects, also of what arrived and was never taken in."""
    assert stack.servers.store is not None
    store = ObjectStore(stack.servers.store.url)
    keys = [each.object_name or "" for each in store._client.list_objects(store.bucket, "", recursive=True)]
    await store.close()
    return [key for key in keys if key.startswith(f"galleries/{traces.gallery_id}/") or traces.upload_id in key]
