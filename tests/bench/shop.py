"""A studio with galleries, busy in several ways, each to its end: how much it was, is what each returns."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import cycle, islice
from uuid import UUID

from yarl import URL

from chassis.db import Database
from contracts.base import Message, Money, uuid7
from contracts.gateway import PaymentReceived
from contracts.orders import Client, OrderLine, PlaceOrder
from deploy.local.drawing import photo
from deploy.local.supervisor import Supervisor
from tests.bench.readiness import register
from tests.bench.webhooks import Sender
from tests.e2e.people import GalleryDesk, Photographer, World
from tests.e2e.test_operations import metrics_of
from tests.waiting import eventually

GALLERIES = 8
IN_THE_OUTBOX = 400
"""Orders and their payments that are told at once."""
AT_THE_COUNTERS = 240
"""Orders that are placed and paid by HTTP."""
AT_ONCE = 16
PICTURES = 24
LISTINGS = 1_000
REST = 10
ANNA = Client(name="Anna", email="anna@example.com")


@dataclass(frozen=True)
class Counter:
    """One gallery at one of the gateways."""

    desk: GalleryDesk
    photo_id: str
    sender: Sender

    def at(self, door: str) -> "Counter":
        """The same at another gateway."""
        photographer = self.desk.photographer
        elsewhere = replace(photographer, world=replace(photographer.world, url=door))
        url = str(URL(self.sender.url).with_port(URL(door).port))
        return Counter(GalleryDesk(elsewhere, self.desk.gallery), self.photo_id, replace(self.sender, url=url))

    async def serve(self) -> None:
        """A client orders; a payment system tells that it was paid."""
        order = await self.desk.order(self.photo_id)
        await self.sender.send(self.sender.webhook(order.id, f"pay_{order.id}"))

    def told(self) -> Iterator[Message]:
        """The same, as gateways tell it to the others."""
        line = OrderLine(photo_id=UUID(self.photo_id), filename="a.jpg", match_key="a")
        yield (order := PlaceOrder(order_id=uuid7(), gallery_id=self.desk.id, client=ANNA, lines=(line,)))
        yield PaymentReceived(
            studio_id=UUID(self.desk.photographer.studio["id"]),
            provider="standard",
            payment_id=f"pay_{order.order_id}",
            order_id=order.order_id,
            money=Money(amount=1250, currency="PLN"),
        )


@dataclass(frozen=True)
class Shop:
    """Each gallery has a finished photo, so an order is ready when it is paid."""

    stack: Supervisor
    world: World
    view: Database
    counters: list[Counter]
    doors: list[str]
    slots: list[str]
    """Of pictures of 24 megapixels, which the store has already."""

    @classmethod
    async def open(cls, stack: Supervisor, world: World, view: Database) -> "Shop":
        """A new one."""
        photographer = await Photographer.sign_up(world)
        desks = [await photographer.open_gallery() for _ in range(GALLERIES)]
        sender = await Sender.connect(desks[0])
        counters = []
        for desk in desks:
            photos = await desk.add_photos("a.jpg")
            await desk.add_finals("a.jpg")
            counters.append(Counter(desk, photos["a.jpg"], sender))
        doors = [it.url for name, it in stack.services.items() if name.startswith("gateway")]
        pictures = dict.fromkeys((f"{number}.jpg" for number in range(PICTURES)), photo("24 MP", 6_000, 4_000))
        slots = await desks[0].slots("photos", pictures)
        for slot, picture in zip(slots, pictures.values(), strict=True):
            assert (await desks[0].put(slot, picture)).status == 200
        return cls(stack, world, view, counters, doors, [slot["upload_id"] for slot in slots])

    async def at_rest(self) -> int:
        """Seconds in which nobody does anything."""
        await asyncio.sleep(REST)
        return REST

    async def told_orders(self) -> int:
        """Paid ones that lie in an outbox, until all are ready: messages only."""
        ready = await self._count(READY)
        told = [message for it in islice(cycle(self.counters), IN_THE_OUTBOX) for message in it.told()]
        await register(self.stack, "gateway", told)
        await self._until(READY, ready + IN_THE_OUTBOX)
        return IN_THE_OUTBOX

    async def orders(self) -> int:
        """By HTTP, some at a time, until all are ready."""
        ready = await self._count(READY)
        places = cycle([it.at(door) for it in self.counters for door in self.doors])
        waiting = islice(places, AT_THE_COUNTERS)

        async def serve() -> None:
            for counter in waiting:
                await counter.serve()

        await asyncio.gather(*(serve() for _ in range(AT_ONCE)))
        await self._until(READY, ready + AT_THE_COUNTERS)
        return AT_THE_COUNTERS

    async def mails(self) -> int:
        """To all whose orders are ready."""
        mails = sum([await it.desk.notify() for it in self.counters])
        await self._until(MAILED, mails)
        return mails

    async def uploads(self) -> int:
        """Until the pictures are in the gallery, with their previews."""
        photos = await self._count(PHOTOS)
        items = [{"upload_id": slot} for slot in self.slots]
        await self.counters[0].desk.photographer.do("POST", "/uploads/complete", json={"items": items})
        await self._until(PHOTOS, photos + PICTURES)
        return PICTURES

    async def listings(self) -> int:
        """Of all photos of the gallery that has the pictures."""
        world, token = self.world, self.counters[0].desk.public_token
        doors = islice(cycle(self.doors), LISTINGS)

        async def look() -> None:
            for door in doors:
                assert (await world.call("GET", f"{door}/api/v1/g/{token}/photos")).status == 200

        await asyncio.gather(*(look() for _ in range(AT_ONCE)))
        return LISTINGS

    async def database_kb(self) -> float:
        """Of all services, with indexes."""
        return int(await self.view.pool.fetchval("SELECT pg_database_size(current_database())")) / 1024

    async def handled(self) -> int:
        """Deliveries that any process has handled."""
        samples = [await metrics_of(self.stack, self.world, name) for name in self.stack.services]
        return sum(
            int(value)
            for each in samples
            for (name, *labels), value in each.items()
            if name == "messages_total" and "handled" in labels
        )

    async def _count(self, query: str) -> int:
        found: int = await self.view.pool.fetchval(query)
        return found

    async def _until(self, query: str, number: int) -> None:
        async def reached() -> bool:
            return await self._count(query) >= number

        await eventually(reached, within=300, every=0.1)


READY = "SELECT count(*) FROM readiness WHERE ready"
MAILED = "SELECT count(*) FROM notification WHERE sent_at IS NOT NULL"
PHOTOS = "SELECT count(*) FROM photo"
