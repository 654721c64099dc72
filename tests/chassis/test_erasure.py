"""Erasing clients: what names them is kept neither in the outbox nor among the dead, also while it is under way."""

import asyncio

import pytest

from chassis import erasure, outbox
from chassis.db import Database
from chassis.dead import forget
from contracts.base import Message, uuid7
from contracts.catalogue import every_message
from contracts.notifier import SendLinks
from contracts.orders import CorrectClient, MarkOrdersPaid, OrderPaid, OrderRefunded, PlaceOrder
from tests.chassis.conftest import Bus
from tests.chassis.test_dead import dead, let_die
from tests.conftest import OpenDatabase
from tests.making import line, order, place_order
from tests.outbox import emitted
from tests.waiting import eventually

PERSONAL = {"Client", "Contact"}
OWN_WORDS = {"email", "changes", "error", "dismissed", "reason", "client"}
ABOUT_STUDIOS = {
    *("orders.open_gallery.v1", "orders.change_gallery.v1", "orders.change_studio.v1"),
    "notifier.send_password_reset.v1",
}
NOT_OF_PEOPLE = {"transfers.upload_rejected.v1", "orders.gallery_opened.v1", "orders.gallery_changed.v1"}


@pytest.fixture
async def db(open_database: OpenDatabase) -> Database:
    return await open_database("orders")


@pytest.mark.parametrize("topic", sorted(every_message().keys() - ABOUT_STUDIOS - NOT_OF_PEOPLE))
def test_every_message_that_may_name_a_client_knows_how_to_forget_them(topic: str) -> None:
    kind = every_message()[topic]
    schema = kind.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    may_name = any(OWN_WORDS & part.get("properties", {}).keys() for part in parts)

    assert may_name == (kind.without_people is not Message.without_people)


async def test_the_outbox_forgets_who_is_erased_and_nobody_else(db: Database) -> None:
    placed = place_order(uuid7(), line("a.jpg"))
    about = {"gallery_id": placed.gallery_id, "order_id": placed.order_id}
    paid = OrderPaid(order=order("a.jpg", id=placed.order_id, gallery_id=placed.gallery_id))
    correct = CorrectClient(**about, changes={"name": "Anna"})
    links = SendLinks(gallery_id=placed.gallery_id, email="anna@example.com", order_ids=(placed.order_id, uuid7()))
    many = MarkOrdersPaid(gallery_id=placed.gallery_id, order_ids=(placed.order_id, uuid7()))
    another = OrderPaid(order=order("b.jpg", gallery_id=placed.gallery_id))
    async with db.transaction() as tx:
        await outbox.emit(tx, placed, paid, correct, links, many, another)
        await erasure.erase(tx, placed.gallery_id, [placed.order_id])

    placed_now, paid_now, correct_now, *others = await emitted(db)
    assert isinstance(placed_now, PlaceOrder)
    assert isinstance(paid_now, OrderPaid)
    assert placed_now.client == paid_now.order.client == placed.client.erase()
    assert paid_now.order.lines == paid.order.lines
    assert correct_now == correct.model_copy(update={"changes": {}})
    assert others == [many, another]


async def test_dead_messages_that_name_an_erased_client_go_and_the_others_stay_in_order(db: Database, bus: Bus) -> None:
    erased, other = order("a.jpg"), order("b.jpg")
    kept = [
        await let_die(bus, OrderPaid(order=other)),
        await let_die(bus, OrderRefunded(order=erased.without_client())),
        await let_die(bus, MarkOrdersPaid(gallery_id=erased.gallery_id, order_ids=(erased.id, other.id))),
    ]
    await let_die(bus, OrderPaid(order=erased))
    await let_die(bus, SendLinks(gallery_id=erased.gallery_id, email="anna@example.com", order_ids=(erased.id,)))
    await bus.put("orders.dead", f'{{"name": "Anna", "order_id": "{erased.id}"'.encode(), type=OrderPaid.topic)
    async with db.transaction() as tx:
        await erasure.erase(tx, erased.gallery_id, [erased.id])

    await forget(db, bus.url)

    assert await dead(bus) == kept


async def test_who_was_told_that_a_client_is_not_erased_is_waited_for(db: Database) -> None:
    ordered = order("a.jpg")

    async def erase() -> None:
        async with db.transaction() as tx:
            await erasure.erase(tx, ordered.gallery_id, [ordered.id])

    async with db.transaction() as tx:
        assert not await erasure.erased(tx, ordered.id)
        erasing = asyncio.create_task(erase())
        await eventually(lambda: _waits(db, erasing))
        await outbox.emit(tx, OrderPaid(order=ordered))
    await erasing

    [paid] = await emitted(db)
    assert isinstance(paid, OrderPaid)
    assert paid.order.client.erased


async def _waits(db: Database, task: asyncio.Task[None]) -> bool:
    return task.done() or bool(await db.pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"))
