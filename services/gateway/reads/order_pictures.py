"""The pictures of an order: each ordered photo with its finals, and what has become of them."""

import json
from typing import Any
from uuid import UUID

from chassis.db import Database

_PICTURES = """
    SELECT l.filename, p.shown::json -> 'previews' ->> 'small' AS proof, p.width, p.height,
        (SELECT max(on_day) FROM download d
         WHERE d.order_id = l.order_id AND d.transfer_id = ANY(array_agg(t.id))) AS downloaded_on,
        coalesce(json_agg(json_build_object(
            'filename', t.filename, 'preview', t.preview_url, 'version', t.version, 'stored_at', t.stored_at)
            ORDER BY t.match_key, t.id) FILTER (WHERE t.id IS NOT NULL), '[]') AS finals
    FROM order_line l LEFT JOIN photo p ON p.id = l.photo_id
    LEFT JOIN transfer_match m ON m.gallery_id = l.gallery_id AND m.photo_id = l.photo_id
    LEFT JOIN transfer t ON t.id = m.transfer_id
    WHERE l.order_id = $1 GROUP BY l.order_id, l.photo_id, p.id ORDER BY l.position"""


async def of_order(db: Database, order_id: UUID) -> list[dict[str, Any]]:
    """In the order of the client's choice; `proof` is None when the photo is not in the gallery any more."""
    rows = await db.pool.fetch(_PICTURES, order_id)
    return [dict(row) | {"finals": json.loads(row["finals"])} for row in rows]
