"""**Photo transfer**: the photos that are ordered or have a final, each beside its finals."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from chassis.db import Database
from services.gateway.reads.orders import GOES_ON
from services.gateway.reads.transfers import FROM

Filter = Literal["all", "here", "missing", "by-hand"]
PAGE = 60

_FILTERS: dict[Filter, str] = {
    "all": "true",
    "here": "transfer_id IS NOT NULL",
    "missing": "transfer_id IS NULL",
    "by-hand": "by_hand",
}
_PAIRS = f"""
    SELECT ph.id, ph.filename, ph.match_key, ph.shown, t.id AS transfer_id, t.filename AS final, t.preview_url,
        t.version, t.stored_at, coalesce(t.by_hand, false) AS by_hand,
        coalesce(o.paid, 0) AS paid, coalesce(o.unpaid, 0) AS unpaid
    FROM photo ph
    LEFT JOIN (SELECT t.*, m.by_hand, p.photo_id {FROM} WHERE t.gallery_id = $1) t ON t.photo_id = ph.id
    LEFT JOIN (
        SELECT l.photo_id, count(*) FILTER (WHERE o.status = 'paid') AS paid,
            count(*) FILTER (WHERE o.status = 'placed') AS unpaid
        FROM order_line l JOIN client_order o ON o.id = l.order_id
        WHERE l.gallery_id = $1 AND {GOES_ON} GROUP BY l.photo_id) o ON o.photo_id = ph.id
    WHERE ph.gallery_id = $1 AND (t.id IS NOT NULL OR o.photo_id IS NOT NULL)"""
_COUNTS = ", ".join(f"'{name}', count(*) FILTER (WHERE {condition})" for name, condition in _FILTERS.items())


@dataclass(frozen=True, slots=True)
class Pair:
    """A photo, one of its finals where there is any, and how many paid and unpaid orders the photo is on."""

    photo_id: UUID
    filename: str
    proof: str
    """URL of its preview."""
    transfer_id: UUID | None
    final: str | None
    """File name."""
    preview: str | None
    version: int | None
    stored_at: datetime | None
    by_hand: bool
    paid: int
    unpaid: int

    @property
    def orders(self) -> int:
        """Paid and unpaid."""
        return self.paid + self.unpaid


@dataclass(frozen=True, slots=True)
class Pairs:
    """A page of pairs by name. `ordered` photos there are in all, and `here`: so many of them have a final."""

    pairs: list[Pair]
    counts: dict[Filter, int]
    """Of what is sought."""
    page: int
    """From 1."""
    pages: int
    ordered: int
    here: int


def _query(show: Filter) -> str:
    return f"""
        WITH pair AS MATERIALIZED ({_PAIRS}),
        found AS (SELECT * FROM pair WHERE $2 = '' OR strpos(lower(filename), lower($2)) > 0
                                         OR strpos(lower(final), lower($2)) > 0),
        shown AS (SELECT * FROM found WHERE {_FILTERS[show]}),
        page AS (SELECT * FROM shown ORDER BY match_key, final, transfer_id LIMIT {PAGE}
                 OFFSET (SELECT least($3, (count(*) - 1) / {PAGE}) * {PAGE} FROM shown))
        SELECT (SELECT json_build_object({_COUNTS}) FROM found) AS counts,
            (SELECT count(DISTINCT id) FROM pair WHERE paid + unpaid > 0) AS ordered,
            (SELECT count(DISTINCT id) FROM pair WHERE paid + unpaid > 0 AND transfer_id IS NOT NULL) AS here,
            page.id, filename, shown::json -> 'previews' ->> 'small' AS proof, transfer_id, final, preview_url, version,
            stored_at, by_hand, paid, unpaid
        FROM (SELECT) one LEFT JOIN page ON true ORDER BY match_key, final, transfer_id"""


async def of_gallery(db: Database, gallery_id: UUID, show: Filter, sought: str, page: int) -> Pairs:
    """Page `page` of those that a filter finds, the last one when there are fewer; `sought`: part of a file name."""
    rows = await db.pool.fetch(_query(show), gallery_id, sought, page - 1)
    counts, ordered, here = rows[0][:3]
    pairs = [Pair(*row[3:]) for row in rows if row["id"]]
    counted = json.loads(counts)
    pages = max(1, -(-counted[show] // PAGE))
    return Pairs(pairs, counted, min(page, pages), pages, ordered, here)
