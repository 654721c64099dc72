"""Certificates of deleted galleries."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from chassis.db import Database
from contracts.topology import SERVICES
from services.gateway.reads.paging import after, encode

_DELETIONS = """
    SELECT d.deleted_id, d.asked_at, coalesce((
        SELECT json_object_agg(p.service, json_build_object('finished_at', p.finished_at, 'counts', p.counts))
        FROM deletion_part p WHERE p.deleted_id = d.deleted_id), '{}') AS services
    FROM deletion d"""


@dataclass(frozen=True, slots=True)
class DeletedLink:
    """A personal link to a gallery that is deleted: when that was asked for, and whom to ask about it."""

    at: datetime
    studio: str
    contact: str


async def behind(db: Database, digest: bytes) -> DeletedLink | None:
    """What a personal link has led to, for a year after it was deleted."""
    row = await db.pool.fetchrow(
        """SELECT d.asked_at, s.name, s.contact_email FROM deleted_link l
           JOIN deletion d USING (deleted_id) JOIN studio s ON s.id = d.studio_id WHERE l.digest = $1""",
        digest,
    )
    return DeletedLink(*row) if row else None


async def of_studio(db: Database, studio_id: UUID, cursor: str | None, limit: int) -> dict[str, Any]:
    """A page of a studio's deletions, what was asked for last first."""
    rows = await db.pool.fetch(
        f"""{_DELETIONS} WHERE d.studio_id = $1 AND ($2::uuid IS NULL OR (d.asked_at, d.deleted_id) < (
                SELECT asked_at, deleted_id FROM deletion WHERE deleted_id = $2 AND studio_id = $1))
            ORDER BY d.asked_at DESC, d.deleted_id DESC LIMIT $3""",  # of constants
        studio_id,
        after(cursor, UUID)[0],
        limit + 1,
    )
    following = encode([str(rows[limit - 1]["deleted_id"])]) if len(rows) > limit else None
    return {"items": [_shown(row) for row in rows[:limit]], "next": following}


async def one(db: Database, deleted_id: UUID) -> dict[str, Any] | None:
    """A deletion: when it was asked for, and what each service has removed, and when."""
    row = await db.pool.fetchrow(f"{_DELETIONS} WHERE d.deleted_id = $1", deleted_id)  # of constants
    return _shown(row) if row else None


def _shown(row: Record) -> dict[str, Any]:
    """`finished_at` when every service has finished; `removed`: the counts of all of them."""
    services = json.loads(row["services"])
    finished = [part["finished_at"] for part in services.values()]
    return {
        "gallery_id": str(row["deleted_id"]),
        "asked_at": row["asked_at"].isoformat(),
        "finished_at": max(finished, key=datetime.fromisoformat) if services.keys() == set(SERVICES) else None,
        "removed": {name: count for part in services.values() for name, count in sorted(part["counts"].items())},
        "services": services,
    }
