"""Slots that were never completed are swept."""

import asyncio
from pathlib import Path
from uuid import UUID

import pytest

from chassis.db import Database
from chassis.object_errors import ObjectMissing
from contracts.base import uuid7
from contracts.transfers import DiscardedUpload, DiscardUploads, Tab
from services.gateway.view import abandoned, uploads
from services.gateway.view.uploads import NewSlot
from tests.conftest import OpenDatabase
from tests.gateway.running import RunningGateway, running_gateway
from tests.gateway.test_uploads import ask, complete, file
from tests.infra import Servers
from tests.outbox import emitted
from tests.waiting import eventually


@pytest.fixture
async def db(open_database: OpenDatabase) -> Database:
    return await open_database("gateway")


async def given_slots(db: Database, number: int, *, hours_ago: float, status: str = "waiting") -> list[UUID]:
    """Slots that were opened some time ago."""
    slots = [NewSlot(uuid7(), "1.jpg", 1, f"incoming/{status}-{hours_ago}-{index}") for index in range(number)]
    async with db.transaction() as tx:
        await uploads.add(tx, uuid7(), uuid7(), Tab.PHOTOS, slots)
        await tx.execute(
            "UPDATE upload SET opened_at = now() - $2 * interval '1 hour', status = $3 WHERE id = ANY($1)",
            [slot.id for slot in slots],
            hours_ago,
            status,
        )
    return [slot.id for slot in slots]


async def discarded(db: Database) -> list[DiscardedUpload]:
    commands = [message for message in await emitted(db) if isinstance(message, DiscardUploads)]
    return [upload for command in commands for upload in command.uploads]


async def test_a_slot_that_was_never_completed_is_rejected_with_the_reason_and_swept(db: Database) -> None:
    [old], [_] = await given_slots(db, 1, hours_ago=49), await given_slots(db, 1, hours_ago=47)
    await given_slots(db, 1, hours_ago=49, status="processing")
    await uploads.begin_multipart(db, old, "multipart")

    for _ in range(2):
        await abandoned.discard(db, 48)

    assert await discarded(db) == [DiscardedUpload(object_key="incoming/waiting-49-0", multipart_id="multipart")]
    row = await uploads.one(db, old)
    assert row is not None
    assert (row["status"], row["reason"]) == ("rejected", "The upload was never completed. Upload the file again.")


async def test_several_copies_sweep_each_slot_once(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST", 10)
    await given_slots(db, 100, hours_ago=49)

    await asyncio.gather(*(abandoned.discard(db, 48) for _ in range(3)))
    keys = [upload.object_key for upload in await discarded(db)]
    assert len(keys) == 100
    assert len(set(keys)) == 100


async def test_a_file_whose_slot_was_never_completed_is_rejected_and_gone_from_the_store(
    servers: Servers, tmp_path: Path
) -> None:
    beside = ("orders", "transfers")
    async with running_gateway(servers, tmp_path, beside=beside, discard_uploads_after_hours="0") as gateway:
        studio = await gateway.studio()
        [slot] = await ask(studio, "photos", file("1.jpg"))
        assert (await gateway.client.put(slot["url"], data=b"abc")).status == 200
        await gateway.service.stop()
        await gateway.service.start()  # the look that comes every ten minutes comes at the start, too
        await gateway.service.ready()

        await eventually(lambda: is_gone(gateway, f"incoming/{slot['upload_id']}"))
        upload = (await studio.get(f"/api/v1/uploads/{slot['upload_id']}")).expect(200)
        assert (upload["status"], upload["code"]) == ("rejected", "never_completed")
        assert upload["reason"] == "The upload was never completed. Upload the file again."
        item = {"upload_id": slot["upload_id"]}
        assert await complete(studio, item) == [{**item, "status": "rejected"}]


async def is_gone(gateway: RunningGateway, key: str) -> bool:
    try:
        await gateway.store.stat(key)
    except ObjectMissing:
        return True
    return False
