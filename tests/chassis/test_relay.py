"""Rules 1 and 2: state and messages commit together, only the relay publishes, every delivery is handled once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
import pytest

from chassis import inbox, outbox, relay
from chassis.db import Database
from chassis.inbox import AlreadyHandled
from chassis.publisher import Publisher
from chassis.relay import Relay
from contracts.base import Message, uuid7
from contracts.orders import GalleryDeleted, PlaceOrder
from tests.chassis.conftest import QUEUE, Bus
from tests.conftest import OpenDatabase
from tests.making import line, place_order
from tests.outbox import emitted
from tests.waiting import eventually


@pytest.fixture
async def db(open_database: OpenDatabase) -> Database:
    return await open_database("orders")


@pytest.fixture
def no_looks_between(monkeypatch: pytest.MonkeyPatch) -> None:
    """The relay looks at the outbox when it is woken, and not by itself."""
    monkeypatch.setattr(relay, "POLL", 600.0)


@asynccontextmanager
async def relaying(db: Database, publisher: Publisher, kind: type[Relay] = Relay) -> AsyncIterator[None]:
    task = asyncio.create_task(kind(db, publisher).run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def command() -> PlaceOrder:
    return place_order(uuid7(), line("a.jpg"))


async def unpublished(db: Database) -> int:
    count: int = await db.pool.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")
    return count


async def emit(db: Database, *messages: Message) -> None:
    async with db.transaction() as tx:
        await outbox.emit(tx, *messages)


async def test_what_is_rolled_back_is_never_published(db: Database) -> None:
    async def change_my_mind() -> None:
        async with db.transaction() as tx:
            await outbox.emit(tx, command())
            raise InterruptedError

    with pytest.raises(InterruptedError):
        await change_my_mind()

    assert await emitted(db) == []


async def test_messages_are_published_in_the_order_of_the_outbox_and_kept_as_a_log(db: Database, bus: Bus) -> None:
    commands = [command() for _ in range(50)]
    await emit(db, *commands)
    async with relaying(db, bus.publisher):
        received = [(await bus.get(QUEUE)).message_id for _ in commands]
        await eventually(lambda: nothing_unpublished(db))

    assert received == [str(each.message_id) for each in commands]
    assert await emitted(db) == commands


async def test_ids_that_commit_out_of_order_are_all_published(db: Database, bus: Bus) -> None:
    slow, quick = command(), command()
    async with relaying(db, bus.publisher):
        async with db.transaction() as late:
            await outbox.emit(late, slow)  # takes the lower id and commits last
            await emit(db, quick)
            first = await bus.get(QUEUE)
        second = await bus.get(QUEUE)

    assert (first.message_id, second.message_id) == (str(quick.message_id), str(slow.message_id))


async def test_a_commit_wakes_the_relay(db: Database, bus: Bus, no_looks_between: None) -> None:
    async with relaying(db, bus.publisher):
        for _ in range(3):
            await emit(db, command())
            await bus.get(QUEUE)


async def test_a_commit_in_any_copy_wakes_the_relay_that_publishes(
    db: Database, open_database: OpenDatabase, bus: Bus, no_looks_between: None
) -> None:
    other = await open_database("orders")
    async with relaying(db, bus.publisher), relaying(other, bus.publisher):
        for copy in (db, other, other, db):
            await emit(copy, command())
            await bus.get(QUEUE)


async def test_copies_that_do_not_publish_do_not_keep_each_other_awake(
    db: Database, open_database: OpenDatabase, bus: Bus, no_looks_between: None
) -> None:
    second, third = await open_database("orders"), await open_database("orders")
    woken: list[str] = []
    listening = await db.connect()
    await listening.add_listener("outbox_orders", lambda *_: woken.append("once"))
    async with relaying(db, bus.publisher), relaying(second, bus.publisher), relaying(third, bus.publisher):
        for copy in (db, second, third) * 10:
            await emit(copy, command())
            await bus.get(QUEUE)
    await listening.close()

    assert len(woken) <= 30


async def test_a_commit_just_after_the_relay_has_found_nothing_wakes_it(
    db: Database, bus: Bus, no_looks_between: None
) -> None:
    class Slow(Relay):
        async def _publish_batch(self, connection: asyncpg.Connection) -> tuple[int, int]:
            found = await super()._publish_batch(connection)
            if not found[0] and not await emitted(db):
                await emit(db, command())
            return found

    async with relaying(db, bus.publisher, Slow):
        await bus.get(QUEUE)


async def test_a_crash_between_publish_and_mark_publishes_again_and_is_handled_once(db: Database, bus: Bus) -> None:
    sent = command()
    await emit(db, sent)
    await bus.publish(sent)  # a relay that published and died before it could mark the row
    async with relaying(db, bus.publisher):
        await eventually(lambda: nothing_unpublished(db))
    deliveries = [await bus.get(QUEUE), await bus.get(QUEUE)]
    effects = 0
    for delivery in deliveries:
        with suppress(AlreadyHandled):
            async with inbox.once(db, "test", PlaceOrder.model_validate_json(delivery.body)):
                effects += 1

    assert effects == 1


async def test_of_two_copies_one_publishes_and_the_other_takes_over(
    db: Database, open_database: OpenDatabase, bus: Bus
) -> None:
    other = await open_database("orders")
    commands = [command() for _ in range(20)]
    async with relaying(other, bus.publisher):
        async with relaying(db, bus.publisher):
            for each in commands[:10]:
                await emit(db, each)
            await eventually(lambda: nothing_unpublished(db))
        for each in commands[10:]:
            await emit(db, each)
        await eventually(lambda: nothing_unpublished(db))

    assert await bus.waiting(QUEUE) == 20


async def test_what_rabbitmq_does_not_take_stays_until_it_does(db: Database, bus: Bus) -> None:
    refusing = await Publisher.open(bus.url)
    await refusing.channel.close()
    await emit(db, command())
    async with relaying(db, refusing):
        await eventually(lambda: nothing_published(db))
    async with relaying(db, bus.publisher):
        await bus.get(QUEUE)
    await refusing.close()


async def test_a_broker_that_takes_nothing_is_not_asked_again_at_every_commit(
    db: Database, bus: Bus, no_looks_between: None
) -> None:
    tried = asyncio.Semaphore(0)

    class Counting(Relay):
        async def _publish_batch(self, connection: asyncpg.Connection) -> tuple[int, int]:
            found = await super()._publish_batch(connection)
            tried.release()
            return found

    refusing = await Publisher.open(bus.url)
    await refusing.channel.close()
    await emit(db, command())
    async with relaying(db, refusing, Counting):
        await tried.acquire()
        for _ in range(20):
            await emit(db, command())
        assert tried.locked()
    await refusing.close()


async def test_what_rabbitmq_refuses_is_published_again_until_it_takes_it(db: Database, bus: Bus) -> None:
    async def tried_twice() -> bool:
        return await bus.waiting(QUEUE) >= 2  # the queue that is not full has it each time

    await emit(db, command())
    async with bus.full_queue(PlaceOrder.topic), relaying(db, bus.publisher):
        await eventually(tried_twice)
        assert await unpublished(db) == 1
    async with relaying(db, bus.publisher):
        await eventually(lambda: nothing_unpublished(db))


async def test_a_relay_that_has_lost_postgresql_goes_on_when_it_is_back(db: Database, bus: Bus) -> None:
    async with relaying(db, bus.publisher):
        await emit(db, command())
        await bus.get(QUEUE)
        await db.pool.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()"""
        )
        await emit(db, command())
        await bus.get(QUEUE)


async def test_a_failed_effect_leaves_no_claim(db: Database) -> None:
    message = command()

    async def fail() -> None:
        async with inbox.once(db, "test", message):
            raise InterruptedError

    with pytest.raises(InterruptedError):
        await fail()

    async with inbox.once(db, "test", message):
        pass  # not AlreadyHandled


async def test_two_deliveries_at_the_same_moment_have_one_effect(db: Database) -> None:
    message, effects = command(), 0

    async def handle() -> None:
        nonlocal effects
        with suppress(AlreadyHandled):
            async with inbox.once(db, "test", message) as tx:
                effects += 1
                await tx.execute("SELECT pg_sleep(0.05)")  # both are inside now, were it possible

    await asyncio.gather(*(handle() for _ in range(5)))

    assert effects == 1


async def test_two_consumers_of_one_message_each_have_their_effect(db: Database) -> None:
    message = command()
    async with inbox.once(db, "one", message):
        pass
    async with inbox.once(db, "another", message):
        pass


async def test_a_message_about_a_deleted_gallery_finds_nothing_to_do(db: Database) -> None:
    message = command()
    await emit(db, message)
    async with inbox.once_and_for_all(db, "forget", GalleryDeleted(gallery_id=message.gallery_id)):
        pass

    assert await emitted(db) == []
    with pytest.raises(AlreadyHandled):
        async with inbox.once(db, "test", command().model_copy(update={"gallery_id": message.gallery_id})):
            pass


async def test_a_deletion_waits_for_who_is_handling_a_message_about_the_gallery(db: Database) -> None:
    message = command()

    async def delete() -> None:
        async with inbox.once_and_for_all(db, "forget", GalleryDeleted(gallery_id=message.gallery_id)):
            pass

    async with inbox.once(db, "test", message) as tx:
        deleting = asyncio.create_task(delete())
        await eventually(lambda: somebody_waits_for_a_lock(db))
        await outbox.emit(tx, command().model_copy(update={"gallery_id": message.gallery_id}))
    await deleting

    assert await emitted(db) == []


async def test_a_claim_is_kept_for_longer_than_its_message_can_be_under_way(db: Database) -> None:
    late, later = command(), command()
    for message, days in ((late, 89), (later, 91)):
        async with inbox.once(db, "test", message) as tx:
            aged = "UPDATE inbox SET handled_at = now() - make_interval(days => $2) WHERE message_id = $1"
            await tx.execute(aged, message.message_id, days)
    async with db.transaction() as tx:
        await inbox.forget_old(tx)

    with pytest.raises(AlreadyHandled):
        async with inbox.once(db, "test", late):
            pass
    async with inbox.once(db, "test", later):
        pass


async def test_what_is_emitted_in_answer_carries_its_cause(db: Database) -> None:
    message = command()
    async with inbox.once(db, "test", message) as tx:
        await outbox.emit(tx, command())

    (answer,) = await emitted(db)
    assert (answer.causation_id, answer.correlation_id) == (message.message_id, message.correlation_id)


async def nothing_unpublished(db: Database) -> bool:
    return await unpublished(db) == 0


async def nothing_published(db: Database) -> bool:
    return await unpublished(db) == 1


async def somebody_waits_for_a_lock(db: Database) -> bool:
    return bool(await db.pool.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))
