"""Clients who order and pay at a steady pace, whatever becomes of those before them; and what became of each."""

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self
from uuid import uuid4

from tests.e2e.people import GalleryDesk, Json, Photographer, World
from tests.e2e.test_payments import connected
from tests.gateway.paying import Bank

PACE = 0.5
"""Seconds from one client to the next."""
STEPS = ("order", "placed", "paid", "ready", "notified", "mail")
"""An order in the list, what its timeline says, and what arrived: each once."""


@dataclass
class Client:
    """What one asked for, and which of it was acknowledged (2xx)."""

    email: str = field(default_factory=lambda: f"{uuid4().hex}@clients.example.com")
    came_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    ordered: bool = False
    paid: bool = False

    @property
    def promised(self) -> tuple[str, ...]:
        """What must follow."""
        return STEPS if self.paid else STEPS[:2] if self.ordered else ()


@dataclass(frozen=True)
class Counts:
    """What became of all of them."""

    attempted: int
    """Orders, like the next two."""
    acknowledged: int
    acknowledged_payments: int
    lost: int
    """Of what had to follow."""
    twice: int
    """Of what is there, order numbers too."""


@dataclass
class Clients:
    """Of one gallery, whose photographer has finished its photo: who has paid is mailed at once."""

    desk: GalleryDesk
    bank: Bank
    photo_id: str
    all: list[Client] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    async def of_a_studio(cls, world: World) -> Self:
        """A new one."""
        photographer = await Photographer.sign_up(world)
        desk = await photographer.open_gallery(auto_notify=True)
        photos = await desk.add_photos("a.jpg")
        await desk.add_finals("a.jpg")
        return cls(desk, await connected(photographer), photos["a.jpg"])

    async def come(self) -> None:
        """One after the other until it is over; each waits for its own answers only."""
        async with asyncio.TaskGroup() as clients:
            while not self.over.is_set():
                self.all.append(client := Client())
                clients.create_task(self._order_and_pay(client))
                await asyncio.sleep(PACE)

    async def _order_and_pay(self, client: Client) -> None:
        world = self.desk.photographer.world
        body = {"client": {"name": "Anna Nowak", "email": client.email}, "photo_ids": [self.photo_id]}
        answer = await world.call("POST", f"/api/v1/g/{self.desk.public_token}/orders", json=body)
        client.ordered = answer.status in (201, 202)
        if not client.ordered:
            return
        with suppress(AssertionError):  # an order that does not come is counted at the end
            order_id = (await world.final(answer)).json["id"]
            client.paid = (await self.bank.tell(order_id, payment_id=f"pay_{order_id}")).status == 200

    async def first_served(self, since: datetime) -> datetime | None:
        """When the first of those who came later was mailed; None before the photographer sees it."""
        later = {client.email for client in self.all if client.came_at > since}
        orders = [order for order in await self._orders() if order["client"]["email"] in later]
        sent = filter(None, (order["notification"]["sent_at"] for order in orders))
        return min(map(datetime.fromisoformat, sent), default=None)

    async def all_served(self) -> bool:
        """Whether everybody who has paid is mailed."""
        served = {order["client"]["email"] for order in await self._orders() if order["notification"]["sent_at"]}
        return served >= {client.email for client in self.all if client.paid}

    async def count(self) -> Counts:
        """As photographers and clients see it."""
        orders = await self._orders()
        done = {client.email: Counter[str]() for client in self.all}
        for order in orders:
            timeline = (await self.desk.photographer.do("GET", f"/orders/{order['id']}"))["timeline"]
            steps = (step["what"] for step in timeline if step["what"] in STEPS)
            done[order["client"]["email"]].update(["order", *steps])
        for address in await self._mailed():
            done[address]["mail"] += 1
        numbers = Counter(order["number"] for order in orders)
        return Counts(
            attempted=len(self.all),
            acknowledged=sum(client.ordered for client in self.all),
            acknowledged_payments=sum(client.paid for client in self.all),
            lost=sum(not done[client.email][what] for client in self.all for what in client.promised),
            twice=sum(times - 1 for each in (numbers, *done.values()) for times in each.values() if times > 1),
        )

    async def _mailed(self) -> list[str]:
        world = self.desk.photographer.world
        mails = (await world.call("GET", f"{world.mail_url}/api/mails")).json["items"]
        return [address for mail in mails for address in mail["recipients"]]

    async def _orders(self) -> list[Json]:
        found: list[Json] = []
        following = "/orders?limit=500"
        while following:
            page = await self.desk.do("GET", following)
            found += page["items"]
            following = f"/orders?limit=500&cursor={page['next']}" if page["next"] else ""
        return found
