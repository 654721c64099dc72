"""Orders, as the studio and the client see them."""

import json
from typing import Any
from uuid import UUID

from asyncpg import Pool, Record

from chassis.db import Database, Tx
from services.gateway.reads.paging import after, encode
from services.gateway.signing import Signer

GOES_ON = "o.status IN ('placed', 'paid') AND NOT o.erased"
"""Somebody is to have its photos; of an erased client, nobody any more."""
TO_DELIVER = "o.status = 'paid' AND NOT o.erased"
READY = f"{TO_DELIVER} AND coalesce(r.ready, false)"
WAITING = f"{TO_DELIVER} AND NOT coalesce(r.ready, false)"
FACTS = f"""'id', o.id, 'number', o.number, 'gallery_id', o.gallery_id, 'status', o.status, 'client', o.client,
        'total', json_build_object('amount', o.amount, 'currency', o.currency), 'placed_at', o.placed_at,
        'ready', {READY},
        'notification', json_build_object('state', coalesce(n.state, 'none'), 'sent_at', n.sent_at, 'error', n.error)"""
FROM = """FROM client_order o LEFT JOIN readiness r ON r.order_id = o.id
           LEFT JOIN notification n ON n.order_id = o.id"""
_FIELDS = f"""
    o.id, o.link_rotation, o.number, json_build_object({FACTS},
        'lines', (SELECT coalesce(json_agg(json_build_object(
                      'photo_id', l.photo_id, 'filename', l.filename, 'state', CASE
                      WHEN o.erased THEN 'none'
                      WHEN EXISTS (
                          SELECT FROM entitlement e
                          WHERE e.order_id = o.id AND e.photo_id = l.photo_id AND e.granted)
                      THEN 'ready' ELSE 'waiting' END) ORDER BY l.position), '[]')
                  FROM order_line l WHERE l.order_id = o.id)
    )::text AS shown"""
_TIMELINE = """
    (SELECT coalesce(json_agg(json_build_object('at', at, 'what', what, 'detail', detail)
                              ORDER BY at, message_id), '[]')
     FROM (SELECT at, message_id, what, detail FROM timeline WHERE order_id = o.id
           UNION ALL
           SELECT v.at, v.message_id, 'replaced', v.filename
           FROM entitlement e JOIN new_version v USING (transfer_id) CROSS JOIN LATERAL (
               SELECT min(at) FILTER (WHERE what = 'notified') AS mailed_at,
                      min(at) FILTER (WHERE what IN ('refunded', 'cancelled')) AS ended_at
               FROM timeline WHERE order_id = o.id) AS t
           WHERE e.order_id = o.id AND v.at > mailed_at AND (v.at > ended_at) IS NOT TRUE) AS step)::text AS timeline"""
"""A new version of a final stands there when it came after the client's mail and before the end of the order."""


async def one(db: Database, signer: Signer, order_id: UUID) -> dict[str, Any] | None:
    """An order with its timeline, as its studio sees it."""
    row = await db.pool.fetchrow(f"SELECT {_FIELDS}, {_TIMELINE} {FROM} WHERE o.id = $1", order_id)
    return _shown(row, signer) | {"timeline": json.loads(row["timeline"])} if row else None


async def of_gallery(
    db: Database,
    signer: Signer,
    gallery_id: UUID,
    *,
    status: str | None = None,
    ready: bool | None = None,
    notified: bool | None = None,
    cursor: str | None = None,
    limit: int = 100,
) -> dict[str, Any]:
    """A page of a gallery's orders by number, without their timelines."""
    rows = await db.pool.fetch(
        f"""SELECT {_FIELDS} {FROM}
            WHERE o.gallery_id = $1 AND ($2::text IS NULL OR o.status = $2) AND ($3::bool IS NULL OR ({READY}) = $3)
              AND ($4::bool IS NULL OR (n.sent_at IS NOT NULL) = $4) AND ($5::int IS NULL OR o.number > $5)
            ORDER BY o.number LIMIT $6""",
        gallery_id,
        status,
        ready,
        notified,
        after(cursor, int)[0],
        limit + 1,
    )
    following = encode([rows[limit - 1]["number"]]) if len(rows) > limit else None
    return {"items": [_shown(row, signer) for row in rows[:limit]], "next": following}


async def placed(db: Database, order_id: UUID) -> Record | None:
    """What a client learns of a placed order. `held`: what came in, and the photographer has to look at."""
    return await db.pool.fetchrow(
        f"""SELECT o.id, o.gallery_id, o.number, o.amount, o.currency, o.status, o.client ->> 'email' AS email,
                   o.placed_at, {READY} AS ready, n.sent_at AS mailed_at,
                   g.settings ->> 'payment_instructions' AS instructions, o.studio_id, g.settings ->> 'name' AS gallery,
                   o.client ->> 'locale' AS locale, o.erased,
                   ARRAY(SELECT provider FROM payment_connection p WHERE p.studio_id = o.studio_id) AS providers,
                   (SELECT state FROM checkout c WHERE c.order_id = o.id
                    ORDER BY state = 'paid' DESC, state = 'waiting' DESC, id DESC LIMIT 1) AS checkout,
                   held.amount AS held, held.currency AS held_in
            {FROM} JOIN gallery g ON g.id = o.gallery_id LEFT JOIN LATERAL (
                SELECT amount, currency FROM payment p
                WHERE p.order_id = o.id AND p.studio_id = o.studio_id AND p.problem IS NOT NULL AND p.dismissed IS NULL
                    AND p.refunded < p.amount ORDER BY p.id DESC LIMIT 1) held ON true
            WHERE o.id = $1""",
        order_id,
    )


async def photos_of(db: Database, order_id: UUID) -> list[Record]:
    """The ordered photos as listings show them (`shown`)."""
    return await db.pool.fetch(
        """SELECT p.shown FROM order_line l JOIN photo p ON p.id = l.photo_id
           WHERE l.order_id = $1 ORDER BY l.position""",
        order_id,
    )


async def named(db: Database, gallery_id: UUID, order_ids: list[UUID]) -> list[Record]:
    """`id`, `number`, `status`, `amount`, `currency`, client's `name` of those orders in the gallery, by number."""
    return await db.pool.fetch(
        """SELECT id, number, status, amount, currency, client ->> 'name' AS name FROM client_order
           WHERE gallery_id = $1 AND id = ANY($2) ORDER BY number""",
        gallery_id,
        order_ids,
    )


async def of_same_client(db: Pool | Tx, order_id: UUID) -> list[Record]:
    """The other orders of the same e-mail in the studio (`id`, `gallery_id`, `number`, `gallery`), the newest first."""
    return await db.fetch(
        """SELECT o.id, o.gallery_id, o.number, g.settings ->> 'name' AS gallery
           FROM client_order this
           JOIN gallery g ON g.studio_id = this.studio_id
           JOIN client_order o ON o.gallery_id = g.id AND o.email = this.email AND o.id <> this.id
           WHERE this.id = $1 AND NOT this.erased ORDER BY o.id DESC""",
        order_id,
    )


async def statuses(db: Database, order_ids: list[UUID]) -> dict[UUID, str]:
    """The state of each order."""
    rows = await db.pool.fetch("SELECT id, status FROM client_order WHERE id = ANY($1)", order_ids)
    return {row["id"]: row["status"] for row in rows}


def _shown(row: Record, signer: Signer) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(row["shown"])
    return shown | {"client_url": signer.client_url_of(row["id"], row["link_rotation"])}
