"""Lines of bank statements that are used: not filled from events, but by who confirms."""

from collections.abc import Mapping
from uuid import UUID

from chassis import outbox
from chassis.db import Tx
from contracts.base import Money, caused_by
from contracts.gateway import PaymentReceived
from contracts.orders import CommandRefused, OrderUnchanged
from contracts.payments import PaymentProblem
from services.gateway.errors import Problem

PROVIDER = "bank"
"""Of the payments that lines have become which did not pay the order that they were confirmed for."""


async def use(tx: Tx, studio_id: UUID, gallery_id: UUID, request_id: UUID, paid: Mapping[str, UUID]) -> None:
    """Keep which order is said to be paid by which line.

    Raises `Problem` 409 when one was used before: nothing is paid by it again.
    """
    lines = sorted(paid)
    kept = await tx.fetch(
        """INSERT INTO bank_line (studio_id, fingerprint, gallery_id, request_id, order_id)
           SELECT $1, decode(line, 'hex'), $2, $3, order_id FROM unnest($4::text[], $5::uuid[]) AS paid (line, order_id)
           ON CONFLICT DO NOTHING RETURNING 1""",
        studio_id,
        gallery_id,
        request_id,
        lines,
        [paid[line] for line in lines],
    )
    if len(kept) < len(lines):
        detail = "A line of this statement has paid an order before. Send the file again to see which are left."
        raise Problem(409, "line-used", detail)


async def left_over(tx: Tx, event: OrderUnchanged | CommandRefused) -> None:
    """An order was not paid by the line that it was confirmed with.

    Where it is paid otherwise, or cancelled, the money is a payment to look at; else the line is free to be used again.
    """
    order_id, problem = _not_paid(event)
    if problem is None:
        await tx.execute("DELETE FROM bank_line WHERE request_id = $1 AND order_id = $2", event.causation_id, order_id)
        return
    rows = await tx.fetch(
        """UPDATE bank_line b SET problem = $3 FROM client_order o
           WHERE b.request_id = $1 AND b.order_id = $2 AND o.id = b.order_id AND o.gallery_id = b.gallery_id
           RETURNING b.studio_id, b.fingerprint, o.amount, o.currency""",
        event.causation_id,
        order_id,
        problem,
    )
    for row in rows:
        with caused_by(event.as_cause):
            received = PaymentReceived(
                studio_id=row["studio_id"],
                provider=PROVIDER,
                payment_id=row["fingerprint"].hex(),
                order_id=order_id,
                money=Money(amount=row["amount"], currency=row["currency"]),
            )
        await outbox.emit(tx, received)


def _not_paid(event: OrderUnchanged | CommandRefused) -> tuple[UUID, PaymentProblem | None]:
    if isinstance(event, OrderUnchanged):
        return event.order.id, PaymentProblem.ALREADY_PAID
    return event.subject_id, PaymentProblem.ORDER_CANCELLED if event.code == "order-cancelled" else None
