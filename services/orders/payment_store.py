"""All SQL about payments. What a studio's payments do is decided under the studio's lock."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from asyncpg import Record

from chassis.db import Tx
from contracts.base import Money
from contracts.orders import Order
from contracts.payments import Payment
from services.orders.store import order_of

Key = tuple[str, str]
"""Provider, and its own name for the payment."""


async def lock(tx: Tx, studio_id: UUID) -> None:
    """Until the commit, nobody else hears of this studio's payments, and no order of it is placed.

    A payment and its order handled at the same moment would each miss the other (compare rule 4).
    """
    await tx.execute("SELECT pg_advisory_xact_lock(payments_of($1))", studio_id)


async def related(tx: Tx, studio_id: UUID, keys: Collection[Key], order_ids: Iterable[UUID]) -> list[Payment]:
    """The studio's payments of these keys and for these orders, and all others for the same orders; oldest first."""
    rows = await tx.fetch(
        """WITH named AS (
               SELECT p.id, p.order_id FROM payment p
               JOIN unnest($2::text[], $3::text[]) AS key (provider, payment_id) USING (provider, payment_id)
               WHERE p.studio_id = $1)
           SELECT * FROM payment WHERE id IN (SELECT id FROM named)
               OR studio_id = $1 AND (order_id = ANY($4) OR order_id IN (SELECT order_id FROM named))
           ORDER BY received_at, id""",
        studio_id,
        [provider for provider, _ in keys],
        [payment_id for _, payment_id in keys],
        list(order_ids),
    )
    return [_payment(row) for row in rows]


async def one(tx: Tx, studio_id: UUID, id_: UUID) -> Payment | None:
    """A payment of the studio."""
    row = await tx.fetchrow("SELECT * FROM payment WHERE id = $1 AND studio_id = $2", id_, studio_id)
    return _payment(row) if row else None


async def lock_orders_of(tx: Tx, studio_id: UUID, order_ids: Iterable[UUID]) -> dict[UUID, Order]:
    """Those of the orders that the studio has, locked until the commit."""
    rows = await tx.fetch(
        "SELECT * FROM client_order WHERE studio_id = $1 AND id = ANY($2) ORDER BY id FOR UPDATE",
        studio_id,
        list(order_ids),
    )
    return {row["id"]: order_of(row) for row in rows}


async def put(tx: Tx, payments: Sequence[Payment]) -> None:
    """Insert payments, or put them in the place of those with the same id."""
    if not payments:
        return
    await tx.execute(
        """INSERT INTO payment (id, studio_id, provider, payment_id, order_id, gallery_id, amount, currency, refunded,
               pays, assigned, disputed, problem, dismissed, received_at, revision)
           SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::bigint[],
               $8::text[], $9::bigint[], $10::bool[], $11::bool[], $12::bool[], $13::text[], $14::text[],
               $15::timestamptz[], $16::int[])
           ON CONFLICT (id) DO UPDATE SET order_id = excluded.order_id, gallery_id = excluded.gallery_id,
               amount = excluded.amount, currency = excluded.currency, refunded = excluded.refunded,
               pays = excluded.pays, assigned = excluded.assigned, disputed = excluded.disputed,
               problem = excluded.problem, dismissed = excluded.dismissed, revision = excluded.revision""",
        *zip(*map(_values, payments), strict=True),
    )


async def forget_gallery(tx: Tx, gallery_id: UUID) -> None:
    """Of the payments for the orders of a gallery that is being deleted, only the money is left, for the books.

    A refund that comes later finds what had come in.
    """
    await tx.execute(
        "UPDATE payment SET order_id = NULL, gallery_id = NULL, dismissed = NULL WHERE gallery_id = $1", gallery_id
    )


def _values(payment: Payment) -> tuple[object, ...]:
    return (
        payment.id,
        payment.studio_id,
        payment.provider,
        payment.payment_id,
        payment.order_id,
        payment.gallery_id,
        payment.money.amount,
        payment.money.currency,
        payment.refunded,
        payment.pays,
        payment.assigned,
        payment.disputed,
        payment.problem,
        payment.dismissed,
        payment.received_at,
        payment.revision,
    )


def _payment(row: Record) -> Payment:
    fields = dict(row)
    return Payment(money=Money(amount=fields.pop("amount"), currency=fields.pop("currency")), **fields)
