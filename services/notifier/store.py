"""SQL of what the notifier knows of galleries and orders; an older revision changes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Tx, one_row
from contracts.base import Money
from contracts.entitlements import OrderNotReady, OrderReady
from contracts.gateway import PhotoDownloaded
from contracts.orders import Gallery, Order
from mails.writing import Kind


@dataclass(frozen=True, slots=True)
class Letterhead:
    """In whose name a mail is written; `locale` is the photographer's."""

    gallery: str
    studio: str
    email: str
    payment_instructions: str
    locale: str
    keep_until: datetime | None


@dataclass(frozen=True, slots=True)
class Addressee:
    """An order whose client is written to."""

    order_id: UUID
    number: int
    photos: int
    total: Money
    link_rotation: int
    name: str
    email: str
    locale: str


async def lock_gallery(tx: Tx, gallery_id: UUID) -> None:
    """Let nobody else decide about this gallery's orders until the commit.

    Of two messages that make an order due together, each handled by itself, neither would see the other (rule 4).
    """
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended('notifier:' || $1::uuid, 0))", gallery_id)


async def lives(tx: Tx, gallery_id: UUID) -> bool:
    """Whether the gallery is not deleted, and will not be before the commit."""
    return bool(await tx.fetchval("SELECT lives($1)", gallery_id))


async def put_gallery(tx: Tx, gallery: Gallery) -> None:
    """Remember a gallery as of its revision."""
    await tx.execute(
        """INSERT INTO gallery (id, name, studio_name, studio_email, download_policy, auto_notify, remind_unpaid_days,
               remind_download_days, payment_instructions, locale, keep_until, revision)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
           ON CONFLICT (id) DO UPDATE SET (name, studio_name, studio_email, download_policy, auto_notify,
                   remind_unpaid_days, remind_download_days, payment_instructions, locale, keep_until, revision) =
               ROW (excluded.name, excluded.studio_name, excluded.studio_email, excluded.download_policy,
                    excluded.auto_notify, excluded.remind_unpaid_days, excluded.remind_download_days,
                    excluded.payment_instructions, excluded.locale, excluded.keep_until, excluded.revision)
           WHERE gallery.revision < excluded.revision""",
        gallery.id,
        gallery.settings.name,
        gallery.studio.name,
        gallery.studio.email,
        gallery.settings.download_policy,
        gallery.settings.auto_notify,
        gallery.settings.remind_unpaid_days,
        gallery.settings.remind_download_days,
        gallery.settings.payment_instructions,
        gallery.studio.locale or gallery.settings.locale,
        gallery.settings.keep_until,
        gallery.revision,
    )


async def put_order(tx: Tx, order: Order) -> None:
    """Remember an order and its client as of its revision."""
    await tx.execute(
        """INSERT INTO client_order (id, gallery_id, number, status, photos, amount, currency, placed_at, client_name,
               client_email, locale, link_rotation, revision, erased)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
           ON CONFLICT (id) DO UPDATE
               SET (status, photos, client_name, client_email, locale, link_rotation, revision, erased) =
               ROW (excluded.status, excluded.photos, excluded.client_name, excluded.client_email, excluded.locale,
                    excluded.link_rotation, excluded.revision, excluded.erased)
           WHERE client_order.revision < excluded.revision""",
        order.id,
        order.gallery_id,
        order.number,
        order.status,
        len(order.lines),
        order.total.amount,
        order.total.currency,
        order.placed_at,
        order.client.name,
        order.client.email,
        order.client.locale,
        order.link_rotation,
        order.revision,
        order.client.erased,
    )


async def put_readiness(tx: Tx, event: OrderReady | OrderNotReady) -> None:
    """Remember whether every photo of an order has its final, as of the event's revision."""
    await tx.execute(
        """INSERT INTO readiness (order_id, gallery_id, ready, revision) VALUES ($1, $2, $3, $4)
           ON CONFLICT (order_id) DO UPDATE SET ready = excluded.ready, revision = excluded.revision
           WHERE readiness.revision < excluded.revision""",
        event.order_id,
        event.gallery_id,
        isinstance(event, OrderReady),
        event.revision,
    )


async def put_downloaded(tx: Tx, event: PhotoDownloaded) -> None:
    """Remember that an order's client has fetched something, and what."""
    await tx.execute(
        """WITH whatever AS (
               INSERT INTO downloaded (order_id, gallery_id) VALUES ($1, $2) ON CONFLICT DO NOTHING)
           INSERT INTO fetched (order_id, gallery_id, transfer_id) SELECT $1, $2, unnest($3::uuid[])
           ON CONFLICT DO NOTHING""",
        event.order_id,
        event.gallery_id,
        list(event.transfer_ids),
    )


async def put_asked(tx: Tx, gallery_id: UUID, kind: Kind, order_ids: Iterable[UUID]) -> None:
    """Remember that the photographer wants these orders' clients mailed.

    Not a reminder of a mail that was never sent: it would follow that mail at once, when that goes out.
    """
    await tx.execute(
        """INSERT INTO asked (gallery_id, kind, order_id) SELECT $1, $2, one.id FROM unnest($3::uuid[]) AS one (id)
           WHERE $2 <> 'not_downloaded'
               OR EXISTS (SELECT FROM mail WHERE order_id = one.id AND kind = 'ready' AND state = 'sent')
           ON CONFLICT DO NOTHING""",
        gallery_id,
        kind,
        list(order_ids),
    )


async def letterhead(tx: Tx, gallery_id: UUID) -> Letterhead:
    """In whose name mails about this gallery are written. The gallery is known."""
    row = await one_row(
        tx.fetchrow(
            """SELECT name AS gallery, studio_name AS studio, studio_email AS email, payment_instructions, locale,
                   keep_until
               FROM gallery WHERE id = $1""",
            gallery_id,
        )
    )
    return Letterhead(**row)


def own_letterhead(email: str, locale: str) -> Letterhead:
    """Of a mail to this address in which no word is a studio's: who signed up may have taken any name and address."""
    return Letterhead("", "Photoferry", email, "", locale, None)


async def unmailed(tx: Tx, gallery_id: UUID) -> int:
    """How many orders of a gallery are paid, and their clients were never mailed the photos."""
    count: int = await tx.fetchval(
        """SELECT count(*) FROM client_order o WHERE gallery_id = $1 AND status = 'paid' AND NOT erased
           AND NOT EXISTS (SELECT FROM mail m WHERE m.order_id = o.id AND m.kind = 'ready' AND m.state = 'sent')""",
        gallery_id,
    )
    return count


async def addressees(tx: Tx, order_ids: Iterable[UUID]) -> tuple[Addressee, ...]:
    """These orders, in the order of their numbers."""
    rows = await tx.fetch(
        """SELECT id AS order_id, number, photos, amount, currency, link_rotation, client_name AS name,
               client_email AS email, locale
           FROM client_order WHERE id = ANY($1) ORDER BY number""",
        list(order_ids),
    )
    return tuple(_addressee(**row) for row in rows)


def _addressee(amount: int, currency: str, **rest: Any) -> Addressee:
    return Addressee(total=Money(amount=amount, currency=currency), **rest)


async def forget_gallery(tx: Tx, gallery_id: UUID) -> int:
    """Delete all that is known of a gallery and its clients; mails not yet sent are not sent (rule 9).

    Returns how many mails were known.
    """
    mails: int = await tx.fetchval(
        "WITH gone AS (DELETE FROM mail WHERE gallery_id = $1 RETURNING 1) SELECT count(*) FROM gone", gallery_id
    )
    await tx.execute("DELETE FROM asked WHERE gallery_id = $1", gallery_id)
    await tx.execute("DELETE FROM downloaded WHERE gallery_id = $1", gallery_id)
    await tx.execute("DELETE FROM fetched WHERE gallery_id = $1", gallery_id)
    await tx.execute("DELETE FROM readiness WHERE gallery_id = $1", gallery_id)
    await tx.execute("DELETE FROM client_order WHERE gallery_id = $1", gallery_id)
    await tx.execute("DELETE FROM gallery WHERE id = $1", gallery_id)
    return mails
