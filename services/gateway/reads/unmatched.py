"""Finals that belong to no photo, with the photos that they may belong to; and those that were matched by hand."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.db import Database, one_row
from services.gateway.reads.orders import GOES_ON
from services.gateway.reads.transfers import FROM

_PHOTO = "json_build_object('id', s.id, 'filename', s.filename, 'preview', s.shown::json -> 'previews' ->> 'small')"
_SUGGESTED = f"""
    (SELECT json_agg({_PHOTO} ORDER BY rank)
     FROM json_array_elements(m.suggestions) WITH ORDINALITY AS suggestion (of, rank)
     JOIN photo s ON s.id = (suggestion.of ->> 'photo_id')::uuid)"""
_FINAL = "'id', t.id, 'filename', t.filename, 'preview', t.preview_url"
_UNMATCHED = f"""
    SELECT (SELECT count(*) {FROM} WHERE t.gallery_id = $1 AND p.photo_id IS NULL) AS count, (
        SELECT coalesce(json_agg(item ORDER BY match_key, id), '[]')
        FROM (SELECT t.match_key, t.id, json_build_object({_FINAL}, 'suggestions', coalesce({_SUGGESTED}, '[]')) AS item
              {FROM} WHERE t.gallery_id = $1 AND p.photo_id IS NULL ORDER BY t.match_key, t.id LIMIT $2) AS items
        ) AS finals, (
        SELECT coalesce(json_agg(item ORDER BY revision DESC), '[]')
        FROM (SELECT m.revision, json_build_object({_FINAL}, 'photo', {_PHOTO}) AS item
              FROM transfer_match m JOIN transfer t ON t.id = m.transfer_id JOIN photo s ON s.id = m.photo_id
              WHERE m.gallery_id = $1 AND m.by_hand ORDER BY m.revision DESC LIMIT $3) AS items) AS matched"""
_IS_WAITED_FOR = f"""
    s.id IN (SELECT l.photo_id FROM order_line l JOIN client_order o ON o.id = l.order_id
             WHERE l.gallery_id = $1 AND {GOES_ON})
    AND s.id NOT IN (SELECT m.photo_id FROM transfer_match m JOIN transfer t ON t.id = m.transfer_id
                     WHERE m.gallery_id = $1 AND m.photo_id IS NOT NULL)"""
_FOUND = f"""
    SELECT {_PHOTO} FROM (
        SELECT s.*, row_number() OVER (
            ORDER BY strpos(lower(s.filename), lower($2)), ({_IS_WAITED_FOR}) DESC, s.match_key) AS place
        FROM photo s WHERE s.gallery_id = $1 AND strpos(lower(s.filename), lower($2)) > 0) s
    WHERE place <= $3 ORDER BY place"""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """How many finals belong to no photo; the first of them by name with `suggestions`, best first; and those
    matched by hand last, each with its `photo`. Photos and finals have `id`, `filename` and `preview`."""

    count: int
    finals: list[dict[str, Any]]
    matched: list[dict[str, Any]]


async def of_gallery(db: Database, gallery_id: UUID, most: int, most_matched: int) -> Unmatched:
    """At most so many of each kind."""
    count, finals, matched = await one_row(db.pool.fetchrow(_UNMATCHED, gallery_id, most, most_matched))
    return Unmatched(count, json.loads(finals), json.loads(matched))


async def photos_named(db: Database, gallery_id: UUID, sought: str, most: int) -> list[dict[str, Any]]:
    """Photos that have `sought` in their names, those that begin with it first, and of these the ordered that lack a
    final first."""
    return [json.loads(row[0]) for row in await db.pool.fetch(_FOUND, gallery_id, sought, most)]
