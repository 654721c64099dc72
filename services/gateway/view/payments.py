"""Payments in the view."""

from collections.abc import Sequence

from chassis.db import Tx
from contracts.payments import Payment, PaymentNoted


async def put(tx: Tx, events: Sequence[PaymentNoted]) -> None:
    """Insert or renew payments; an older revision changes nothing but the timeline of its order."""
    rising = sorted(events, key=lambda event: event.payment.revision)
    latest = {event.payment.id: event.payment for event in rising}
    await _note_problems(tx, rising)
    await _renew(tx, [latest[id_] for id_ in sorted(latest)])
    await _open_checkouts(tx, [event.payment for event in events])


async def _renew(tx: Tx, payments: Sequence[Payment]) -> None:
    await tx.execute(
        """INSERT INTO payment (id, studio_id, provider, payment_id, order_id, gallery_id, amount, currency, refunded,
               pays, problem, dismissed, received_at, revision)
           SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::bigint[],
               $8::text[], $9::bigint[], $10::bool[], $11::text[], $12::text[], $13::timestamptz[], $14::int[])
           ON CONFLICT (id) DO UPDATE SET order_id = excluded.order_id, gallery_id = excluded.gallery_id,
               amount = excluded.amount, currency = excluded.currency, refunded = excluded.refunded,
               pays = excluded.pays, problem = excluded.problem, dismissed = excluded.dismissed,
               revision = excluded.revision
           WHERE payment.revision < excluded.revision""",
        *zip(*map(_values, payments), strict=True),
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
        payment.problem,
        payment.dismissed,
        payment.received_at,
        payment.revision,
    )


async def _open_checkouts(tx: Tx, payments: Sequence[Payment]) -> None:
    """What came in wrongly is settled: its order can be paid online after all."""
    settled = [
        payment.order_id
        for payment in payments
        if payment.order_id and not payment.pays and (payment.dismissed or payment.refunded >= payment.money.amount)
    ]
    if settled:
        await tx.execute("UPDATE checkout SET state = 'expired' WHERE order_id = ANY($1) AND state = 'paid'", settled)


async def _note_problems(tx: Tx, events: Sequence[PaymentNoted]) -> None:
    """Each problem once, in the timeline of the order that the payment is for."""
    rows = await tx.fetch(
        "SELECT id, problem FROM payment WHERE id = ANY($1) AND gallery_id IS NOT NULL",
        [event.payment.id for event in events],
    )
    noted, told = {row["id"]: row["problem"] for row in rows}, []
    for event in events:
        payment = event.payment
        if payment.gallery_id and payment.problem != noted.get(payment.id):
            noted[payment.id] = payment.problem
            told.append((payment.order_id, event.occurred_at, event.message_id, payment.gallery_id, payment.problem))
    if told:
        await tx.execute(
            """INSERT INTO timeline (order_id, at, message_id, gallery_id, detail, what)
               SELECT *, 'payment_problem'
               FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::uuid[], $5::text[])
                   AS told (order_id, at, message_id, gallery_id, problem)
               WHERE problem IS NOT NULL ON CONFLICT DO NOTHING""",
            *zip(*told, strict=True),
        )
