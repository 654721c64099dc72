"""Endpoints of photographers' own systems. All SQL about them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from asyncpg import Record

from chassis.db import Database, Tx

MOST = 20
"""Of one studio."""

SECRETS = 10
"""Of one endpoint, that are good at the same time."""

_FIELDS = "id, url, events, disabled_at, created_at"


async def add(tx: Tx, id_: UUID, studio_id: UUID, url: str, events: Sequence[str]) -> bool:
    """A new endpoint; False when the studio has as many as it may."""
    added = await tx.execute(
        """INSERT INTO webhook_endpoint (id, studio_id, url, events) SELECT $1, $2, $3, $4
           WHERE (SELECT count(*) FROM webhook_endpoint WHERE studio_id = $2) < $5""",
        id_,
        studio_id,
        url,
        list(events),
        MOST,
    )
    return bool(added == "INSERT 0 1")


async def of_studio(db: Database, studio_id: UUID) -> list[dict[str, Any]]:
    """A studio's endpoints, oldest first, without their secrets."""
    rows = await db.pool.fetch(f"SELECT {_FIELDS} FROM webhook_endpoint WHERE studio_id = $1 ORDER BY id", studio_id)
    return [_shown(row) for row in rows]


async def one(db: Database, id_: UUID) -> dict[str, Any]:
    """An endpoint that is known to be there."""
    row = await db.pool.fetchrow(f"SELECT {_FIELDS} FROM webhook_endpoint WHERE id = $1", id_)
    return _shown(row) if row else {}


async def rotate(db: Database, id_: UUID) -> int:
    """Sign by the next secret from now on, and for a day by the present one as well. Returns its number."""
    rotation: int = await db.pool.fetchval(
        f"""UPDATE webhook_endpoint SET rotation = rotation + 1, rotated_at = now(),
                rotated_before = (rotated_at || rotated_before)[1:{SECRETS - 2}]
            WHERE id = $1 RETURNING rotation""",  # of a constant
        id_,
    )
    return rotation


async def enable(db: Database, id_: UUID) -> None:
    """Tell an endpoint again that had said that it was gone for good."""
    await db.pool.execute("UPDATE webhook_endpoint SET disabled_at = NULL WHERE id = $1", id_)


async def delete(db: Database, id_: UUID) -> None:
    """Tell it nothing more."""
    await db.pool.execute("DELETE FROM webhook_endpoint WHERE id = $1", id_)


def _shown(row: Record) -> dict[str, Any]:
    return {**dict(row), "id": str(row["id"])}
