"""Deliveries to endpoints: waiting for their next try, delivered, or failed after the last. All SQL about them."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from asyncpg import Record

from chassis.db import Database, Tx
from contracts.base import uuid7
from services.gateway.reads.paging import after, encode
from services.gateway.standard_webhooks import ROTATION

IN_HAND = timedelta(minutes=1)
"""How long a delivery that is being tried is left to who tries it."""
PER_ENDPOINT = 2
"""Tries at one endpoint at a time."""
PAUSES = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds after each failed try, as the Standard Webhooks recommend; three days in all."""
LONGEST_ANSWER = 1_000
"""Characters."""
MOST_ATTEMPTS = 20
"""What came of so many tries of a delivery is kept, of the newest."""

New = tuple[UUID, UUID | None, str, str, str]
"""Endpoint, gallery, event id, kind, body."""


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that is to be tried now."""

    id: UUID
    endpoint_id: UUID
    event_id: str
    body: str
    tries: int
    """Before this one."""
    url: str
    rotations: tuple[int, ...]
    """Of the secrets to sign by."""


async def add(tx: Tx, new: Sequence[New]) -> None:
    """Queue deliveries, to be tried at once."""
    await tx.execute(
        """INSERT INTO webhook_delivery (id, endpoint_id, gallery_id, event_id, kind, body)
           SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[])
           ON CONFLICT DO NOTHING""",
        [uuid7() for _ in new],
        *zip(*new, strict=True),
    )


async def take_due(db: Database, busy: Collection[UUID], limit: int) -> list[Due]:
    """Take up to `limit` deliveries that are due, few of each endpoint, none of those that are `busy`.

    Whoever takes one has it for `IN_HAND`; then, after a crash, somebody else tries it.
    """
    rows = await db.pool.fetch(
        """WITH due AS (
               SELECT d.id FROM webhook_endpoint e CROSS JOIN LATERAL (
                   SELECT id, next_try_at FROM webhook_delivery
                   WHERE endpoint_id = e.id AND state = 'waiting' AND next_try_at <= now()
                   ORDER BY next_try_at LIMIT $3 FOR UPDATE SKIP LOCKED) d
               WHERE e.id <> ALL($1) AND e.disabled_at IS NULL ORDER BY d.next_try_at LIMIT $2)
           UPDATE webhook_delivery d SET next_try_at = now() + $4, tries = tries + 1
           FROM due, webhook_endpoint e WHERE d.id = due.id AND e.id = d.endpoint_id
           RETURNING d.id, d.endpoint_id, d.event_id, d.body, d.tries - 1 AS tries, e.url,
               ARRAY(SELECT generate_series(e.rotation, e.rotation - count(*), -1)
                     FROM unnest(e.rotated_at || e.rotated_before) at WHERE at > now() - $5::interval) AS rotations""",
        list(busy),
        limit,
        PER_ENDPOINT,
        IN_HAND,
        ROTATION,
    )
    return [Due(**dict(row)) for row in rows]


async def note(db: Database, due: Due, status: int | None, answer: str) -> None:
    """What came of a try: delivered, to be tried again, failed for good, or its endpoint is gone (410)."""
    delivered = status is not None and 200 <= status < 300
    last = due.tries >= len(PAUSES)
    state = "delivered" if delivered else "failed" if last or status == 410 else "waiting"
    pause = timedelta(seconds=PAUSES[min(due.tries, len(PAUSES) - 1)])
    await db.pool.execute(
        f"""WITH gone AS (UPDATE webhook_endpoint SET disabled_at = now() WHERE id = $6 AND $3 = 410)
            UPDATE webhook_delivery SET state = $2, status = $3, answer = $4, tried_at = now(),
                next_try_at = now() + $5::interval * (0.9 + 0.2 * random()),
                attempts = jsonb_path_query_array(
                    jsonb_build_object('at', now(), 'status', $3::int, 'answer', $4::text) || attempts,
                    '$[0 to {MOST_ATTEMPTS - 1}]')
            WHERE id = $1""",  # of constants
        due.id,
        state,
        status,
        answer[:LONGEST_ANSWER].replace("\0", ""),
        pause,
        due.endpoint_id,
    )


async def replay(db: Database, delivery_id: UUID) -> UUID:
    """Try a delivery once more from the beginning, whatever became of it, also at an endpoint that was gone.

    The event's id stays, and so does what came of earlier tries. Returns the endpoint.
    """
    endpoint_id: UUID = await db.pool.fetchval(
        """WITH again AS (
               UPDATE webhook_delivery SET state = 'waiting', tries = 0, next_try_at = now(),
                   status = NULL, answer = NULL, tried_at = NULL
               WHERE id = $1 RETURNING endpoint_id)
           UPDATE webhook_endpoint e SET disabled_at = NULL FROM again WHERE e.id = again.endpoint_id RETURNING e.id""",
        delivery_id,
    )
    return endpoint_id


async def failing(db: Database, studio_id: UUID) -> set[str]:
    """The ids of a studio's endpoints that have not taken what was tried last."""
    rows = await db.pool.fetch(
        """SELECT e.id FROM webhook_endpoint e CROSS JOIN LATERAL (
               SELECT state FROM webhook_delivery WHERE endpoint_id = e.id AND tried_at IS NOT NULL
               ORDER BY id DESC LIMIT 1) d
           WHERE e.studio_id = $1 AND d.state <> 'delivered'""",
        studio_id,
    )
    return {str(row["id"]) for row in rows}


async def of_endpoint(db: Database, endpoint_id: UUID, cursor: str | None, limit: int) -> dict[str, Any]:
    """A page of an endpoint's deliveries, newest first."""
    rows = await db.pool.fetch(
        """SELECT id, event_id, kind, body, state, tries, status, answer, created_at, tried_at, attempts,
               CASE WHEN state = 'waiting' THEN next_try_at END AS next_try_at
           FROM webhook_delivery WHERE endpoint_id = $1 AND ($2::uuid IS NULL OR id < $2)
           ORDER BY id DESC LIMIT $3""",
        endpoint_id,
        after(cursor, UUID)[0],
        limit + 1,
    )
    following = encode([str(rows[limit - 1]["id"])]) if len(rows) > limit else None
    return {"items": [_shown(row) for row in rows[:limit]], "next": following}


def _shown(row: Record) -> dict[str, Any]:
    return {**dict(row), "id": str(row["id"]), "attempts": json.loads(row["attempts"])}
