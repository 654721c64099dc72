"""Slots that were never completed are swept."""

import asyncio
from uuid import UUID

import pytest

from chassis.db import Database
from contracts.base import uuid7
from contracts.transfers import DiscardedUpload, DiscardUploads, Tab
from services.gateway.view import abandoned, uploads
from services.gateway.view.uploads import NewSlot
from tests.conftest import OpenDatabase
from tests.outbox import emitted


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
