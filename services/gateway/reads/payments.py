"""Payments as the studio sees them."""

from typing import Any
from uuid import UUID

from asyncpg import Record

from chassis.db import Database
from services.gateway.reads.paging import after, encode

_FIELDS = """p.id, p.provider, p.payment_id, p.amount, p.currency, p.refunded, p.problem, p.dismissed, p.received_at,
    o.id AS order_id, o.number, o.client ->> 'name' AS client, o.client ->> 'email' AS email
    FROM payment p LEFT JOIN client_order o ON o.id = p.order_id AND o.studio_id = p.studio_id"""


async def of_studio(
    db: Database, studio_id: UUID, *, problem: bool | None = None, cursor: str | None = None, limit: int = 100
) -> dict[str, Any]:
    """A page of a studio's payments, newest first; `problem`: those that somebody has to look at, or all others."""
    rows = await db.pool.fetch(
        f"""SELECT {_FIELDS} WHERE p.studio_id = $1 AND ($2::uuid IS NULL OR p.id < $2)
              AND ($3::bool IS NULL OR (p.problem IS NOT NULL AND p.dismissed IS NULL) = $3)
            ORDER BY p.id DESC LIMIT $4""",
        studio_id,
        after(cursor, UUID)[0],
        problem,
        limit + 1,
    )
    following = encode([str(rows[limit - 1]["id"])]) if len(rows) > limit else None
    return {"items": [_shown(row) for row in rows[:limit]], "next": following}


async def one(db: Database, id_: UUID) -> dict[str, Any] | None:
    """A payment."""
    row = await db.pool.fetchrow(f"SELECT {_FIELDS} WHERE p.id = $1", id_)
    return _shown(row) if row else None


def _shown(row: Record) -> dict[str, Any]:
    order = None
    if row["order_id"]:
        client = {"name": row["client"], "email": row["email"]}
        order = {"id": str(row["order_id"]), "number": row["number"], "client": client}
    return {
        "id": str(row["id"]),
        "provider": row["provider"],
        "payment_id": row["payment_id"],
        "order": order,
        "amount": {"amount": row["amount"], "currency": row["currency"]},
        "refunded": row["refunded"],
        "problem": row["problem"],
        "dismissed": row["dismissed"],
        "received_at": row["received_at"].isoformat(),
    }
