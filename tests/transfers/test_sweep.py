"""What is doomed goes when it is due, whoever sweeps and whatever is down meanwhile."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

from chassis.db import Database
from chassis.objects import ObjectStore
from contracts.base import utc_now
from contracts.erasure import TransfersErased
from contracts.orders import GalleryDeleted
from services.transfers import store
from services.transfers.layout import gallery_folder
from services.transfers.sweep import BATCH, PATIENCE, sweep, sweep_for_ever
from tests.outbox import emitted
from tests.transfers.desk import Desk
from tests.transfers.strait import Strait
from tests.waiting import eventually


async def doom(desk: Desk, *targets: str, after: timedelta = timedelta(0)) -> None:
    """Fill these keys, or folders with two objects each, and have them removed."""
    keys = [key for target in targets for key in ((f"{target}a", f"{target}b/c") if target[-1] == "/" else (target,))]
    await asyncio.gather(*(desk.objects.put_file(key, b"x", "image/jpeg") for key in keys))
    async with desk.db.transaction() as tx:
        await store.doom(tx, targets, utc_now() + after)


async def waiting(db: Database) -> int:
    count: int = await db.pool.fetchval("SELECT count(*) FROM doomed")
    return count


async def test_objects_and_folders_go_when_they_are_due_and_their_neighbours_stay(desk: Desk) -> None:
    await doom(desk, "incoming/1", "galleries/1/")
    await doom(desk, "incoming/2", "galleries/2/", after=timedelta(hours=1))
    for key in ("incoming/11", "galleries/11/a"):
        await desk.objects.put_file(key, b"x", "image/jpeg")

    await desk.sweep()
    assert desk.keys() == {"incoming/2", "galleries/2/a", "galleries/2/b/c", "incoming/11", "galleries/11/a"}
    await desk.sweep(timedelta(hours=1))
    assert desk.keys() == {"incoming/11", "galleries/11/a"}
    assert await waiting(desk.db) == 0


async def test_several_copies_sweep_at_once(desk: Desk) -> None:
    await doom(desk, *(f"incoming/{number}" for number in range(BATCH * 2)))
    for _ in range(3):
        await asyncio.gather(*(sweep(desk.db, desk.objects, utc_now()) for _ in range(3)))

    assert desk.keys() == set()
    assert await waiting(desk.db) == 0


async def test_what_others_are_removing_is_left_to_them(desk: Desk) -> None:
    await doom(desk, "incoming/1")
    async with desk.db.transaction() as tx:
        assert len(await store.lock_due(tx, utc_now(), BATCH)) == 1
        await desk.sweep()

    assert desk.keys() == {"incoming/1"}


async def test_without_the_store_everything_is_put_off_and_what_comes_due_later_goes_first(
    desk: Desk, bucket_url: str
) -> None:
    await doom(desk, "incoming/1", "galleries/1/")
    async with Strait(bucket_url) as strait:
        far = ObjectStore(strait.url)
        await strait.close()
        assert not await sweep(desk.db, far, utc_now())
        await far.close()

    await desk.sweep()
    assert len(desk.keys()) == 3
    await desk.sweep(PATIENCE)
    assert desk.keys() == set()


async def test_the_sweep_survives_the_loss_of_its_database_connections(desk: Desk) -> None:
    sweeping = asyncio.create_task(sweep_for_ever(desk.db, desk.objects))
    await doom(desk, "incoming/1")
    await eventually(lambda: gone(desk))
    await desk.db.pool.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid()"
    )
    await doom(desk, f"incoming/{uuid4()}")
    await eventually(lambda: gone(desk))

    sweeping.cancel()
    with suppress(asyncio.CancelledError):
        await sweeping


async def gone(desk: Desk) -> bool:
    return not await asyncio.to_thread(desk.keys)


async def test_a_deleted_gallery_is_told_to_be_erased_once_when_nothing_of_it_is_left(desk: Desk) -> None:
    event = GalleryDeleted(gallery_id=uuid4())
    folder = gallery_folder(event.gallery_id)
    await doom(desk, f"{folder}photos/in hand/", after=timedelta(hours=1))
    async with desk.db.transaction() as tx:
        await store.forget_gallery(tx, event, folder)
    await doom(desk, folder)

    await desk.sweep()
    assert [told for told in await emitted(desk.db) if isinstance(told, TransfersErased)] == []
    for _ in range(2):
        await asyncio.gather(*(desk.sweep(timedelta(hours=1)) for _ in range(2)))

    [told] = [told for told in await emitted(desk.db) if isinstance(told, TransfersErased)]
    assert (told.deleted_id, told.counts) == (event.gallery_id, {"photos": 0, "finals": 0})
    assert told.causation_id == event.message_id
