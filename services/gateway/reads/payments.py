"""Payments as the studio sees them."""

from typing import Any
from uuid import UUID

from asyncpg import Record

from chassis.db import Database, one_row
from services.gateway.reads.paging import after, encode

FIELDS = """p.id, p.provider, p.payment_id, p.amount, p.currency, p.refunded, p.problem, p.dismissed, p.received_at,
    o.id AS order_id, o.number, o.client ->> 'name' AS client, o.client ->> 'email' AS email, o.status,
    o.amount AS asked, o.currency AS asked_in, g.settings ->> 'name' AS gallery"""
FROM = """FROM payment p LEFT JOIN client_order o ON o.id = p.order_id AND o.studio_id = p.studio_id
    LEFT JOIN gallery g ON g.id = o.gallery_id"""
_OPEN = "p.problem IS NOT NULL AND p.dismissed IS NULL"


async def of_studio(
    db: Database, studio_id: UUID, *, problem: bool | None = None, cursor: str | None = None, limit: int = 100
) -> dict[str, Any]:
    """A page of a studio's payments, newest first; `problem`: those that somebody has to look at, or all others."""
    rows = await db.pool.fetch(
        f"""SELECT {FIELDS} {FROM} WHERE p.studio_id = $1 AND ($2::uuid IS NULL OR p.id < $2)
              AND ($3::bool IS NULL OR ({_OPEN}) = $3)
            ORDER BY p.id DESC LIMIT $4""",
        studio_id,
        after(cursor, UUID)[0],
        problem,
        limit + 1,
    )
    following = encode([str(rows[limit - 1]["id"])]) if len(rows) > limit else None
    return {"items": [shown(row) for row in rows[:limit]], "next": following}


async def gallery_of(db: Database, payment_id: UUID) -> UUID | None:
    """The gallery of the order that a payment is for."""
    gallery_id: UUID | None = await db.pool.fetchval("SELECT gallery_id FROM payment WHERE id = $1", payment_id)
    return gallery_id


async def of_order(db: Database, studio_id: UUID, order_id: UUID) -> list[dict[str, Any]]:
    """What was paid for an order, oldest first."""
    rows = await db.pool.fetch(
        f"SELECT {FIELDS} {FROM} WHERE p.order_id = $1 AND p.studio_id = $2 ORDER BY p.id", order_id, studio_id
    )
    return [shown(row) for row in rows]


async def one(db: Database, id_: UUID) -> dict[str, Any] | None:
    """A payment."""
    row = await db.pool.fetchrow(f"SELECT {FIELDS} {FROM} WHERE p.id = $1", id_)
    return shown(row) if row else None


async def counts(db: Database, studio_id: UUID) -> dict[str, int]:
    """How many payments a studio has: `all`, and `open`, those that somebody has to look at."""
    row = await one_row(
        db.pool.fetchrow(
            f'SELECT count(*) AS "all", count(*) FILTER (WHERE {_OPEN}) AS open FROM payment p WHERE studio_id = $1',
            studio_id,
        )
    )
    return dict(row)


async def to_look_at(db: Database, studio_id: UUID) -> int:
    """How many payments somebody has to look at."""
    number: int = await db.pool.fetchval(f"SELECT count(*) FROM payment p WHERE studio_id = $1 AND {_OPEN}", studio_id)
    return number


def shown(row: Record) -> dict[str, Any]:
    """A payment by its `FIELDS`; `order_total`, `order_status` and `gallery` (its name) are its order's."""
    order = None
    if row["order_id"]:
        client = {"name": row["client"], "email": row["email"]}
        order = {"id": str(row["order_id"]), "number": row["number"], "client": client}
    return {
        "id": str(row["id"]),
        "provider": row["provider"],
        "payment_id": row["payment_id"],
        "order": order,
        "order_total": {"amount": row["asked"], "currency": row["asked_in"]} if order else None,
        "order_status": row["status"],
        "gallery": row["gallery"],
        "amount": {"amount": row["amount"], "currency": row["currency"]},
        "refunded": row["refunded"],
        "problem": row["problem"],
        "dismissed": row["dismissed"],
        "received_at": row["received_at"].isoformat(),
    }
