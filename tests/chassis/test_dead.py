"""Rule 9 among dead messages: what is about a deleted gallery goes, everything else stays as it is."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from chassis import inbox
from chassis.bus import RETRY_DELAYS, retry_exchange
from chassis.db import Database
from chassis.dead import forget
from chassis.periodic import for_ever
from contracts.base import Message, uuid7
from contracts.orders import GalleryDeleted, OrderPaid, PlaceOrder
from tests.chassis.conftest import QUEUE, Bus
from tests.conftest import OpenDatabase
from tests.making import line, order, place_order
from tests.waiting import eventually

DEAD = "orders.dead"


@pytest.fixture
async def db(open_database: OpenDatabase) -> Database:
    return await open_database("orders")


async def delete(db: Database, gallery_id: UUID) -> None:
    async with inbox.once_and_for_all(db, "forget", GalleryDeleted(gallery_id=gallery_id)):
        pass


async def let_die(bus: Bus, message: Message) -> str:
    await bus.put(DEAD, message.model_dump_json().encode(), type=message.topic, message_id=str(message.message_id))
    return str(message.message_id)


async def dead(bus: Bus) -> list[str | None]:
    return [(await bus.get(DEAD)).message_id for _ in range(await bus.waiting(DEAD))]


async def test_dead_messages_about_a_deleted_gallery_go_and_the_others_stay_in_order(db: Database, bus: Bus) -> None:
    deleted, kept = uuid7(), []
    for _ in range(3):
        kept.append(await let_die(bus, place_order(uuid7(), line("a.jpg"))))
        await let_die(bus, place_order(deleted, line("a.jpg")))
        await let_die(bus, OrderPaid(order=order("a.jpg", gallery_id=deleted)))
        kept.append(await let_die(bus, OrderPaid(order=order("a.jpg"))))
    await delete(db, deleted)

    await forget(db, bus.url)

    assert await dead(bus) == kept


async def test_a_dead_message_that_only_quotes_a_deleted_gallery_stays(db: Database, bus: Bus) -> None:
    deleted = uuid7()
    quoting = place_order(uuid7(), line(f"{deleted}.jpg"))
    await let_die(bus, quoting)
    await delete(db, deleted)

    await forget(db, bus.url)

    assert await dead(bus) == [str(quoting.message_id)]


@pytest.mark.parametrize("kind", [PlaceOrder.topic, "nobody.knows.v1", None])
async def test_an_unreadable_message_goes_when_the_gallery_stands_in_it(db: Database, bus: Bus, kind: str) -> None:
    deleted, other = uuid7(), uuid7()
    await bus.put(DEAD, f'{{"client": "Anna", "gallery_id": "{deleted}"'.encode(), type=kind)
    await bus.put(DEAD, f"Anna {str(deleted).upper()}".encode(), type=kind)
    await bus.put(DEAD, f'{{"gallery_id": "{other}"}}'.encode(), type=kind, message_id="of another")
    await bus.put(DEAD, b"\xff\xfe", type=kind, message_id="of nobody")
    await delete(db, deleted)

    await forget(db, bus.url)

    assert await dead(bus) == ["of another", "of nobody"]


async def test_a_look_that_breaks_off_loses_nothing(db: Database, bus: Bus) -> None:
    kept = [await let_die(bus, place_order(uuid7(), line("a.jpg"))) for _ in range(3)]
    await db.close()

    with pytest.raises(asyncpg.InterfaceError):
        await forget(db, bus.url)

    assert await dead(bus) == kept


async def test_a_deletion_has_the_dead_messages_looked_through_at_once(db: Database, bus: Bus) -> None:
    deleted, looked = uuid7(), asyncio.Event()

    async def look() -> None:
        await forget(db, bus.url)
        looked.set()

    async def gone() -> bool:
        return await bus.waiting(DEAD) == 0

    looking = asyncio.create_task(for_ever("test", look, every=600, sooner=db.forgotten))
    await looked.wait()
    await let_die(bus, place_order(deleted, line("a.jpg")))
    await delete(db, deleted)

    await eventually(gone)
    looking.cancel()


async def test_a_message_that_waits_for_its_next_try_ends_when_it_comes_back(db: Database, bus: Bus) -> None:
    failed, came_back = asyncio.Event(), asyncio.Event()

    async def place(command: PlaceOrder) -> None:
        if not failed.is_set():
            failed.set()
            raise RuntimeError("not now")
        came_back.set()
        async with inbox.once(db, "test", command):
            raise AssertionError("must not get here")

    command = place_order(uuid7(), line("a.jpg"))
    async with bus.consuming(place), asyncio.timeout(10):
        await bus.publish(command)
        await failed.wait()
        await delete(db, command.gallery_id)
        await came_back.wait()

    assert [await bus.waiting(queue) for queue in (QUEUE, DEAD, *map(retry_exchange, RETRY_DELAYS))] == [0] * 6
