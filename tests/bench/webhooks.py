"""Payment webhooks: how many are accepted, how soon an order is paid, and what a burst does."""

import asyncio
import json
import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from standardwebhooks import Webhook

from contracts.base import uuid7
from contracts.orders import Client, OrderLine, PlaceOrder
from deploy.local.supervisor import Supervisor
from tests.bench.load import Sent, rate_of
from tests.bench.readiness import database, register
from tests.bench.reads import bare_server
from tests.e2e.people import GalleryDesk, Photographer, World
from tests.waiting import eventually

TURNS = 5
A_TURN = 3_000
"""Webhooks at hand in a turn; more than can be accepted."""
ONE_BY_ONE = 100
BURST = 2_000
"""Orders."""
TIMES = 5
"""Each is paid by so many webhooks about one payment."""
AT_ONCE = 16


@dataclass
class Sender:
    """A connected payment system."""

    desk: GalleryDesk
    url: str
    secret: str

    @classmethod
    async def connect(cls, desk: GalleryDesk) -> "Sender":
        """Connect one to the studio of this gallery."""
        made = await desk.photographer.do("PUT", "/payment-providers/standard", json={})
        return cls(desk, made["webhook_url"], made["webhook_secret"])

    def webhook(self, order_id: UUID | str, payment_id: str) -> Sent:
        """A signed webhook of its own."""
        data = {"payment_id": payment_id, "order_id": str(order_id), "amount": 1250, "currency": "PLN"}
        body = json.dumps({"type": "payment.succeeded", "timestamp": datetime.now(UTC).isoformat(), "data": data})
        event_id, now = f"msg_{uuid7().hex}", datetime.now(UTC)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(event_id, now, body),
        }
        return Sent("POST", self.url, headers, body)

    async def send(self, webhook: Sent) -> None:
        """One webhook, and its answer."""
        http = self.desk.photographer.world.http
        async with http.post(webhook.url, data=webhook.body, headers=webhook.headers) as answer:
            assert answer.status == 200, await answer.text()


async def webhooks(stack: Supervisor, world: World) -> dict[str, float]:
    """Accepted a second against a bare insert; milliseconds until an order is paid; a burst."""
    desk = await (await Photographer.sign_up(world)).open_gallery()
    photos = await desk.add_photos("a.jpg")
    sender = await Sender.connect(desk)
    return {
        **await accepted(stack, sender),
        **await until_paid(sender, *photos.values()),
        **await burst(stack, sender, photos["a.jpg"]),
    }


async def accepted(stack: Supervisor, sender: Sender) -> dict[str, float]:
    """Webhooks for orders that are not there, each about a payment of its own.

    First without a broker: what it takes to accept. Then with their events published, but by nobody heard. Then with
    all at work: on a small machine they share its cores.
    """
    figures: dict[str, float] = {}
    async with bare_server(stack) as bare_url:
        for what, stopped in (("", "rabbitmq"), (" and published", "orders"), (", published and handled", None)):
            if stopped:
                await stack.stop(stopped)
            bare, ours, ratio = await _against(bare_url, sender)
            figures |= {
                f"bare inserts/s beside webhooks accepted{what}": bare,
                f"webhooks accepted{what}/s": ours,
                f"webhooks accepted{what} / bare{'' if what else ' (at least 0.5)'}": ratio,
            }
            if stopped:
                await stack.start(stopped)
                await stack.ready()
            await eventually(lambda: _settled(sender), within=300, every=0.5)
    return figures


async def _against(bare_url: str, sender: Sender) -> tuple[float, float, float]:
    """Bare inserts a second, webhooks a second, and the median of their ratios."""
    insert = Sent("POST", bare_url, {"Content-Type": "application/json"}, sender.webhook(uuid7(), "x").body)
    turns = []
    for _ in range(TURNS):
        fresh = [sender.webhook(uuid7(), f"pay_{uuid7().hex}") for _ in range(A_TURN)]
        turns.append((await rate_of([insert], 200), await rate_of(fresh, 200)))
    bare, ours = (statistics.median(rates) for rates in zip(*turns, strict=True))
    return bare, ours, statistics.median(ours / bare for bare, ours in turns)


async def until_paid(sender: Sender, photo_id: str) -> dict[str, float]:
    """One after the other, on an idle system, as the studio's API shows it."""
    await eventually(lambda: _settled(sender), within=300, every=0.5)
    times = []
    for _ in range(ONE_BY_ONE):
        order = await sender.desk.order(photo_id)
        webhook = sender.webhook(order.id, f"pay_{order.id}")
        began = time.perf_counter()
        await sender.send(webhook)
        while (await order.read())["status"] != "paid":
            pass
        times.append(time.perf_counter() - began)
    return {"webhook to order paid, idle, median ms (under 150)": statistics.median(times) * 1e3}


async def _settled(sender: Sender) -> bool:
    """Whether a payment that comes now is seen at once: nothing waits before it."""
    marker = f"pay_{uuid7().hex}"
    await sender.send(sender.webhook(uuid7(), marker))
    await asyncio.sleep(0.2)
    newest = (await sender.desk.photographer.do("GET", "/payments?limit=1"))["items"]
    return bool(newest and newest[0]["payment_id"] == marker)


async def burst(stack: Supervisor, sender: Sender, photo_id: str) -> dict[str, float]:
    """Many webhooks at once, several about each payment, while somebody looks at the gallery."""
    line = OrderLine(photo_id=UUID(photo_id), filename="a.jpg", match_key="a")
    client = Client(name="Anna", email="anna@example.com")
    commands = [
        PlaceOrder(order_id=uuid7(), gallery_id=sender.desk.id, client=client, lines=(line,)) for _ in range(BURST)
    ]
    await register(stack, "gateway", list(commands))
    ids = [command.order_id for command in commands]
    await eventually(lambda: _count(stack, ids, "placed", BURST), within=300, every=0.5)
    queue: asyncio.Queue[Sent] = asyncio.Queue()
    for _ in range(TIMES):
        for order_id in ids:
            queue.put_nowait(sender.webhook(order_id, f"burst_{order_id}"))
    seen: list[float] = []
    looking = asyncio.create_task(_look(sender, seen))
    began = time.perf_counter()
    await asyncio.gather(*(_send_all(sender, queue) for _ in range(AT_ONCE)))
    sent = time.perf_counter() - began
    await eventually(lambda: _count(stack, ids, "paid", BURST), within=300, every=0.1)
    paid = time.perf_counter() - began
    looking.cancel()
    return {
        f"burst of {BURST * TIMES} webhooks, accepted/s": BURST * TIMES / sent,
        "burst, s until the last of its orders is paid": paid,
        "burst, lost": BURST - await _paid(stack, ids, at_least=1),
        "burst, twice": await _paid(stack, ids, at_least=2),
        "gallery listing meanwhile, median ms": statistics.median(seen) * 1e3,
        "gallery listing meanwhile, 99th percentile ms": statistics.quantiles(seen, n=100)[98] * 1e3,
    }


async def _send_all(sender: Sender, queue: asyncio.Queue[Sent]) -> None:
    while not queue.empty():
        await sender.send(queue.get_nowait())


async def _look(sender: Sender, seen: list[float]) -> None:
    world = sender.desk.photographer.world
    while True:
        began = time.perf_counter()
        async with world.http.get(f"{world.url}/api/v1/g/{sender.desk.public_token}/photos") as answer:
            await answer.read()
        seen.append(time.perf_counter() - began)
        await asyncio.sleep(0.02)


async def _count(stack: Supervisor, ids: list[UUID], status: str, number: int) -> bool:
    db = await database(stack, "gateway")
    found = await db.pool.fetchval("SELECT count(*) FROM client_order WHERE id = ANY($1) AND status = $2", ids, status)
    await db.close()
    return bool(found == number)


async def _paid(stack: Supervisor, ids: list[UUID], at_least: int) -> int:
    """How many orders were paid so many times, as their timelines say."""
    db = await database(stack, "gateway")
    found: int = await db.pool.fetchval(
        """SELECT count(*) FROM (SELECT FROM timeline WHERE order_id = ANY($1) AND what = 'paid'
           GROUP BY order_id HAVING count(*) >= $2) AS paid""",
        ids,
        at_least,
    )
    await db.close()
    return found
