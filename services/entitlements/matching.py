"""The matching itself, in SQL: what has to be, made so, and what changed by that."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from asyncpg import Record

from chassis.db import Tx, one_row
from contracts.entitlements import Grant, Suggestion
from contracts.transfers import Final
from services.entitlements.store import SUGGESTIONS


@dataclass(frozen=True, slots=True)
class Belonging:
    """To which photo a final belongs, by its name or by hand."""

    photo_id: UUID | None
    by_hand: bool
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class MovedFinal:
    """A final that now belongs elsewhere. `photo_keys` are what it served and what it serves now."""

    id: UUID
    match_key: str
    photo_keys: tuple[str, ...]
    photo_id: UUID | None
    by_hand: bool


@dataclass(slots=True)
class Changes:
    """What a reconciliation changed."""

    granted: list[Grant] = field(default_factory=list)
    revoked: list[Grant] = field(default_factory=list)
    ready: list[UUID] = field(default_factory=list)
    not_ready: list[UUID] = field(default_factory=list)


async def lock_gallery(tx: Tx, gallery_id: UUID) -> int:
    """Wait until no other transaction decides about the gallery (rule 4); returns this one's revision."""
    revision: int = await tx.fetchval(
        """WITH locked AS MATERIALIZED (
               SELECT pg_advisory_xact_lock(hashtextextended('entitlements:' || $1::uuid, 0)))
           SELECT nextval('revision') FROM locked""",
        gallery_id,
    )
    return revision


async def put_finals(tx: Tx, finals: Iterable[Final]) -> list[MovedFinal]:
    """Keep finals. Those are left out that are known (their later versions have the same key) or gone."""
    rows = await tx.fetchmany(
        """INSERT INTO final (id, gallery_id, match_key, photo_key, photo_id, by_hand)
           SELECT $1, $2, $3, photo_key, photo_id, by_hand FROM belonging($2, $3)
           WHERE NOT EXISTS (SELECT FROM gone WHERE id = $1)
           ON CONFLICT DO NOTHING
           RETURNING *, ARRAY[photo_key] AS photo_keys""",
        [(final.id, final.gallery_id, final.match_key) for final in finals],
    )
    return [_moved(row) for row in rows]


async def rematch(tx: Tx, gallery_id: UUID, match_keys: list[str]) -> list[MovedFinal]:
    """Put the finals of these names where they belong now; returns those that moved, without suggestions."""
    rows = await tx.fetch(
        """WITH moved AS (
               SELECT f.id, f.photo_key AS left_key, now.*
               FROM final f CROSS JOIN LATERAL belonging(f.gallery_id, f.match_key) AS now
               WHERE f.gallery_id = $1 AND f.match_key = ANY($2)
                   AND (f.photo_key, f.photo_id, f.by_hand) IS DISTINCT FROM (now.photo_key, now.photo_id, now.by_hand))
           UPDATE final f
           SET photo_key = moved.photo_key, photo_id = moved.photo_id, by_hand = moved.by_hand, suggestions = '[]'
           FROM moved WHERE f.id = moved.id
           RETURNING f.*, ARRAY[moved.left_key, moved.photo_key] AS photo_keys""",
        gallery_id,
        match_keys,
    )
    return [_moved(row) for row in rows]


async def reconcile(tx: Tx, gallery_id: UUID, order_id: UUID | None, photo_keys: Iterable[str]) -> Changes:
    """Make entitlements and readiness of one order, and of all lines with these keys, what they have to be."""
    # OFFSET 0, LIMIT 1 and ctid hold the planner to one index look-up a line: going by the statistics of smaller
    # galleries, or none, it would read a large one whole, each time.
    rows = await tx.fetch(
        """WITH line AS (
               SELECT order_id, photo_id, match_key FROM order_line WHERE order_id = $2
               UNION
               SELECT order_id, photo_id, match_key FROM order_line WHERE gallery_id = $1 AND match_key = ANY($3)),
           deserved AS (
               SELECT l.order_id, l.photo_id, f.id AS transfer_id
               FROM line l JOIN client_order o ON o.id = l.order_id CROSS JOIN LATERAL (
                   SELECT id FROM final WHERE gallery_id = $1 AND photo_key = l.match_key OFFSET 0) f
               WHERE o.paid),
           present AS (
               SELECT e.* FROM line l CROSS JOIN LATERAL (
                   SELECT *, ctid FROM entitlement WHERE order_id = l.order_id AND photo_id = l.photo_id OFFSET 0) e),
           revoked AS (
               DELETE FROM entitlement WHERE ctid = ANY (ARRAY(
                   SELECT ctid FROM present
                   WHERE (order_id, photo_id, transfer_id) NOT IN (SELECT * FROM deserved)))
               RETURNING *),
           granted AS (
               INSERT INTO entitlement SELECT * FROM deserved ON CONFLICT DO NOTHING RETURNING *),
           turned AS (
               UPDATE client_order o SET ready = NOT ready
               WHERE id IN (SELECT order_id FROM line) AND ready <> (paid AND NOT EXISTS (
                   SELECT FROM order_line l WHERE l.order_id = o.id AND (
                       SELECT id FROM final WHERE gallery_id = $1 AND photo_key = l.match_key LIMIT 1) IS NULL))
               RETURNING id, ready)
           SELECT 'granted' AS what, * FROM granted
           UNION ALL SELECT 'revoked', * FROM revoked
           UNION ALL SELECT CASE WHEN ready THEN 'ready' ELSE 'not_ready' END, id, NULL, NULL FROM turned""",
        gallery_id,
        order_id,
        list(photo_keys),
    )
    return _changes(rows)


async def grants_of(tx: Tx, order_ids: Iterable[UUID]) -> dict[UUID, list[Grant]]:
    """All that each of these orders may download."""
    rows = await tx.fetch(
        "SELECT order_id, photo_id, transfer_id FROM entitlement WHERE order_id = ANY($1)", list(order_ids)
    )
    grants: defaultdict[UUID, list[Grant]] = defaultdict(list)
    for row in rows:
        grants[row["order_id"]].append(Grant(**row))
    return grants


async def belonging(tx: Tx, gallery_id: UUID, transfer_id: UUID, match_key: str) -> Belonging:
    """Where a final of this name belongs, whether or not it was heard of."""
    row = await one_row(
        tx.fetchrow(
            """SELECT now.photo_id, now.by_hand, coalesce(f.suggestions, '[]') AS suggestions
               FROM belonging($1, $3) AS now LEFT JOIN final f ON f.id = $2""",
            gallery_id,
            transfer_id,
            match_key,
        )
    )
    return Belonging(row["photo_id"], row["by_hand"], SUGGESTIONS.validate_json(row["suggestions"]))


def _moved(row: Record) -> MovedFinal:
    return MovedFinal(row["id"], row["match_key"], tuple(row["photo_keys"]), row["photo_id"], row["by_hand"])


def _changes(rows: list[Record]) -> Changes:
    changes = Changes()
    for what, order_id, photo_id, transfer_id in rows:
        match what:
            case "granted":
                changes.granted.append(Grant(order_id=order_id, photo_id=photo_id, transfer_id=transfer_id))
            case "revoked":
                changes.revoked.append(Grant(order_id=order_id, photo_id=photo_id, transfer_id=transfer_id))
            case "ready":
                changes.ready.append(order_id)
            case _:
                changes.not_ready.append(order_id)
    return changes
