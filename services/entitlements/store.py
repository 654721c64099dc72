"""What entitlements keeps of orders, finals, photos and confirmed matches, in SQL. Writing wants the gallery's lock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter

from chassis.db import Tx
from contracts import transfers
from contracts.entitlements import Suggestion
from contracts.orders import Order, OrderStatus
from services.entitlements.rules import Candidate

SUGGESTIONS = TypeAdapter(tuple[Suggestion, ...])


@dataclass(frozen=True, slots=True)
class UnmatchedFinal:
    """A final that no photo has the name of, with what was suggested so far."""

    id: UUID
    match_key: str
    suggestions: tuple[Suggestion, ...]


async def put_order(tx: Tx, order: Order) -> bool:
    """Keep an order as of its revision. False when this or a later one is known."""
    known = await tx.fetchval(
        """WITH put AS (
               INSERT INTO client_order (id, gallery_id, paid, revision) VALUES ($1, $2, $3, $4)
               ON CONFLICT (id) DO UPDATE SET paid = excluded.paid, revision = excluded.revision
                   WHERE client_order.revision < excluded.revision
               RETURNING id, gallery_id),
           lines AS (
               INSERT INTO order_line (order_id, photo_id, gallery_id, match_key)
               SELECT id, line.photo_id, gallery_id, line.match_key
               FROM put, unnest($5::uuid[], $6::text[]) AS line (photo_id, match_key)
               ON CONFLICT DO NOTHING)
           SELECT id FROM put""",
        order.id,
        order.gallery_id,
        order.status is OrderStatus.PAID,
        order.revision,
        [line.photo_id for line in order.lines],
        [line.match_key for line in order.lines],
    )
    return known is not None


async def remove_finals(tx: Tx, gallery_id: UUID, transfer_ids: list[UUID]) -> list[str]:
    """Forget finals for good; returns the keys that they served, as far as they were known."""
    rows = await tx.fetch(
        """WITH buried AS (INSERT INTO gone (id, gallery_id) SELECT unnest($2::uuid[]), $1 ON CONFLICT DO NOTHING)
           DELETE FROM final WHERE id = ANY($2) RETURNING photo_key""",
        gallery_id,
        transfer_ids,
    )
    return [row["photo_key"] for row in rows]


async def put_photo(tx: Tx, photo: transfers.Photo) -> list[str] | None:
    """Keep a photo; returns the keys of finals that may belong to it. None when it is known or gone."""
    names: list[str] | None = await tx.fetchval(
        """WITH put AS (
               INSERT INTO photo (id, gallery_id, filename, match_key)
               SELECT $1, $2, $3, $4 WHERE NOT EXISTS (SELECT FROM gone WHERE id = $1)
               ON CONFLICT DO NOTHING
               RETURNING gallery_id, match_key)
           SELECT match_key || ARRAY(SELECT c.transfer_key FROM confirmed_match c
               WHERE c.gallery_id = put.gallery_id AND c.photo_key = put.match_key)
           FROM put""",
        photo.id,
        photo.gallery_id,
        photo.filename,
        photo.match_key,
    )
    return names


async def remove_photo(tx: Tx, gallery_id: UUID, photo_id: UUID) -> list[str]:
    """Forget a photo for good; returns the keys of the finals that belong to it."""
    rows = await tx.fetch(
        """WITH buried AS (INSERT INTO gone (id, gallery_id) VALUES ($2, $1) ON CONFLICT DO NOTHING),
               removed AS (DELETE FROM photo WHERE id = $2)
           SELECT DISTINCT match_key FROM final WHERE gallery_id = $1 AND photo_id = $2""",
        gallery_id,
        photo_id,
    )
    return [row["match_key"] for row in rows]


async def put_confirmed_match(
    tx: Tx, gallery_id: UUID, transfer_key: str, photo_id: UUID | None, photo_key: str | None, at: datetime
) -> None:
    """Remember what the photographer said about finals of a name, unless they have said something else since."""
    await tx.execute(
        """INSERT INTO confirmed_match (gallery_id, transfer_key, photo_id, photo_key, decided_at)
           VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (gallery_id, transfer_key) DO UPDATE
               SET photo_id = excluded.photo_id, photo_key = excluded.photo_key, decided_at = excluded.decided_at
               WHERE confirmed_match.decided_at < excluded.decided_at""",
        gallery_id,
        transfer_key,
        photo_id,
        photo_key,
        at,
    )


async def photos(tx: Tx, gallery_id: UUID, match_keys: Iterable[str] | None = None) -> list[Candidate]:
    """The gallery's photos; only those with these keys, if given."""
    rows = await tx.fetch(
        """SELECT id, filename, match_key FROM photo WHERE gallery_id = $1
           AND ($2::text[] IS NULL OR match_key = ANY($2))""",
        gallery_id,
        None if match_keys is None else list(match_keys),
    )
    return [Candidate(*row) for row in rows]


async def unmatched_finals(tx: Tx, gallery_id: UUID, suggested: UUID | None = None) -> list[UnmatchedFinal]:
    """The gallery's finals that belong to no photo; only those for which photo `suggested` is suggested, if given."""
    rows = await tx.fetch(
        """SELECT id, match_key, suggestions FROM final WHERE gallery_id = $1 AND photo_id IS NULL
           AND ($2::uuid IS NULL OR suggestions @> jsonb_build_array(jsonb_build_object('photo_id', $2)))""",
        gallery_id,
        suggested,
    )
    return [UnmatchedFinal(row["id"], row["match_key"], SUGGESTIONS.validate_json(row["suggestions"])) for row in rows]


async def put_suggestions(tx: Tx, suggested: dict[UUID, tuple[Suggestion, ...]]) -> None:
    """Replace the suggestions of these finals."""
    await tx.execute(
        """UPDATE final SET suggestions = new.suggestions
           FROM unnest($1::uuid[], $2::jsonb[]) AS new (id, suggestions) WHERE final.id = new.id""",
        list(suggested),
        [SUGGESTIONS.dump_json(suggestions).decode() for suggestions in suggested.values()],
    )


async def forget_gallery(tx: Tx, gallery_id: UUID) -> None:
    """Delete all that is known of a gallery; lines and entitlements go with their orders."""
    await tx.execute(
        """WITH orders AS (DELETE FROM client_order WHERE gallery_id = $1),
               photos AS (DELETE FROM photo WHERE gallery_id = $1),
               finals AS (DELETE FROM final WHERE gallery_id = $1),
               matches AS (DELETE FROM confirmed_match WHERE gallery_id = $1)
           DELETE FROM gone WHERE gallery_id = $1""",
        gallery_id,
    )
