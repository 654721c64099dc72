"""Attempts to take an upload in: whatever ends one, what it wrote counts or is removed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from chassis.db import Database, Tx
from chassis.inbox import AlreadyHandled
from contracts.base import utc_now, uuid7
from contracts.transfers import RegisterUpload
from services.transfers import layout, store

LONGEST = timedelta(minutes=20)
"""An attempt is broken off then; after 30 minutes RabbitMQ would give its message to somebody else."""
LIFETIME = timedelta(hours=1)
"""When the folder of an attempt goes whose process was killed: long after anybody can write to it."""
AFTERMATH = timedelta(minutes=5)
"""The store may still do what it was asked for by an attempt that has been given up."""


class TookTooLong(Exception):
    """What the attempt wrote is removed already, as after a machine was asleep for hours: try anew."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt, and the folder of the store that is its own."""

    id: UUID
    folder: str


@asynccontextmanager
async def attempt_at(db: Database, upload: RegisterUpload) -> AsyncIterator[Attempt]:
    """Fill the attempt's folder inside; unless it is spared, it is removed again.

    Raises `AlreadyHandled` when nothing can come of the upload any more, and removes what arrived; `TimeoutError` after
    `LONGEST`.
    """
    attempt_id = uuid7()
    folder = layout.attempt_folder(upload.gallery_id, upload.tab, upload.upload_id, attempt_id)
    attempt = Attempt(attempt_id, folder)
    try:
        await _begin(db, upload, attempt)
        async with asyncio.timeout(LONGEST.total_seconds()):
            yield attempt
    except AlreadyHandled:
        async with db.transaction() as tx:
            await store.doom(tx, [upload.object_key], utc_now())
        raise
    finally:
        async with db.transaction() as tx:
            await store.hasten_attempt(tx, attempt.id, utc_now() + AFTERMATH)


async def spare(tx: Tx, attempt: Attempt) -> None:
    """Let the attempt's folder stay for good. Raises `TookTooLong` when it was removed already."""
    if not await store.spare_attempt(tx, attempt.id):
        raise TookTooLong(f"the attempt {attempt.id} took more than {LIFETIME}")


async def _begin(db: Database, upload: RegisterUpload, attempt: Attempt) -> None:
    async with db.transaction() as tx:
        if await store.is_settled(tx, upload.upload_id, upload.gallery_id):
            raise AlreadyHandled(f"what becomes of the upload {upload.upload_id} is decided")
        await store.doom_attempt(tx, attempt.id, attempt.folder, utc_now() + LIFETIME)
