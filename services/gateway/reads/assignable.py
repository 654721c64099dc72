"""Unpaid orders that a payment may have been meant for."""

from typing import Any
from uuid import UUID

from chassis.db import Database

AT_MOST = 20
SUGGESTED = 3
"""Orders beside each payment to look at."""

_FIELDS = """o.id, o.number, o.client ->> 'name' AS client, o.client ->> 'email' AS email, o.amount, o.currency,
    o.placed_at, g.settings ->> 'name' AS gallery, o.amount = p.amount AND o.currency = p.currency AS fits"""
_FROM = """FROM payment p JOIN client_order o ON o.studio_id = p.studio_id AND o.status = 'placed'
    JOIN gallery g ON g.id = o.gallery_id"""
_BEST_FIRST = "(o.id = p.order_id) IS NOT TRUE, (o.amount = p.amount AND o.currency = p.currency) DESC, o.id DESC"

Found = dict[str, Any]
"""`{id, number, client, email, amount, currency, placed_at, gallery, fits}`; `fits`: it costs just that."""


async def suggested(db: Database, payment_ids: list[UUID]) -> dict[str, list[Found]]:
    """By the payment: the order that it names while that is unpaid, and unpaid ones that cost just as much."""
    rows = await db.pool.fetch(
        f"""SELECT payment.id AS payment, likely.* FROM unnest($1::uuid[]) AS payment (id) CROSS JOIN LATERAL (
                SELECT {_FIELDS} {_FROM}
                WHERE p.id = payment.id AND (o.id = p.order_id OR (o.currency, o.amount) = (p.currency, p.amount))
                ORDER BY {_BEST_FIRST} LIMIT {SUGGESTED}) AS likely""",  # of constants
        payment_ids,
    )
    found: dict[str, list[Found]] = {str(payment_id): [] for payment_id in payment_ids}
    for row in rows:
        found[str(row["payment"])].append(dict(row))
    return found


async def find(db: Database, payment_id: UUID, sought: str) -> list[Found]:
    """Unpaid orders with this in the client's name or e-mail, or with this number; the likeliest first."""
    rows = await db.pool.fetch(
        f"""SELECT {_FIELDS} {_FROM}
            WHERE p.id = $1 AND ($2 = '' OR strpos(lower(o.client ->> 'name'), lower($2)) > 0
                OR strpos(o.email, lower($2)) > 0 OR o.number::text = ltrim($2, '#'))
            ORDER BY {_BEST_FIRST} LIMIT {AT_MOST}""",  # of constants
        payment_id,
        sought,
    )
    return [dict(row) for row in rows]
