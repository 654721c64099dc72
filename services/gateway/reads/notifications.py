"""Who would be mailed and who not, before *Notify clients* is pressed; and how the mails are doing after it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Database, one_row
from services.gateway.reads.orders import FROM, GOES_ON

_NAMED = """json_build_object('id', o.id, 'number', o.number,
    'client', json_build_object('name', o.client ->> 'name', 'email', o.client ->> 'email'))"""
_LIST = """CASE
    WHEN o.status = 'placed' THEN 'unpaid'
    WHEN n.state IN ('failed', 'unknown') THEN 'failed'
    WHEN n.state IN ('queued', 'sending', 'sent') OR n.sent_at IS NOT NULL THEN 'already_emailed'
    WHEN r.ready THEN 'will_email'
    ELSE 'waiting' END"""
_MISSING = """(
    SELECT coalesce(json_agg(l.filename ORDER BY l.position), '[]') FROM order_line l
    WHERE l.order_id = listed.id AND NOT EXISTS (
        SELECT FROM entitlement e WHERE e.order_id = l.order_id AND e.photo_id = l.photo_id AND e.granted))"""
_SHOWN = f"""CASE list
    WHEN 'waiting' THEN json_build_object('order', named, 'missing', {_MISSING})
    WHEN 'failed' THEN json_build_object(
        'id', named -> 'id', 'number', named -> 'number', 'client', named -> 'client', 'state', state, 'error', error)
    ELSE named END"""
_LISTS = ("will_email", "already_emailed", "unpaid", "waiting", "failed")
_MEMBERS = ", ".join(
    f"'{name}', coalesce(json_agg(shown ORDER BY number) FILTER (WHERE list = '{name}'), '[]')" for name in _LISTS
)
_FROM = f"""
    {FROM} WHERE o.gallery_id = $1 AND {GOES_ON}"""
_PREVIEW = f"""
    SELECT convert_to(json_build_object({_MEMBERS})::text, 'UTF8')
    FROM (SELECT list, number, {_SHOWN} AS shown
          FROM (SELECT o.id, o.number, n.state, n.error, {_LIST} AS list, {_NAMED} AS named
                {_FROM}) AS listed) AS lists"""

_LISTED = f"""
    SELECT *, count(*) OVER (PARTITION BY list) AS total,
        row_number() OVER (PARTITION BY list ORDER BY number) AS place
    FROM (SELECT o.id, o.number, o.client, o.amount, o.currency, n.state, n.error, n.sent_at,
              CASE WHEN n.state IN ('queued', 'sending') AND o.status = 'paid' THEN 'under_way' ELSE {_LIST} END AS list
          {_FROM}) AS orders"""
_FIRST = f"""
    SELECT list, max(total) AS total, json_agg(json_build_object(
        'id', id, 'number', number, 'client', client,
        'total', json_build_object('amount', amount, 'currency', currency), 'state', state, 'error', error,
        'sent_at', sent_at,
        'missing', CASE WHEN list = 'waiting' THEN {_MISSING} END) ORDER BY number) AS orders
    FROM ({_LISTED}) AS listed WHERE place <= $2 GROUP BY list"""
_ROUND = """
    WITH asked AS (
        SELECT n.state, n.asked_at FROM notification n JOIN client_order o ON o.id = n.order_id
        WHERE n.gallery_id = $1 AND n.state <> 'none' AND o.status = 'paid')
    SELECT count(*) AS mails, count(*) FILTER (WHERE state = 'sent') AS sent,
        count(*) FILTER (WHERE state IN ('failed', 'unknown')) AS failed, max(asked_at) AS asked_at
    FROM asked WHERE asked_at >= (
        SELECT coalesce(min(asked_at) FILTER (WHERE state IN ('queued', 'sending')), max(asked_at)) FROM asked)"""


@dataclass(frozen=True, slots=True)
class Listed:
    """How many orders are in a list, and the first of them: as the API's, with `total`, mail `state`, `missing`."""

    count: int = 0
    orders: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Round:
    """The mails that were asked for last; while any of them is under way, with all asked for since the first such."""

    mails: int
    sent: int
    failed: int
    asked_at: datetime | None

    @property
    def under_way(self) -> int:
        """Those that wait to be sent, or are being sent just now."""
        return self.mails - self.sent - self.failed


@dataclass(frozen=True, slots=True)
class Preflight:
    """The lists of the preview, and `under_way` beside them for who is being mailed just now; and the latest round."""

    will_email: Listed
    under_way: Listed
    already_emailed: Listed
    unpaid: Listed
    waiting: Listed
    failed: Listed
    round: Round

    @property
    def orders(self) -> int:
        """In all lists."""
        lists = (self.will_email, self.under_way, self.already_emailed, self.unpaid, self.waiting, self.failed)
        return sum(each.count for each in lists)


async def preview(db: Database, gallery_id: UUID) -> bytes:
    """Every placed or paid order of a gallery in one of five lists, as JSON.

    Who waits in the queue or is being mailed just now counts as mailed already: pressing again mails nobody twice.
    """
    body: bytes = await db.pool.fetchval(_PREVIEW, gallery_id)
    return body


async def preflight(db: Database, gallery_id: UUID, most: int) -> Preflight:
    """The preview for the page: of each list `most` orders and how many there are."""
    async with db.pool.acquire() as connection:
        lists = await connection.fetch(_FIRST, gallery_id, most)
        latest = await one_row(connection.fetchrow(_ROUND, gallery_id))
    listed = {row["list"]: Listed(row["total"], tuple(json.loads(row["orders"]))) for row in lists}
    return Preflight(**{name: listed.get(name, Listed()) for name in (*_LISTS, "under_way")}, round=Round(*latest))
