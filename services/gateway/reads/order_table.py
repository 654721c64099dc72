"""**Client orders**: a page of those that a filter and a search find, their total, and how many each filter finds."""

import json
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from chassis.db import Database, one_row
from services.gateway.reads.orders import FACTS, FROM, READY, TO_DELIVER, WAITING
from services.gateway.signing import Signer

Filter = Literal["all", "unpaid", "waiting", "ready", "mailed", "failed", "ended"]
PAGE = 50

_FILTERS: dict[Filter, str] = {
    "all": "true",
    "unpaid": "status = 'placed'",
    "waiting": "waiting",
    "ready": "ready AND sent_at IS NULL AND mail NOT IN ('failed', 'unknown')",
    "mailed": "sent_at IS NOT NULL",
    "failed": "to_deliver AND mail IN ('failed', 'unknown')",
    "ended": "status IN ('refunded', 'cancelled')",
}
"""SQL; `ready`: not mailed yet."""

_FOUND = f"""
    SELECT o.id, o.number, o.status, o.amount, o.currency, {TO_DELIVER} AS to_deliver,
        {READY} AS ready, {WAITING} AS waiting, n.sent_at, coalesce(n.state, 'none') AS mail
    {FROM}
    WHERE o.gallery_id = $1 AND (
        $2 = '' OR strpos(lower(o.client ->> 'name'), lower($2)) > 0 OR strpos(o.email, lower($2)) > 0
        OR o.number::text = ltrim($2, '#')
        OR o.id IN (
            SELECT order_id FROM order_line WHERE gallery_id = $1 AND strpos(lower(filename), lower($2)) > 0))"""
_TOTALS = """
    SELECT currency, sum(amount) FILTER (WHERE status IN ('placed', 'paid')) AS total,
        sum(amount) FILTER (WHERE status = 'placed') AS unpaid,
        sum(amount) FILTER (WHERE status IN ('refunded', 'cancelled')) AS ended
    FROM shown GROUP BY currency ORDER BY total DESC NULLS LAST, currency"""
_FILES = """
    SELECT l.order_id, json_build_object(
        'ordered', count(*), 'here', count(f.photo_id), 'granted', EXISTS (
            SELECT FROM entitlement e WHERE e.order_id = l.order_id AND e.granted)) AS files
    FROM page JOIN order_line l ON l.order_id = page.id LEFT JOIN (
        SELECT DISTINCT m.photo_id FROM transfer_match m JOIN transfer t ON t.id = m.transfer_id
        WHERE m.gallery_id = $1) f ON f.photo_id = l.photo_id
    GROUP BY l.order_id"""


def _query(show: Filter) -> str:
    counts = ", ".join(f"'{name}', count(*) FILTER (WHERE {condition})" for name, condition in _FILTERS.items())
    return f"""
        WITH found AS MATERIALIZED ({_FOUND}),
        shown AS MATERIALIZED (SELECT * FROM found WHERE {_FILTERS[show]}),
        page AS (SELECT id FROM shown ORDER BY number DESC LIMIT {PAGE}
                 OFFSET (SELECT least($3, (count(*) - 1) / {PAGE}) * {PAGE} FROM shown)),
        files AS ({_FILES})
        SELECT (SELECT json_build_object({counts}) FROM found) AS counts,
            (SELECT coalesce(json_agg(totals), '[]') FROM ({_TOTALS}) AS totals) AS totals,
            (SELECT coalesce(json_agg(json_build_object(
                 {FACTS}, 'link_rotation', o.link_rotation, 'files', files.files) ORDER BY o.number DESC), '[]')
             {FROM} JOIN files ON files.order_id = o.id) AS orders"""


@dataclass(frozen=True, slots=True)
class Table:
    """A page of orders, newest first; `totals` by currency, of all that is shown, not of this page alone."""

    orders: list[dict[str, Any]]
    totals: list[dict[str, Any]]
    """`{currency, total, unpaid, ended}` in minor units; what was refunded or cancelled (`ended`) is not in `total`."""
    counts: dict[Filter, int]
    page: int
    """From 1."""
    pages: int


async def of_gallery(db: Database, signer: Signer, gallery_id: UUID, show: Filter, sought: str, page: int) -> Table:
    """Page `page` of a gallery's orders, the last one when there are fewer; `sought`: part of what stands in them."""
    row = await one_row(db.pool.fetchrow(_query(show), gallery_id, sought, page - 1))
    counts = json.loads(row["counts"])
    orders = [_with_link(order, signer) for order in json.loads(row["orders"])]
    pages = max(1, -(-counts[show] // PAGE))
    return Table(orders, json.loads(row["totals"]), counts, min(page, pages), pages)


def _with_link(order: dict[str, Any], signer: Signer) -> dict[str, Any]:
    """The order with its personal link in place of the number that the link is made from."""
    rotation = order.pop("link_rotation")
    return order | {"client_url": signer.client_url_of(UUID(order["id"]), rotation)}
