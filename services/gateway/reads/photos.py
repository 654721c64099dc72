"""Proofs: a page of the listing is one query that makes the JSON."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.db import Database
from services.gateway.reads.paging import after, sql_cursor

_FOR_STUDIO = """left(shown, -1) || format(',"size":%s,"sha256":"%s","ordered":%s}', size, sha256, (
    SELECT count(*) FROM order_line l JOIN client_order o ON o.id = l.order_id
    WHERE l.photo_id = photo.id AND o.status IN ('placed', 'paid')))"""


def _page(gallery: str, item: str) -> str:
    """SQL for a page and where the next one begins. A cursor is the key of the first item that it leads to."""
    rest = f"""FROM photo WHERE gallery_id = {gallery} AND ($3::text IS NULL OR (match_key, id) >= ($3, $4::uuid))
               ORDER BY match_key, id"""
    cursor = sql_cursor("f.match_key, f.id")
    return f"""
        SELECT convert_to(concat(
            '{{"items":[', (SELECT string_agg(item, ',') FROM (SELECT {item} AS item {rest} LIMIT $1) shown),
            '],"next":', CASE WHEN f.id IS NULL THEN 'null' ELSE concat('"', {cursor}, '"') END, '}}'), 'UTF8') AS body
        FROM (SELECT) one LEFT JOIN LATERAL (SELECT match_key, id {rest} OFFSET $1 LIMIT 1) f ON true"""


_OF_GALLERY = _page("$2", _FOR_STUDIO)
_SHEET = f"""
    SELECT {_FOR_STUDIO} FROM (
        SELECT * FROM photo WHERE gallery_id = $1 ORDER BY match_key, id OFFSET $2 LIMIT $3) photo"""
_SHEETS = """
    SELECT md5(string_agg(concat_ws(' ', p.id, o.times, p.signed_until), ',' ORDER BY p.place)) AS version FROM (
        SELECT id, signed_until, row_number() OVER (ORDER BY match_key, id) - 1 AS place
        FROM photo WHERE gallery_id = $1) p
    LEFT JOIN (
        SELECT l.photo_id, count(*) AS times FROM order_line l JOIN client_order c ON c.id = l.order_id
        WHERE l.gallery_id = $1 AND c.status IN ('placed', 'paid') GROUP BY l.photo_id) o ON o.photo_id = p.id
    GROUP BY p.place / $2 ORDER BY p.place / $2"""
_BEHIND_LINK = f"""
    SELECT g.id, g.settings ->> 'access_code' AS access_code, listing.body
    FROM gallery g CROSS JOIN LATERAL ({_page("g.id", "shown")}) AS listing WHERE g.public_digest = $2"""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of proofs behind a public link, as JSON."""

    gallery_id: UUID
    access_code: str | None
    body: bytes


async def of_gallery(db: Database, gallery_id: UUID, cursor: str | None, limit: int) -> bytes:
    """A page of a gallery's proofs, as its studio sees them."""
    body: bytes = await db.pool.fetchval(_OF_GALLERY, limit, gallery_id, *after(cursor, str, UUID))
    return body


async def sheet(db: Database, gallery_id: UUID, first: int, size: int) -> list[dict[str, Any]]:
    """`size` of a gallery's proofs by name, from the one at place `first` (0, 1, …), as its studio sees them."""
    rows = await db.pool.fetch(_SHEET, gallery_id, first, size)
    return [json.loads(row[0]) for row in rows]


async def sheets(db: Database, gallery_id: UUID, size: int) -> list[str]:
    """The versions of all sheets of `size` proofs: each is another one when what its sheet shows has changed."""
    return [row["version"] for row in await db.pool.fetch(_SHEETS, gallery_id, size)]


async def behind_link(db: Database, digest: bytes, cursor: str | None, limit: int) -> Listing | None:
    """A page of the proofs behind a public link, with what is needed to decide whether the caller may see it."""
    row = await db.pool.fetchrow(_BEHIND_LINK, limit, digest, *after(cursor, str, UUID))
    return Listing(row["id"], row["access_code"], row["body"]) if row else None


async def names_of(db: Database, gallery_id: UUID, photo_ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    """File name and match key of those of the photos that are in the gallery."""
    rows = await db.pool.fetch(
        "SELECT id, filename, match_key FROM photo WHERE gallery_id = $1 AND id = ANY($2)", gallery_id, photo_ids
    )
    return {row["id"]: (row["filename"], row["match_key"]) for row in rows}


async def keys_among(db: Database, gallery_id: UUID, match_keys: list[str]) -> set[str]:
    """Those of the match keys that a photo of the gallery has."""
    rows = await db.pool.fetch(
        "SELECT match_key FROM photo WHERE gallery_id = $1 AND match_key = ANY($2)", gallery_id, match_keys
    )
    return {row["match_key"] for row in rows}
