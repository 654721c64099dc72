"""What a bank's statement is compared with: orders that wait for money, and lines that were used."""

from collections.abc import Collection
from uuid import UUID

from chassis.db import Database
from services.gateway.bank.matching import Unpaid


async def unpaid(db: Database, gallery_id: UUID) -> list[Unpaid]:
    """The unpaid orders of a gallery by number."""
    rows = await db.pool.fetch(
        """SELECT id, number, client ->> 'name' AS name, client ->> 'email' AS email, amount FROM client_order
           WHERE gallery_id = $1 AND status = 'placed' ORDER BY number""",
        gallery_id,
    )
    return [Unpaid(**row) for row in rows]


async def used(db: Database, studio_id: UUID, fingerprints: Collection[bytes]) -> set[bytes]:
    """Those of the lines that have paid an order, in any gallery of the studio."""
    rows = await db.pool.fetch(
        "SELECT fingerprint FROM bank_line WHERE studio_id = $1 AND fingerprint = ANY($2)", studio_id, fingerprints
    )
    return {row["fingerprint"] for row in rows}


async def problems(db: Database, request_id: UUID) -> dict[UUID, str]:
    """By the order: why the lines of a request did not pay it."""
    rows = await db.pool.fetch(
        "SELECT order_id, problem FROM bank_line WHERE request_id = $1 AND problem IS NOT NULL", request_id
    )
    return {row["order_id"]: row["problem"] for row in rows}
