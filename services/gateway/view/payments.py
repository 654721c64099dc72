"""Payments in the view."""

from chassis.db import Tx
from contracts.payments import PaymentNoted


async def put(tx: Tx, event: PaymentNoted) -> None:
    """Insert or renew a payment; an older revision changes nothing but the timeline of its order."""
    payment = event.payment
    await tx.execute(
        """INSERT INTO payment (id, studio_id, provider, payment_id, order_id, gallery_id, amount, currency, refunded,
               pays, problem, dismissed, received_at, revision)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
           ON CONFLICT (id) DO UPDATE SET order_id = excluded.order_id, gallery_id = excluded.gallery_id,
               amount = excluded.amount, currency = excluded.currency, refunded = excluded.refunded,
               pays = excluded.pays, problem = excluded.problem, dismissed = excluded.dismissed,
               revision = excluded.revision
           WHERE payment.revision < excluded.revision""",
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
    if payment.order_id and not payment.pays and (payment.dismissed or payment.refunded >= payment.money.amount):
        await tx.execute(  # what came in wrongly is settled: the order can be paid online after all
            "UPDATE checkout SET state = 'expired' WHERE order_id = $1 AND state = 'paid'", payment.order_id
        )
    if payment.problem and not payment.dismissed and payment.gallery_id:
        await tx.execute(
            """INSERT INTO timeline (order_id, at, what, message_id, gallery_id, detail)
               VALUES ($1, $2, 'payment_problem', $3, $4, $5)""",
            payment.order_id,
            event.occurred_at,
            event.message_id,
            payment.gallery_id,
            payment.problem,
        )
