"""Proofs: a page of the listing is one query that makes the JSON. Behind public links, pages are kept and compared."""

import json
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from chassis.db import Database, one_row
from services.gateway.reads.paging import after, sql_cursor

PAGES_KEPT = 64
"""Of 100 photos, 100 kB each."""

_FOR_STUDIO = """left(shown, -1) || format(',"size":%s,"sha256":"%s","ordered":%s}', size, sha256, (
    SELECT count(*) FROM order_line l JOIN client_order o ON o.id = l.order_id
    WHERE l.photo_id = photo.id AND o.status IN ('placed', 'paid')))"""


def _rest(gallery: str) -> str:
    """SQL for the photos from a cursor on. It is the key of the first item that it leads to."""
    return f"""FROM photo WHERE gallery_id = {gallery} AND ($3::text IS NULL OR (match_key, id) >= ($3, $4::uuid))
               ORDER BY match_key, id"""


def _version(gallery: str) -> str:
    """SQL for a number that changes with every row of a page."""
    rows = f"SELECT id, xmin {_rest(gallery)} LIMIT $1 + 1"
    return f"SELECT coalesce(bit_xor(uuid_hash_extended(id, xmin::text::bigint)), 0) FROM ({rows}) AS shown"


def _page(gallery: str, item: str) -> str:
    """SQL for a page and where the next one begins."""
    rest, cursor = _rest(gallery), sql_cursor("f.match_key, f.id")
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
    SELECT g.id, g.settings ->> 'access_code' AS access_code, ({_version("g.id")}) AS version
    FROM gallery g WHERE g.public_digest = $2"""
_SHOWN = f"SELECT ({_version('$2')}) AS version, page.body FROM ({_page('$2', 'shown')}) AS page"


_Page = tuple[bytes, str | None, int]


class _Kept(NamedTuple):
    version: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of proofs behind a public link, as JSON."""

    gallery_id: UUID
    access_code: str | None
    body: bytes


class PublicListings:
    """Proofs behind public links.

    Nearly all of a page is presigned URLs, 100 kB of them, and the same for hours. So a page that was sent is kept, and
    sent again while PostgreSQL says that it has the same rows in the same versions: nobody is shown what is gone.
    """

    def __init__(self, db: Database) -> None:
        self.db = db
        self._kept: OrderedDict[_Page, _Kept] = OrderedDict()

    async def page(self, digest: bytes, cursor: str | None, limit: int) -> Listing | None:
        """A page of the proofs, with what is needed to decide whether the caller may see it."""
        where = after(cursor, str, UUID)
        gallery = await self.db.pool.fetchrow(_BEHIND_LINK, limit, digest, *where)
        if gallery is None:
            return None
        kept = self._kept.get((digest, cursor, limit))
        if kept is None or kept.version != gallery["version"]:
            kept = _Kept(*await one_row(self.db.pool.fetchrow(_SHOWN, limit, gallery["id"], *where)))
            self._kept[digest, cursor, limit] = kept
        if len(self._kept) > PAGES_KEPT:
            self._kept.popitem(last=False)
        return Listing(gallery["id"], gallery["access_code"], kept.body)


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
