"""All that is held of the client of an order, for who asks what that is. One query a part; no secrets."""

import json
from typing import Any
from uuid import UUID

from chassis.db import Database

_ORDER = """
    SELECT json_build_object('studio', g.studio ->> 'name', 'contact', g.studio ->> 'email',
        'gallery', g.settings ->> 'name', 'client', o.client, 'number', o.number, 'status', o.status,
        'placed_at', o.placed_at, 'total', json_build_object('amount', o.amount, 'currency', o.currency),
        'lines', (SELECT coalesce(json_agg(filename ORDER BY position), '[]') FROM order_line WHERE order_id = o.id))
    FROM client_order o JOIN gallery g ON g.id = o.gallery_id WHERE o.id = $1"""
_PARTS = {
    "payments": """
        SELECT provider, payment_id, json_build_object('amount', amount, 'currency', currency) AS amount, refunded,
            received_at, dismissed AS remark
        FROM payment WHERE order_id = $1 ORDER BY received_at""",
    "mails": """
        SELECT at, CASE what WHEN 'notified' THEN 'ready' ELSE detail END AS kind
        FROM timeline WHERE order_id = $1 AND what IN ('notified', 'reminded')
        UNION ALL SELECT l.sent_at, 'links' FROM link_mail l
        JOIN client_order o ON o.gallery_id = l.gallery_id AND o.email = l.email WHERE o.id = $1 ORDER BY at""",
    "happened": "SELECT at, what, detail FROM timeline WHERE order_id = $1 ORDER BY at, message_id",
    "downloads": """
        SELECT d.on_day, t.filename, d.version, d.as_zip FROM download d LEFT JOIN transfer t ON t.id = d.transfer_id
        WHERE d.order_id = $1 ORDER BY d.on_day, t.filename, d.version""",
    "told_to_own_systems": """
        SELECT d.created_at AS at, d.kind, split_part(split_part(e.url, '://', 2), '/', 1) AS system
        FROM client_order o JOIN webhook_delivery d ON d.gallery_id = o.gallery_id
        JOIN webhook_endpoint e ON e.id = d.endpoint_id
        WHERE o.id = $1 AND d.body::jsonb #>> '{data,order_id}' = o.id::text ORDER BY d.id""",
}
"""By what each is called: what is listed of it."""


async def of_order(db: Database, order_id: UUID) -> dict[str, Any] | None:
    """Contact, order, payments, mails, what happened, downloads, and what the studio's own systems were told."""
    async with db.pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        order = await connection.fetchval(_ORDER, order_id)
        if order is None:
            return None
        parts = {
            name: json.loads(
                await connection.fetchval(f"SELECT coalesce(json_agg(part), '[]') FROM ({query}) AS part", order_id)
            )
            for name, query in _PARTS.items()
        }
    return {**json.loads(order), **parts}
