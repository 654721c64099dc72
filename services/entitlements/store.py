"""What entitlements keeps of orders, finals, photos and confirmed matches, in SQL. Writing wants the gallery's lock."""

from collections.abc import Collection, Iterable
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
        order.status is OrderStatus.PAID and not order.client.erased,
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


async def put_photos(
    tx: Tx, gallery_id: UUID, photos: Collection[transfers.Photo]
) -> tuple[list[Candidate], list[str]]:
    """Keep photos; returns those that were neither known nor gone, and the keys of finals that may belong to them."""
    rows = await tx.fetch(
        """WITH put AS (
               INSERT INTO photo (id, gallery_id, filename, match_key)
               SELECT id, $1, filename, match_key FROM unnest($2::uuid[], $3::text[], $4::text[])
                   AS new (id, filename, match_key)
               WHERE NOT EXISTS (SELECT FROM gone WHERE gone.id = new.id)
               ON CONFLICT DO NOTHING
               RETURNING id, filename, match_key)
           SELECT *, match_key || ARRAY(SELECT c.transfer_key FROM confirmed_match c
               WHERE c.gallery_id = $1 AND c.photo_key = put.match_key) AS names
           FROM put""",
        gallery_id,
        [photo.id for photo in photos],
        [photo.filename for photo in photos],
        [photo.match_key for photo in photos],
    )
    new = [Candidate(row["id"], row["filename"], row["match_key"]) for row in rows]
    return new, [name for row in rows for name in row["names"]]


async def remove_photos(tx: Tx, gallery_id: UUID, photo_ids: list[UUID]) -> list[str]:
    """Forget photos for good; returns the keys of the finals that belong to them."""
    rows = await tx.fetch(
        """WITH buried AS (INSERT INTO gone (id, gallery_id) SELECT unnest($2::uuid[]), $1 ON CONFLICT DO NOTHING),
               removed AS (DELETE FROM photo WHERE id = ANY($2))
           SELECT DISTINCT match_key FROM final WHERE gallery_id = $1 AND photo_id = ANY($2)""",
        gallery_id,
        photo_ids,
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


async def unmatched_finals(tx: Tx, gallery_id: UUID) -> list[UnmatchedFinal]:
    """The gallery's finals that belong to no photo."""
    rows = await tx.fetch(
        "SELECT id, match_key, suggestions FROM final WHERE gallery_id = $1 AND photo_id IS NULL", gallery_id
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


async def forget_gallery(tx: Tx, gallery_id: UUID) -> int:
    """Delete all that is known of a gallery; lines and entitlements go with their orders. Returns how many of these."""
    entitlements: int = await tx.fetchval(
        "SELECT count(*) FROM entitlement e JOIN client_order o ON o.id = e.order_id WHERE o.gallery_id = $1",
        gallery_id,
    )
    await tx.execute(
        """WITH orders AS (DELETE FROM client_order WHERE gallery_id = $1),
               photos AS (DELETE FROM photo WHERE gallery_id = $1),
               finals AS (DELETE FROM final WHERE gallery_id = $1),
               matches AS (DELETE FROM confirmed_match WHERE gallery_id = $1)
           DELETE FROM gone WHERE gallery_id = $1""",
        gallery_id,
    )
    return entitlements
