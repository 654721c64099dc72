"""Pure decisions about payments: what they do to their order, and what is wrong with those that do nothing.

Whatever a provider says about the payments of an order, and in whatever order it arrives, ends in the same state.
"""

from collections.abc import Collection, Iterable, Sequence
from operator import attrgetter
from uuid import UUID

from contracts.base import uuid7
from contracts.gateway import PaymentDisputed, PaymentNews, PaymentReceived, PaymentRefunded
from contracts.orders import Order, OrderStatus
from contracts.payments import Payment, PaymentProblem
from services.orders.errors import Refusal


def hear(payment: Payment | None, news: PaymentNews) -> Payment:
    """A payment after one more piece of news; None: it is the first. A repeat changes nothing."""
    known = payment or Payment(
        id=uuid7(),
        studio_id=news.studio_id,
        provider=news.provider,
        payment_id=news.payment_id,
        order_id=news.order_id,
        gallery_id=None,
        money=news.money.model_copy(update={"amount": 0}),
        received_at=news.occurred_at,
        revision=0,
    )
    heard: dict[str, object] = {"order_id": known.order_id or news.order_id}
    match news:
        case PaymentReceived() if not known.money.amount:
            heard["money"] = news.money
            heard["refunded"] = known.refunded if known.money.currency == news.money.currency else 0
        case PaymentRefunded() if known.money.currency == news.money.currency:
            heard["refunded"] = max(known.refunded, news.money.amount)
        case PaymentDisputed():
            heard["disputed"] = True
    return known.model_copy(update=heard)


def come_in(before: Iterable[Payment], now: Iterable[Payment]) -> set[UUID]:
    """Those whose money is new, or new for their order."""
    known = {(payment.id, payment.order_id) for payment in before if payment.money.amount}
    return {each.id for each in now if each.money.amount and (each.id, each.order_id) not in known}


def by_subject(payments: Iterable[Payment]) -> dict[UUID, list[Payment]]:
    """What is settled together: the payments for one order, by its id; one for no order alone, by its own."""
    grouped: dict[UUID, list[Payment]] = {}
    for payment in payments:
        grouped.setdefault(subject(payment), []).append(payment)
    return grouped


def subject(payment: Payment) -> UUID:
    """What a payment is settled with."""
    return payment.order_id or payment.id


def settle(
    order: Order | None, payments: Sequence[Payment], news: Collection[UUID]
) -> tuple[OrderStatus | None, list[Payment]]:
    """What becomes of an order, and of all payments meant for it; `news`: those just come in or assigned.

    An order that is refunded is paid again by a payment that has just come in, not by one that was there before.
    """
    if order is None:
        return None, [_judged(payment, None, None) for payment in payments]
    status, payer = _outcome(order, payments, news)
    paying = [payment.model_copy(update={"pays": payment.pays or payment is payer}) for payment in payments]
    return status, [_judged(payment, order, status) for payment in paying]


def check_assignment(payment: Payment, order: Order) -> None:
    """Raises `Refusal` when the payment cannot be the one that pays the order."""
    if payment.pays:
        raise Refusal(409, "payment-used", "This payment has paid an order already.")
    if not payment.money.amount:
        raise Refusal(409, "payment-empty", "No money came in by this payment; there is nothing to assign.")
    if not _is_held(payment):
        raise Refusal(409, "payment-returned", "The money of this payment went back; there is nothing to assign.")
    if order.status is OrderStatus.PAID:
        raise Refusal(409, "order-paid", "This order is paid already; choose another one.", "order_id")
    if order.status is OrderStatus.CANCELLED:
        raise Refusal(409, "order-cancelled", "This order is cancelled: ask the client to order anew.", "order_id")


def check_dismissal(payment: Payment) -> None:
    """Raises `Refusal` when there is nothing to let be."""
    if payment.problem is None:
        raise Refusal(409, "no-problem", "There is nothing wrong with this payment.")


def _outcome(order: Order, payments: Sequence[Payment], news: Collection[UUID]) -> tuple[OrderStatus, Payment | None]:
    """The order's state, and the payment that has just brought it there."""
    fitting = [payment for payment in payments if not payment.pays and _fault(payment, order) is None]
    held = sorted(filter(_is_held, fitting), key=attrgetter("disputed"))
    paying = [payment for payment in payments if payment.pays]  # none: it was paid by hand, or is not paid
    match order.status:
        case OrderStatus.PLACED if held:
            return OrderStatus.PAID, held[0]
        case OrderStatus.PLACED if fitting:
            return OrderStatus.REFUNDED, fitting[0]  # the refund was heard of first
        case OrderStatus.PAID if held and paying and not any(map(_is_sound, paying)) and _is_sound(held[0]):
            return OrderStatus.PAID, held[0]
        case OrderStatus.PAID if paying and not any(map(_is_held, paying)):
            return (OrderStatus.PAID, held[0]) if held else (OrderStatus.REFUNDED, None)
        case OrderStatus.REFUNDED if fresh := [payment for payment in held if payment.id in news]:
            return OrderStatus.PAID, fresh[0]
    return order.status, None


def _is_held(payment: Payment) -> bool:
    """Whether the studio has the money, or a part of it."""
    return payment.refunded < payment.money.amount


def _is_sound(payment: Payment) -> bool:
    """Whether the studio has the money, and nobody wants it back."""
    return _is_held(payment) and not payment.disputed


def _fault(payment: Payment, order: Order | None) -> PaymentProblem | None:
    """Why a payment can pay nothing, whatever the order's state."""
    if order is None or order.studio_id != payment.studio_id:
        return PaymentProblem.UNKNOWN_ORDER
    if payment.assigned:
        return None
    if payment.money.currency != order.total.currency:
        return PaymentProblem.WRONG_CURRENCY
    return PaymentProblem.WRONG_AMOUNT if payment.money.amount != order.total.amount else None


def _judged(payment: Payment, order: Order | None, status: OrderStatus | None) -> Payment:
    problem = _problem(payment, order, status)
    dismissed = payment.dismissed if problem is payment.problem else None  # another problem is looked at anew
    gallery_id = order.gallery_id if order else None
    return payment.model_copy(update={"problem": problem, "dismissed": dismissed, "gallery_id": gallery_id})


def _problem(payment: Payment, order: Order | None, status: OrderStatus | None) -> PaymentProblem | None:
    if payment.refunded > payment.money.amount:
        return PaymentProblem.REFUNDED_MORE
    if payment.disputed and (_is_held(payment) or not payment.money.amount):
        return PaymentProblem.DISPUTED
    if not payment.money.amount:
        return _fault(payment, order)  # it came in, and is nothing: that pays free orders only
    if not _is_held(payment) or payment.pays:
        return None
    if fault := _fault(payment, order):
        return fault
    return PaymentProblem.ORDER_CANCELLED if status is OrderStatus.CANCELLED else PaymentProblem.ALREADY_PAID
