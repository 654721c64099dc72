"""Upload slots: given out here, and what has become of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from chassis.db import Database, Tx
from contracts.base import MOST, batches
from contracts.transfers import DiscardedUpload, DiscardUploads, Tab


@dataclass(frozen=True, slots=True)
class NewSlot:
    """A slot for one file."""

    id: UUID
    filename: str
    size: int
    """Bytes."""
    object_key: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot as it is now; `watermark` and `watermark_image` are the gallery's."""

    id: UUID
    gallery_id: UUID
    tab: Tab
    filename: str
    size: int
    object_key: str
    multipart_id: str | None
    status: str
    watermark: str | None
    watermark_image: bool


_SLOT = """SELECT u.id, u.gallery_id, u.tab, u.filename, u.size, u.object_key, u.multipart_id, u.status,
                  g.settings ->> 'watermark' AS watermark,
                  coalesce((g.settings ->> 'watermark_image')::bool, false) AS watermark_image
           FROM upload u JOIN gallery g ON g.id = u.gallery_id"""
_FATE = "SELECT id, tab, filename, status, code, reason, file_id FROM upload"


async def add(tx: Tx, gallery_id: UUID, studio_id: UUID, tab: Tab, slots: list[NewSlot]) -> None:
    """Give out slots."""
    await tx.execute(
        """INSERT INTO upload (id, gallery_id, studio_id, tab, filename, size, object_key)
           SELECT s.id, $1, $2, $3, s.filename, s.size, s.object_key
           FROM unnest($4::uuid[], $5::text[], $6::bigint[], $7::text[]) AS s (id, filename, size, object_key)""",
        gallery_id,
        studio_id,
        tab,
        [slot.id for slot in slots],
        [slot.filename for slot in slots],
        [slot.size for slot in slots],
        [slot.object_key for slot in slots],
    )


async def by_ids(db: Database, upload_ids: list[UUID]) -> dict[UUID, Slot]:
    """Those of the slots whose gallery is still there."""
    return _slots(await db.pool.fetch(f"{_SLOT} WHERE u.id = ANY($1)", upload_ids))


async def lock(tx: Tx, studio_id: UUID, upload_ids: list[UUID]) -> dict[UUID, Slot]:
    """Those of the slots that the studio has, locked until the commit."""
    return _slots(
        await tx.fetch(
            f"{_SLOT} WHERE u.id = ANY($1) AND u.studio_id = $2 ORDER BY u.id FOR UPDATE OF u", upload_ids, studio_id
        )
    )


async def begin_multipart(db: Database, upload_id: UUID, multipart_id: str) -> str:
    """Keep the store's id of a slot's multipart upload; returns the one that another call has kept before, if any."""
    kept: str = await db.pool.fetchval(
        "UPDATE upload SET multipart_id = coalesce(multipart_id, $2) WHERE id = $1 RETURNING multipart_id",
        upload_id,
        multipart_id,
    )
    return kept


async def now_processing(tx: Tx, upload_ids: list[UUID]) -> None:
    """Locked slots whose bytes are in the store: transfers has the word now."""
    await tx.execute("UPDATE upload SET status = 'processing' WHERE id = ANY($1)", upload_ids)


async def one(db: Database, upload_id: UUID) -> Record | None:
    """What its studio may know of an upload."""
    return await db.pool.fetchrow(f"{_FATE} WHERE id = $1", upload_id)


async def some(db: Database, gallery_id: UUID, upload_ids: list[UUID]) -> list[Record]:
    """The same of several uploads, those of the gallery, in no order."""
    return await db.pool.fetch(f"{_FATE} WHERE gallery_id = $1 AND id = ANY($2)", gallery_id, upload_ids)


async def discard_of_gallery(tx: Tx, gallery_id: UUID) -> list[DiscardUploads]:
    """The commands that sweep what a deleted gallery's slots hold and transfers has not taken in."""
    rows = await tx.fetch(
        "SELECT object_key, multipart_id FROM upload WHERE gallery_id = $1 AND status IN ('waiting', 'processing')",
        gallery_id,
    )
    return _discards(rows)


async def reject_abandoned(tx: Tx, hours: float, code: str, reason: str) -> list[DiscardUploads]:
    """Reject up to `MOST` slots older than `hours` that were never completed, and return what sweeps them.

    Several may do so at the same time: each takes others.
    """
    rows = await tx.fetch(
        """UPDATE upload SET status = 'rejected', code = $4, reason = $2 WHERE id IN (
               SELECT id FROM upload WHERE status = 'waiting' AND opened_at < now() - make_interval(secs => $1 * 3600)
               ORDER BY opened_at LIMIT $3 FOR UPDATE SKIP LOCKED)
           RETURNING object_key, multipart_id""",
        hours,
        reason,
        MOST,
        code,
    )
    return _discards(rows)


def _slots(rows: Iterable[Record]) -> dict[UUID, Slot]:
    return {row["id"]: Slot(**{**dict(row), "tab": Tab(row["tab"])}) for row in rows}


def _discards(rows: Iterable[Record]) -> list[DiscardUploads]:
    uploads = (DiscardedUpload(object_key=row["object_key"], multipart_id=row["multipart_id"]) for row in rows)
    return [DiscardUploads(uploads=batch) for batch in batches(uploads)]
