"""A client's data is erased on request: nothing names them any more, and the books are whole."""

import asyncio
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import aio_pika
import asyncpg
import pytest

from chassis.bus import EXCHANGE, dead_queue
from contracts.base import Message
from contracts.notifier import SendLinks
from contracts.orders import Client, ClientCorrected, CorrectClient, OrderPaid, PlaceOrder
from deploy.local.supervisor import Supervisor
from tests import making
from tests.e2e.people import ClientOrder, GalleryDesk, Json, Photographer
from tests.e2e.test_cli import Shell
from tests.e2e.test_deletion import delivered, schemas_with
from tests.e2e.test_ownership import an_endpoint
from tests.e2e.test_payments import connected
from tests.gateway.paying import Bank
from tests.waiting import eventually

SAID = {"ends_order": True}


@dataclass(frozen=True)
class Known:
    """A client who is known wherever a client can be: by one word in name, addresses, phone and note."""

    word: str
    fetched: ClientOrder
    """Paid online, mailed, downloaded."""
    refused: ClientOrder
    """Paid by hand; the mail server has quoted the address."""
    unpaid: ClientOrder
    """In another gallery, by the address of the first."""
    bank: Bank

    @classmethod
    async def of(cls, photographer: Photographer) -> "Known":
        """Everything that can happen to an order, and the studio's own system is told of it."""
        word = f"anna{uuid4().hex[:16]}"
        await an_endpoint(photographer)
        desk, other = await photographer.open_gallery(), await photographer.open_gallery()
        photo = (await desk.add_photos("a.jpg"))["a.jpg"]
        await desk.add_finals("a.jpg")
        bank = await connected(photographer)
        about = {"name": f"Anna {word}", "phone": word, "note": f"For {word}"}
        fetched = await desk.order(photo, email=f"{word}@clients.example.com", **about)
        (await bank.tell(fetched.id, payer=word)).expect(200)
        await fetched.until(ready=True)
        await delivered(desk, fetched)
        refused = await desk.order(photo, email=f"reject-550.{word}@clients.example.com", **about)
        await photographer.do("PATCH", f"/orders/{refused.id}", json={"client": {"note": f"Again {word}"}})
        await refused.act("mark-paid")
        await refused.until(ready=True)
        await desk.notify()
        await desk.no_mail_on_its_way()
        there = (await other.add_photos("b.jpg"))["b.jpg"]
        return cls(word, fetched, refused, await other.order(there, email=fetched.email, **about), bank)

    @property
    def orders(self) -> tuple[ClientOrder, ...]:
        """All three."""
        return self.fetched, self.refused, self.unpaid


async def test_an_erased_client_is_named_nowhere_any_more_and_the_books_are_whole(
    stack: Supervisor, photographer: Photographer, database: asyncpg.Connection, tmp_path: Path
) -> None:
    known = await Known.of(photographer)
    another = await a_neighbour(known.fetched.desk)
    links = [(await order.read())["client_url"] for order in known.orders]
    books = [in_the_books(await order.read()) for order in known.orders]
    assert await schemas_with(database, known.word) == {"gateway", "orders", "notifier"}
    for service in ("gateway", "orders", "entitlements", "notifier"):
        await let_die(stack, service, *(each for order in known.orders for each in naming(known.word, order)))

    erased = await photographer.do("POST", f"/orders/{known.fetched.id}/erase", json={**SAID, "all_of_client": True})
    await photographer.do("POST", f"/orders/{known.refused.id}/erase", json=SAID)

    assert erased["client"] == {"name": "erased", "email": "", "phone": "", "note": "", "locale": "en", "erased": True}
    await eventually(lambda: nobody_names(stack, database, known.word), within=60)
    (await known.bank.tell(known.fetched.id, "payment.refunded", payer=known.word)).expect(200)
    await known.fetched.until(status="refunded")
    late = [message for order in known.orders for message in coming_late(known.word, order)]
    for event in late:
        await publish(stack, EXCHANGE, event)
    await eventually(lambda: all_handled(database, late), within=30)
    await eventually(lambda: nobody_names(stack, database, known.word), within=60)
    assert [in_the_books(await order.read()) for order in known.orders] == [
        {**books[0], "status": "refunded"},
        books[1],
        {**books[2], "status": "cancelled"},
    ]
    for link in links:
        answers = [await known.fetched.world.call("GET", path) for path in behind(link)]
        assert {answer.status for answer in answers} == {410}, answers
    export = (await photographer.call("GET", f"{known.fetched.desk.path}/orders.csv")).body.decode()
    assert [line.split(",")[4] for line in export.splitlines()[1:]] == ["erased", "erased", "Ewa"]
    assert (await another.downloads())["downloads"]
    assert named_in(stack.config.data / "log", known.word) == []
    assert await in_a_backup(stack, tmp_path, known.word) == []
    assert await in_a_backup(stack, tmp_path, another.email) != []


async def test_clients_of_deleted_galleries_are_named_in_no_table_log_dead_message_or_later_backup(
    stack: Supervisor, photographer: Photographer, database: asyncpg.Connection, tmp_path: Path
) -> None:
    known = await Known.of(photographer)
    for service in ("gateway", "orders", "entitlements", "notifier"):
        await let_die(stack, service, *(each for order in known.orders for each in naming(known.word, order)))
    assert await in_a_backup(stack, tmp_path, known.word) != []

    for desk in (known.fetched.desk, known.unpaid.desk):
        assert (await photographer.world.final(await photographer.call("DELETE", desk.path))).status == 204

    await eventually(lambda: nobody_names(stack, database, known.word), within=60)
    assert named_in(stack.config.data / "log", known.word) == []
    assert await in_a_backup(stack, tmp_path, known.word) == []


async def test_an_order_that_goes_on_is_not_ended_by_mistake(photographer: Photographer) -> None:
    desk = await photographer.open_gallery()
    photo = (await desk.add_photos("a.jpg"))["a.jpg"]
    placed, paid, ended = [await desk.order(photo) for _ in range(3)]
    await paid.act("mark-paid")
    await ended.act("cancel")

    answers = [await erase(order) for order in (placed, paid, ended)]

    assert [status for status, _ in answers] == [409, 409, 200]
    assert answers[0][1]["type"].endswith("/order-goes-on")
    assert (await placed.read())["client"]["name"] == "Anna Nowak"
    for order, status in ((placed, "cancelled"), (paid, "paid"), (ended, "cancelled")):
        answered, erased = await erase(order, **SAID)
        assert (answered, erased["client"]["name"], erased["status"]) == (200, "erased", status)


@pytest.mark.parametrize("call", ["PATCH {}", "POST {}/rotate-link", "POST {}/notification"])
async def test_nothing_brings_an_erased_client_back(photographer: Photographer, call: str) -> None:
    desk = await photographer.open_gallery(download_policy="anyone")
    order = await desk.order((await desk.add_photos("a.jpg"))["a.jpg"])
    await order.act("mark-paid")
    assert (await erase(order, **SAID))[0] == 200

    method, path = call.format(f"/orders/{order.id}").split()
    answer = await photographer.world.final(
        await photographer.call(method, path, json={"client": {"name": "Anna"}} if method == "PATCH" else None)
    )

    assert answer.status == 409
    assert answer.json["type"].endswith("/client-erased")


async def erase(order: ClientOrder, **said: bool) -> tuple[int, Json]:
    photographer = order.desk.photographer
    answer = await photographer.world.final(await photographer.call("POST", f"/orders/{order.id}/erase", json=said))
    return answer.status, answer.json


async def a_neighbour(desk: GalleryDesk) -> ClientOrder:
    """Who ordered the same and stays."""
    order = await desk.order((await desk.do("GET", "/photos"))["items"][0]["id"], name="Ewa")
    await order.act("mark-paid")
    await order.until(ready=True)
    return order


def in_the_books(order: Json) -> Json:
    """What must stay."""
    lines = [line["filename"] for line in order["lines"]]
    placed = [step["at"] for step in order["timeline"] if step["what"] in ("placed", "paid")]
    return {**{key: order[key] for key in ("number", "total", "status", "placed_at")}, "lines": lines, "dates": placed}


def naming(word: str, order: ClientOrder) -> list[Message]:
    """Messages of an earlier time that name the client, under ids of their own."""
    client = Client(name=f"Late {word}", email=f"{word}@late.example.com")
    ids = {"gallery_id": order.desk.id, "order_id": UUID(order.id)}
    told = making.order(id=UUID(order.id), gallery_id=order.desk.id, client=client)
    return [OrderPaid(order=told), PlaceOrder(**ids, client=client, lines=()), *coming_late(word, order)]


def coming_late(word: str, order: ClientOrder) -> list[Message]:
    """Those that can still come after the erasure: they waited for another try."""
    client = Client(name=f"Later {word}", email=f"{word}@later.example.com")
    told = making.order(id=UUID(order.id), gallery_id=order.desk.id, client=client)
    correct = CorrectClient(gallery_id=order.desk.id, order_id=UUID(order.id), changes={"name": word})
    links = SendLinks(gallery_id=order.desk.id, email=client.email, order_ids=(UUID(order.id),))
    return [ClientCorrected(order=told), correct, links]


async def let_die(stack: Supervisor, service: str, *messages: Message) -> None:
    for message in messages:
        await publish(stack, "", message, dead_queue(service))


async def publish(stack: Supervisor, exchange: str, message: Message, key: str = "") -> None:
    assert stack.servers.rabbitmq is not None
    connection = await aio_pika.connect(stack.servers.rabbitmq.url)
    async with connection, connection.channel() as channel:
        body = aio_pika.Message(message.model_dump_json().encode(), type=message.topic)
        to = await channel.get_exchange(exchange) if exchange else channel.default_exchange
        await to.publish(body, key or message.topic)


async def all_handled(database: asyncpg.Connection, messages: list[Message]) -> bool:
    """Whether whoever listens to these has claimed them."""
    ids = [message.message_id for message in messages]
    claimed = [
        row["message_id"]
        for service in ("gateway", "orders", "notifier")
        for row in await database.fetch(f"SELECT message_id FROM {service}.inbox WHERE message_id = ANY($1)", ids)  # noqa: S608
    ]
    both = [message.message_id for message in messages if isinstance(message, ClientCorrected)]
    return sorted(claimed) == sorted([*ids, *both])


async def nobody_names(stack: Supervisor, database: asyncpg.Connection, word: str) -> bool:
    return not await schemas_with(database, word) and not await dead_with(stack, word)


async def dead_with(stack: Supervisor, word: str) -> bool:
    """Whether a dead message has the word in it; it stays where it was."""
    said = await Shell({"PHOTOFERRY_RABBITMQ_URL": stack.servers.urls(stack.config)["PHOTOFERRY_RABBITMQ_URL"]}).run(
        "dead", "list", "--json"
    )
    return word in said


def behind(link: str) -> Iterator[str]:
    """What a personal link leads to."""
    yield from (link, link.replace("/c/", "/api/v1/c/"), f"{link}/photos.zip", f"{link}/files/{uuid4()}")


async def in_a_backup(stack: Supervisor, folder: Path, word: str) -> list[str]:
    """The files of a backup taken now that have the word in them."""
    urls = stack.servers.urls(stack.config)
    backups = folder / uuid4().hex
    await Shell({key: urls[key] for key in ("PHOTOFERRY_DATABASE_URL", "PHOTOFERRY_S3_URL")}).run(
        "backup", str(backups)
    )
    return await asyncio.to_thread(named_in, backups, word)


def named_in(folder: Path, word: str) -> list[str]:
    """The files of a folder that have the word in them, packed or not."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    texts = {path: gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in files}
    return [str(path) for path, text in texts.items() if word.encode() in text]
