"""All SQL of the orders service."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record
from pydantic import TypeAdapter

from chassis.db import Tx, one_row
from contracts.base import Money
from contracts.orders import Client, Gallery, GallerySettings, Order, OrderLine, OrderStatus, Studio

_OUTDATED = "(settings ->> 'keep_until')::timestamptz <= now()"
_LINES = TypeAdapter(tuple[OrderLine, ...])


@dataclass(frozen=True, slots=True)
class NumberedGallery:
    """A gallery in which an order has just taken its number."""

    gallery: Gallery
    number: int


@dataclass(frozen=True, slots=True)
class DeletedGallery:
    """Whose it was, and how many orders went with it."""

    studio_id: UUID
    orders: int


async def put_studio(tx: Tx, studio: Studio) -> Studio:
    """Keep what is newer of the studio and return it; others who open or rename for this studio wait for the commit."""
    card: str = await tx.fetchval(
        """INSERT INTO studio AS known (id, card, revision) VALUES ($1, $2, $3)
           ON CONFLICT (id) DO UPDATE SET revision = greatest(known.revision, excluded.revision),
               card = CASE WHEN excluded.revision > known.revision THEN excluded.card ELSE known.card END
           RETURNING card""",
        studio.id,
        studio.model_dump_json(),
        studio.revision,
    )
    return Studio.model_validate_json(card)


async def rename_studio(tx: Tx, studio: Studio) -> list[Gallery]:
    """Put a studio's card into all of its galleries that have an older one; returns these."""
    rows = await tx.fetch(
        """UPDATE gallery SET studio = $2, revision = revision + 1
           WHERE studio ->> 'id' = $1 AND coalesce((studio ->> 'revision')::int, 0) < $3 RETURNING *""",
        str(studio.id),
        studio.model_dump_json(),
        studio.revision,
    )
    return [_gallery(row) for row in rows]


async def add_gallery(tx: Tx, gallery: Gallery) -> None:
    """Insert a new gallery."""
    await tx.execute(
        "INSERT INTO gallery (id, studio, settings, opened_at, revision) VALUES ($1, $2, $3, $4, $5)",
        gallery.id,
        gallery.studio.model_dump_json(),
        gallery.settings.model_dump_json(),
        gallery.opened_at,
        gallery.revision,
    )


async def lock_gallery(tx: Tx, gallery_id: UUID) -> Gallery | None:
    """The gallery, locked until the commit."""
    row = await tx.fetchrow("SELECT * FROM gallery WHERE id = $1 FOR UPDATE", gallery_id)
    return _gallery(row) if row else None


async def change_gallery(tx: Tx, gallery_id: UUID, settings: GallerySettings) -> Gallery:
    """Replace the settings of a locked gallery."""
    row = await one_row(
        tx.fetchrow(
            "UPDATE gallery SET settings = $2, revision = revision + 1 WHERE id = $1 RETURNING *",
            gallery_id,
            settings.model_dump_json(),
        )
    )
    return _gallery(row)


async def has_orders(tx: Tx, gallery_id: UUID) -> bool:
    """Whether anybody has ordered in the gallery, whatever became of the order."""
    return bool(await tx.fetchval("SELECT EXISTS (SELECT FROM client_order WHERE gallery_id = $1)", gallery_id))


async def outdated_galleries(tx: Tx) -> list[UUID]:
    """Galleries that were to be kept until now, the oldest first."""
    rows = await tx.fetch(f"SELECT id FROM gallery WHERE {_OUTDATED} ORDER BY id")
    return [row["id"] for row in rows]


async def delete_gallery(tx: Tx, gallery_id: UUID, *, only_outdated: bool = False) -> DeletedGallery | None:
    """Delete a gallery with its orders. None when it was not there, or, if so wanted, is to be kept any longer."""
    row = await tx.fetchrow(
        f"""WITH gone AS (DELETE FROM gallery WHERE id = $1 AND (NOT $2 OR {_OUTDATED}) RETURNING id, studio)
            SELECT (studio ->> 'id')::uuid AS studio_id,
                (SELECT count(*) FROM client_order WHERE gallery_id = gone.id) AS orders
            FROM gone""",  # of constants
        gallery_id,
        only_outdated,
    )
    return DeletedGallery(**row) if row else None


async def next_number(tx: Tx, gallery_id: UUID) -> NumberedGallery | None:
    """Lock the gallery and take the next readable order number in it; see also `payment_store.lock`."""
    row = await tx.fetchrow(
        """UPDATE gallery SET orders_placed = orders_placed + 1 WHERE id = $1
           RETURNING *, pg_advisory_xact_lock_shared(payments_of((studio ->> 'id')::uuid))""",
        gallery_id,
    )
    return NumberedGallery(_gallery(row), row["orders_placed"]) if row else None


async def withdrawn_among(tx: Tx, photo_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these photos have left their gallery."""
    rows = await tx.fetch("SELECT photo_id FROM withdrawn_photo WHERE photo_id = ANY($1)", list(photo_ids))
    return {row["photo_id"] for row in rows}


async def add_order(tx: Tx, order: Order) -> bool:
    """Insert a new order and remember which photos are on it. Returns whether something was paid for it before."""
    is_prepaid: bool = await tx.fetchval(
        """WITH placed AS (
                INSERT INTO client_order (id, gallery_id, studio_id, number, client, status, amount, currency,
                    lines, link_rotation, placed_at, revision)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)),
            listed AS (INSERT INTO ordered_photo (order_id, photo_id) SELECT $1, unnest($13::uuid[]))
            SELECT EXISTS (SELECT FROM payment WHERE order_id = $1)""",
        order.id,
        order.gallery_id,
        order.studio_id,
        order.number,
        order.client.model_dump_json(),
        order.status,
        order.total.amount,
        order.total.currency,
        _LINES.dump_json(order.lines).decode(),
        order.link_rotation,
        order.placed_at,
        order.revision,
        [line.photo_id for line in order.lines],
    )
    return is_prepaid


async def lock_orders(tx: Tx, gallery_id: UUID, order_ids: Iterable[UUID]) -> dict[UUID, Order]:
    """Those of the orders that the gallery has, locked until the commit."""
    rows = await tx.fetch(
        "SELECT * FROM client_order WHERE gallery_id = $1 AND id = ANY($2) ORDER BY id FOR UPDATE",
        gallery_id,
        list(order_ids),
    )
    return {row["id"]: order_of(row) for row in rows}


async def set_status(tx: Tx, order_ids: Iterable[UUID], status: OrderStatus) -> list[Order]:
    """Give locked orders a new state."""
    rows = await tx.fetch(
        """UPDATE client_order SET status = $2, revision = revision + 1 WHERE id = ANY($1) RETURNING *""",
        list(order_ids),
        status,
    )
    return [order_of(row) for row in rows]


async def rotate_link(tx: Tx, order_id: UUID) -> Order:
    """Give a locked order the next personal link."""
    row = await one_row(
        tx.fetchrow(
            """UPDATE client_order SET link_rotation = link_rotation + 1, revision = revision + 1
            WHERE id = $1 RETURNING *""",
            order_id,
        )
    )
    return order_of(row)


async def set_client(tx: Tx, order_id: UUID, client: Client) -> Order:
    """Replace who ordered."""
    row = await one_row(
        tx.fetchrow(
            "UPDATE client_order SET client = $2, revision = revision + 1 WHERE id = $1 RETURNING *",
            order_id,
            client.model_dump_json(),
        )
    )
    return order_of(row)


async def erase_client(tx: Tx, order: Order) -> Order:
    """Forget who placed a locked order; one that is not paid yet is cancelled."""
    row = await one_row(
        tx.fetchrow(
            """UPDATE client_order SET client = $2, revision = revision + 1,
                   status = CASE status WHEN 'placed' THEN 'cancelled' ELSE status END
               WHERE id = $1 RETURNING *""",
            order.id,
            order.client.erase().model_dump_json(),
        )
    )
    return order_of(row)


async def is_ordered(tx: Tx, photo_id: UUID) -> bool:
    """Whether the photo is on any order, of whatever state."""
    return bool(await tx.fetchval("SELECT EXISTS (SELECT FROM ordered_photo WHERE photo_id = $1)", photo_id))


async def withdraw_photo(tx: Tx, photo_id: UUID, gallery_id: UUID) -> None:
    """Remember that the photo can no longer be ordered."""
    await tx.execute(
        "INSERT INTO withdrawn_photo (photo_id, gallery_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        photo_id,
        gallery_id,
    )


def _gallery(row: Record) -> Gallery:
    return Gallery(
        id=row["id"],
        studio=Studio.model_validate_json(row["studio"]),
        settings=GallerySettings.model_validate_json(row["settings"]),
        opened_at=row["opened_at"],
        revision=row["revision"],
    )


def order_of(row: Record) -> Order:
    """A row of `client_order`."""
    return Order(
        id=row["id"],
        gallery_id=row["gallery_id"],
        studio_id=row["studio_id"],
        number=row["number"],
        client=Client.model_validate_json(row["client"]),
        status=OrderStatus(row["status"]),
        total=Money(amount=row["amount"], currency=row["currency"]),
        lines=_LINES.validate_json(row["lines"]),
        link_rotation=row["link_rotation"],
        placed_at=row["placed_at"],
        revision=row["revision"],
    )
