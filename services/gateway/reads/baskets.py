"""What a client chooses from, and what they have chosen: a basket is known by the digest of its cookie."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from chassis.db import Database
from services.gateway.reads.paging import after, encode


@dataclass(frozen=True, slots=True)
class Overview:
    """A gallery's photos as a whole. `upright`: most of them are higher than wide. `chosen`: those in the basket."""

    photos: int
    upright: bool
    chosen: int


@dataclass(frozen=True, slots=True)
class Choices:
    """Photos in a row (`shown`, `chosen`); `next` leads to those after them, if there are any."""

    photos: Sequence[Record]
    next: str | None


async def overview(db: Database, gallery_id: UUID, digest: bytes) -> Overview:
    """How many photos there are, and how many of them are in the basket."""
    row = await db.pool.fetchrow(
        """SELECT count(*) AS photos, count(*) FILTER (WHERE height > width) * 2 > count(*) AS upright,
                  count(*) FILTER (WHERE id = ANY (b.photo_ids)) AS chosen
           FROM photo LEFT JOIN basket b ON b.gallery_id = $1 AND b.digest = $2 WHERE photo.gallery_id = $1""",
        gallery_id,
        digest,
    )
    return Overview(**row) if row else Overview(0, False, 0)


async def choices(db: Database, gallery_id: UUID, digest: bytes, cursor: str | None, limit: int) -> Choices:
    """Up to `limit` photos by name, and whether each is in the basket."""
    rows = await db.pool.fetch(
        """SELECT id, match_key, shown, coalesce(id = ANY (b.photo_ids), false) AS chosen
           FROM photo LEFT JOIN basket b ON b.gallery_id = $1 AND b.digest = $2
           WHERE photo.gallery_id = $1 AND ($3::text IS NULL OR (match_key, id) > ($3, $4::uuid))
           ORDER BY match_key, id LIMIT $5""",
        gallery_id,
        digest,
        *after(cursor, str, UUID),
        limit + 1,
    )
    last = rows[limit - 1] if len(rows) > limit else None
    return Choices(rows[:limit], encode([last["match_key"], str(last["id"])]) if last else None)


async def count(db: Database, gallery_id: UUID, digest: bytes) -> int:
    """How many photos are in the basket."""
    found: int = await db.pool.fetchval(
        """SELECT count(*) FROM basket b JOIN photo p ON p.id = ANY (b.photo_ids) AND p.gallery_id = b.gallery_id
           WHERE b.gallery_id = $1 AND b.digest = $2""",
        gallery_id,
        digest,
    )
    return found


async def chosen(db: Database, gallery_id: UUID, digest: bytes) -> Sequence[Record]:
    """The photos in the basket in the order of choosing (`id`, `shown`), without those no longer in the gallery."""
    return await db.pool.fetch(
        """SELECT p.id, p.shown FROM basket b CROSS JOIN unnest(b.photo_ids) WITH ORDINALITY AS c (id, place)
           JOIN photo p ON p.id = c.id AND p.gallery_id = b.gallery_id
           WHERE b.gallery_id = $1 AND b.digest = $2 ORDER BY c.place""",
        gallery_id,
        digest,
    )


async def ordered_by(db: Database, gallery_id: UUID, digest: bytes) -> UUID | None:
    """The request that is ordering what is in the basket, while it waits for its answer."""
    found: UUID | None = await db.pool.fetchval(
        """SELECT r.id FROM basket b JOIN request r ON r.id = b.ordered_by
           WHERE b.gallery_id = $1 AND b.digest = $2 AND r.pending > 0""",
        gallery_id,
        digest,
    )
    return found
