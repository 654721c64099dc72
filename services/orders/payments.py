"""Payments meet their orders: whatever came in is applied, or kept as a problem for the photographer to look at."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from itertools import groupby
from operator import attrgetter
from typing import TypeVar
from uuid import UUID

from chassis import outbox
from chassis.db import Tx
from contracts.base import Cause, Event, caused_by
from contracts.gateway import PaymentNews
from contracts.orders import Order, OrderEvent, OrderPaid, OrderRefunded, OrderStatus
from contracts.payments import AssignPayment, DismissPayment, Payment, PaymentNoted
from services.orders import payment_rules, payment_store, store
from services.orders.errors import order_gone, payment_gone

N = TypeVar("N", bound=PaymentNews)

TOLD_BY: dict[OrderStatus, type[OrderEvent]] = {
    OrderStatus.PAID: OrderPaid,
    OrderStatus.REFUNDED: OrderRefunded,
}
"""What payments can make of an order."""


def by_studio(news: Iterable[N]) -> Iterator[tuple[UUID, list[N]]]:
    """News of several studios, each studio's together, in the order in which they came."""
    studio = attrgetter("studio_id")
    for studio_id, group in groupby(sorted(news, key=studio), studio):
        yield studio_id, list(group)


async def take_in(tx: Tx, studio_id: UUID, news: Sequence[PaymentNews]) -> None:
    """Hear what providers say of a studio's payments, and do to its orders what follows."""
    await payment_store.lock(tx, studio_id)
    keys = {(each.provider, each.payment_id) for each in news}
    before = await payment_store.related(tx, studio_id, keys, {each.order_id for each in news if each.order_id})
    heard = {(payment.provider, payment.payment_id): payment for payment in before}
    causes = {}
    for each in news:
        key = (each.provider, each.payment_id)
        heard[key] = payment_rules.hear(heard.get(key), each)
        causes[payment_rules.subject(heard[key])] = each.as_cause
    await _settle(tx, studio_id, before, heard.values(), payment_rules.come_in(before, heard.values()), causes)


async def apply_waiting(tx: Tx, order: Order) -> None:
    """Apply to an order that has just appeared what was paid for it before."""
    waiting = await payment_store.related(tx, order.studio_id, (), [order.id])
    await _settle(tx, order.studio_id, waiting, waiting, {payment.id for payment in waiting})


async def assign(tx: Tx, command: AssignPayment) -> None:
    """Let a payment pay the order that the photographer names, whatever its amount. Raises `Refusal`."""
    await payment_store.lock(tx, command.studio_id)
    payment = await payment_store.one(tx, command.studio_id, command.id)
    orders = await payment_store.lock_orders_of(tx, command.studio_id, [command.order_id])
    if payment is None:
        raise payment_gone()
    if command.order_id not in orders:
        raise order_gone()
    payment_rules.check_assignment(payment, orders[command.order_id])
    others = await payment_store.related(tx, command.studio_id, (), [command.order_id])
    assigned = payment.model_copy(update={"order_id": command.order_id, "assigned": True, "dismissed": None})
    payments = [assigned, *(other for other in others if other.id != payment.id)]
    await _settle(tx, command.studio_id, [payment, *others], payments, {payment.id})


async def dismiss(tx: Tx, command: DismissPayment) -> None:
    """Keep the photographer's reason for letting a payment be. Raises `Refusal`."""
    await payment_store.lock(tx, command.studio_id)
    payment = await payment_store.one(tx, command.studio_id, command.id)
    if payment is None:
        raise payment_gone()
    payment_rules.check_dismissal(payment)
    dismissed = payment.model_copy(update={"dismissed": command.reason, "revision": payment.revision + 1})
    await payment_store.put(tx, [dismissed])
    await outbox.emit(tx, PaymentNoted(payment=dismissed))


async def forget_reasons(tx: Tx, studio_id: UUID, order_id: UUID) -> list[UUID]:
    """Forget the photographer's words about the payments for an order; returns all of these. Wants the lock."""
    payments = await payment_store.related(tx, studio_id, (), [order_id])
    changed = [_next(payment.without_people()) for payment in payments if payment.names_people]
    await payment_store.put(tx, changed)
    await outbox.emit(tx, *(PaymentNoted(payment=payment) for payment in changed))
    return [payment.id for payment in payments]


async def _settle(
    tx: Tx,
    studio_id: UUID,
    before: Collection[Payment],
    payments: Collection[Payment],
    news: Collection[UUID],
    causes: Mapping[UUID, Cause] | None = None,
) -> None:
    """Settle orders with all their `payments`, and tell what is not as `before`; `causes` of that by subject."""
    orders = await payment_store.lock_orders_of(tx, studio_id, {each.order_id for each in payments if each.order_id})
    as_before = {payment.id: payment for payment in before}
    changed: dict[UUID, list[Payment]] = {}
    moved: defaultdict[OrderStatus, list[UUID]] = defaultdict(list)
    for subject, together in payment_rules.by_subject(payments).items():
        order = orders.get(subject)
        status, settled = payment_rules.settle(order, together, news)
        changed[subject] = [_next(payment) for payment in settled if payment != as_before.get(payment.id)]
        if order and status and status is not order.status:
            moved[status].append(order.id)
    await payment_store.put(tx, [payment for each in changed.values() for payment in each])
    told = {order.id: order for status, ids in moved.items() for order in await store.set_status(tx, ids, status)}
    events: list[Event] = []
    for subject, each in changed.items():
        with caused_by(causes[subject]) if causes and subject in causes else nullcontext():
            noted = [PaymentNoted(payment=payment) for payment in each]
        events += noted
        if order := told.get(subject):
            with caused_by(noted[0].as_cause):  # who assigns a payment is answered by that, not by this
                events.append(TOLD_BY[order.status](order=order))
    await outbox.emit(tx, *events)


def _next(payment: Payment) -> Payment:
    return payment.model_copy(update={"revision": payment.revision + 1})
