"""The newest webhooks of a studio, and what became of each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Database
from services.gateway.reads.payments import FIELDS, shown

NEWEST = 20


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook that was verified; `payment` as the API shows it, None before orders has decided about it."""

    provider: str
    kind: str
    """The provider's word for it."""
    received_at: datetime
    told: bool
    """Whether it says anything about a payment."""
    payment: dict[str, Any] | None


async def newest(db: Database, studio_id: UUID) -> list[Webhook]:
    """The newest ones, of all providers."""
    rows = await db.pool.fetch(
        f"""SELECT w.provider AS sender, w.type, w.received_at AS came_at, w.told, {FIELDS}
            FROM (SELECT * FROM webhook WHERE studio_id = $1 ORDER BY received_at DESC LIMIT {NEWEST}) AS w
            LEFT JOIN payment p USING (studio_id, provider, payment_id)
            LEFT JOIN client_order o ON o.id = p.order_id AND o.studio_id = p.studio_id
            LEFT JOIN gallery g ON g.id = o.gallery_id
            ORDER BY w.received_at DESC""",  # of constants
        studio_id,
    )
    return [
        Webhook(row["sender"], row["type"], row["came_at"], row["told"], shown(row) if row["id"] else None)
        for row in rows
    ]
