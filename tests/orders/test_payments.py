"""What payments do to orders: in whatever order providers speak, each order is paid once, and nothing is lost."""

from asyncio import gather
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.db import Database
from contracts.base import Money, uuid7
from contracts.gateway import PaymentDisputed, PaymentNews, PaymentReceived, PaymentRefunded
from contracts.orders import (
    CancelOrder,
    CommandRefused,
    DeleteGallery,
    MarkOrdersPaid,
    OpenGallery,
    Order,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderStatus,
    RefundOrder,
)
from contracts.payments import AssignPayment, DismissPayment, Payment, PaymentNoted, PaymentProblem
from services.orders import handlers, payment_rules
from tests.conftest import OpenDatabase
from tests.making import line, open_gallery, order, place_order
from tests.outbox import emitted

PRICE = 1250


@pytest.fixture
async def db(open_database: OpenDatabase) -> Database:
    return await open_database("orders")


@pytest.fixture
async def gallery(db: Database) -> OpenGallery:
    opening = open_gallery()
    await handlers.open_gallery(opening, db)
    return opening


class Desk:
    """One gallery's orders and the payments for them."""

    def __init__(self, db: Database, gallery: OpenGallery) -> None:
        self.db = db
        self.gallery = gallery

    async def order(self, **given: Any) -> UUID:
        command = place_order(self.gallery.gallery_id, line("a.jpg"), **given)
        await handlers.place_order(command, self.db)
        return command.order_id

    def news(self, kind: type[PaymentNews], order_id: UUID | None, amount: int = PRICE, **given: Any) -> Any:
        return kind(
            **{
                "studio_id": self.gallery.studio.id,
                "provider": "standard",
                "payment_id": "p1",
                "order_id": order_id,
                "money": Money(amount=amount, currency=given.pop("currency", "PLN")),
                **given,
            }
        )

    async def hear(self, *news: Any) -> None:
        await handlers.follow_payments(news, self.db)

    async def received(self, order_id: UUID | None, amount: int = PRICE, **given: Any) -> None:
        await self.hear(self.news(PaymentReceived, order_id, amount, **given))

    async def refunded(self, order_id: UUID | None, amount: int = PRICE, **given: Any) -> None:
        await self.hear(self.news(PaymentRefunded, order_id, amount, **given))

    async def do(self, command: Any) -> None:
        await handlers.change_orders(command, self.db)

    async def status(self, order_id: UUID) -> str:
        found: str = await self.db.pool.fetchval("SELECT status FROM client_order WHERE id = $1", order_id)
        return found

    async def told(self, kind: type[Any]) -> list[Any]:
        return [event for event in await emitted(self.db) if isinstance(event, kind)]

    async def payments(self) -> dict[str, Payment]:
        """As last told, by the provider's name."""
        return {event.payment.payment_id: event.payment for event in await self.told(PaymentNoted)}


@pytest.fixture
def desk(db: Database, gallery: OpenGallery) -> Desk:
    return Desk(db, gallery)


async def test_a_payment_that_fits_pays_the_order(desk: Desk) -> None:
    order_id = await desk.order()
    await desk.received(order_id)
    (paid,) = await desk.told(OrderPaid)
    assert (paid.order.id, paid.order.status) == (order_id, OrderStatus.PAID)
    payment = (await desk.payments())["p1"]
    assert (payment.pays, payment.problem, payment.gallery_id) == (True, None, desk.gallery.gallery_id)


async def test_what_follows_from_a_payment_carries_its_cause(desk: Desk) -> None:
    news = [desk.news(PaymentReceived, await desk.order(), payment_id=f"p{number}") for number in range(3)]
    await desk.hear(*news)
    noted, paid = await desk.told(PaymentNoted), await desk.told(OrderPaid)
    for each, payment, order_paid in zip(news, noted, paid, strict=True):
        assert each.order_id == payment.payment.order_id == order_paid.order.id
        assert each.correlation_id == payment.correlation_id == order_paid.correlation_id
        assert (payment.causation_id, order_paid.causation_id) == (each.message_id, payment.message_id)


async def test_two_events_about_one_payment_pay_once(desk: Desk) -> None:
    order_id = await desk.order()
    for _ in range(3):
        await desk.received(order_id)
    assert len(await desk.told(OrderPaid)) == 1
    assert len(await desk.told(PaymentNoted)) == 1


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"amount": PRICE - 1}, PaymentProblem.WRONG_AMOUNT),
        ({"amount": PRICE + 1}, PaymentProblem.WRONG_AMOUNT),
        ({"currency": "EUR"}, PaymentProblem.WRONG_CURRENCY),
        ({"studio_id": uuid7()}, PaymentProblem.UNKNOWN_ORDER),
    ],
)
async def test_a_payment_that_does_not_fit_pays_nothing(
    desk: Desk, given: dict[str, Any], problem: PaymentProblem
) -> None:
    order_id = await desk.order()
    await desk.received(order_id, **given)
    assert await desk.told(OrderPaid) == []
    assert await desk.status(order_id) == "placed"
    assert (await desk.payments())["p1"].problem is problem


async def test_a_payment_of_nothing_is_a_problem_that_pays_no_order_but_may_be_dismissed(desk: Desk) -> None:
    order_id, paid_by_hand, cancelled = [await desk.order() for _ in range(3)]
    await desk.do(MarkOrdersPaid(gallery_id=desk.gallery.gallery_id, order_ids=(paid_by_hand,)))
    await desk.do(CancelOrder(gallery_id=desk.gallery.gallery_id, order_id=cancelled))
    for name, about in (("p1", order_id), ("p2", paid_by_hand), ("p3", cancelled), ("p4", None)):
        await desk.received(about, 0, payment_id=name)
    payments = await desk.payments()
    assert [payments[f"p{number}"].problem for number in (1, 2, 3)] == [PaymentProblem.WRONG_AMOUNT] * 3
    assert payments["p4"].problem is PaymentProblem.UNKNOWN_ORDER
    await assign(desk, order_id)
    (refused,) = await desk.told(CommandRefused)
    assert refused.code == "payment-empty"
    dismissal = DismissPayment(studio_id=desk.gallery.studio.id, id=payments["p1"].id, reason="a test")
    await handlers.change_payments(dismissal, desk.db)
    assert (await desk.payments())["p1"].dismissed == "a test"
    await desk.received(order_id)
    assert await desk.status(order_id) == "paid"


async def test_a_payment_of_nothing_for_a_free_order_is_fine(db: Database) -> None:
    opening = open_gallery(price_per_photo=0, allow_free_orders=True)
    await handlers.open_gallery(opening, db)
    desk = Desk(db, opening)
    await desk.received(await desk.order(), 0)
    assert (await desk.payments())["p1"].problem is None


async def test_a_payment_for_nothing_is_kept_as_a_problem(desk: Desk) -> None:
    await desk.received(None)
    assert (await desk.payments())["p1"].problem is PaymentProblem.UNKNOWN_ORDER


async def test_a_payment_waits_for_an_order_that_is_not_here_yet(desk: Desk) -> None:
    order_id = uuid7()
    await desk.received(order_id)
    assert (await desk.payments())["p1"].problem is PaymentProblem.UNKNOWN_ORDER
    await desk.order(order_id=order_id)
    assert await desk.status(order_id) == "paid"
    payment = (await desk.payments())["p1"]
    assert (payment.pays, payment.problem) == (True, None)
    kinds = [type(event) for event in await emitted(desk.db)]
    assert kinds.index(OrderPlaced) < kinds.index(OrderPaid)


async def test_paid_by_hand_and_then_online_is_a_problem_and_nothing_else(desk: Desk) -> None:
    order_id = await desk.order()
    await desk.do(MarkOrdersPaid(gallery_id=desk.gallery.gallery_id, order_ids=(order_id,)))
    await desk.received(order_id)
    assert len(await desk.told(OrderPaid)) == 1
    assert (await desk.payments())["p1"].problem is PaymentProblem.ALREADY_PAID
    await desk.refunded(order_id)
    assert (await desk.payments())["p1"].problem is None
    assert await desk.status(order_id) == "paid"


async def test_a_second_payment_is_a_problem_until_the_first_goes_back(desk: Desk) -> None:
    order_id = await desk.order()
    await desk.received(order_id)
    await desk.received(order_id, payment_id="p2")
    assert (await desk.payments())["p2"].problem is PaymentProblem.ALREADY_PAID
    await desk.refunded(order_id)
    assert await desk.status(order_id) == "paid"
    payments = await desk.payments()
    assert (payments["p2"].pays, payments["p2"].problem, payments["p1"].problem) == (True, None, None)
    assert await desk.told(OrderRefunded) == []


async def test_a_partial_refund_keeps_the_order_paid_and_a_full_one_takes_it_back(desk: Desk) -> None:
    order_id = await desk.order()
    await desk.received(order_id)
    await desk.refunded(order_id, 500)
    assert await desk.status(order_id) == "paid"
    assert (await desk.payments())["p1"].refunded == 500
    await desk.refunded(order_id, PRICE)
    await desk.refunded(order_id, 500)  # late
    (refunded,) = await desk.told(OrderRefunded)
    assert refunded.order.status is OrderStatus.REFUNDED
    assert (await desk.payments())["p1"].refunded == PRICE


async def test_more_going_back_than_came_in_is_a_problem(desk: Desk) -> None:
    order_id = await desk.order()
    await desk.received(order_id)
    await desk.refunded(order_id, PRICE + 1)
    assert await desk.status(order_id) == "refunded"
    assert (await desk.payments())["p1"].problem is PaymentProblem.REFUNDED_MORE


async def test_a_refund_that_comes_before_its_payment_ends_the_same(desk: Desk) -> None:
    order_id = await desk.order()
    await desk.refunded(order_id)
    assert (await desk.payments())["p1"].problem is PaymentProblem.REFUNDED_MORE
    await desk.received(order_id)
    assert await desk.status(order_id) == "refunded"
    assert (await desk.payments())["p1"].problem is None


async def test_a_dispute_is_shown_and_takes_nothing_back_by_itself(desk: Desk) -> None:
    order_id = await desk.order()
    await desk.received(order_id)
    await desk.hear(desk.news(PaymentDisputed, order_id))
    assert (await desk.payments())["p1"].problem is PaymentProblem.DISPUTED
    assert await desk.status(order_id) == "paid"


async def test_a_payment_for_a_cancelled_order_is_a_problem(desk: Desk) -> None:
    order_id = await desk.order()
    await desk.do(CancelOrder(gallery_id=desk.gallery.gallery_id, order_id=order_id))
    await desk.received(order_id)
    assert (await desk.payments())["p1"].problem is PaymentProblem.ORDER_CANCELLED
    assert await desk.status(order_id) == "cancelled"


async def test_what_was_refunded_by_hand_is_not_paid_again_by_a_repeat(desk: Desk) -> None:
    order_id = await desk.order()
    await desk.received(order_id)
    await desk.do(RefundOrder(gallery_id=desk.gallery.gallery_id, order_id=order_id))
    await desk.received(order_id)
    await desk.refunded(order_id, 100)
    assert await desk.status(order_id) == "refunded"
    await desk.received(order_id, payment_id="p2")  # the client pays anew
    assert await desk.status(order_id) == "paid"


async def assign(desk: Desk, order_id: UUID, payment: str = "p1") -> None:
    id_ = (await desk.payments())[payment].id
    command = AssignPayment(
        id=id_, studio_id=desk.gallery.studio.id, order_id=order_id, gallery_id=desk.gallery.gallery_id
    )
    await handlers.change_payments(command, desk.db)


async def test_the_photographer_assigns_a_payment_to_an_order_whatever_its_amount(desk: Desk) -> None:
    order_id = await desk.order()
    await desk.received(None, 1000, currency="EUR")
    await assign(desk, order_id)
    assert await desk.status(order_id) == "paid"
    payment = (await desk.payments())["p1"]
    assert (payment.order_id, payment.pays, payment.problem) == (order_id, True, None)
    await desk.refunded(None, 1000, currency="EUR")
    assert await desk.status(order_id) == "refunded"


@pytest.mark.parametrize("case", ["paid order", "cancelled order", "used", "returned"])
async def test_what_cannot_be_assigned_is_refused(desk: Desk, case: str) -> None:
    order_id, other = await desk.order(), await desk.order()
    await desk.received(other if case == "used" else None)
    if case == "paid order":
        await desk.do(MarkOrdersPaid(gallery_id=desk.gallery.gallery_id, order_ids=(order_id,)))
    if case == "cancelled order":
        await desk.do(CancelOrder(gallery_id=desk.gallery.gallery_id, order_id=order_id))
    if case == "returned":
        await desk.refunded(None)
    before = await desk.status(order_id)
    await assign(desk, order_id)
    (refused,) = await desk.told(CommandRefused)
    expected = {
        "paid order": "order-paid",
        "cancelled order": "order-cancelled",
        "used": "payment-used",
        "returned": "payment-returned",
    }
    assert (refused.status, refused.code) == (409, expected[case])
    assert await desk.status(order_id) == before


async def test_another_studios_payment_is_not_there(desk: Desk) -> None:
    order_id = await desk.order()
    await desk.received(None, studio_id=uuid7())
    await assign(desk, order_id)
    (refused,) = await desk.told(CommandRefused)
    assert refused.code == "payment-not-found"


async def test_a_dismissed_problem_stays_dismissed_until_it_becomes_another(desk: Desk) -> None:
    order_id = await desk.order()
    await desk.received(order_id, 1)
    id_ = (await desk.payments())["p1"].id
    await handlers.change_payments(DismissPayment(id=id_, studio_id=desk.gallery.studio.id, reason="a test"), desk.db)
    await desk.received(order_id, 1)
    assert (await desk.payments())["p1"].dismissed == "a test"
    await desk.hear(desk.news(PaymentDisputed, order_id, 1))
    assert (await desk.payments())["p1"].dismissed is None


@pytest.mark.parametrize("refund_first", [True, False])
async def test_a_refund_in_another_currency_takes_nothing_back(desk: Desk, refund_first: bool) -> None:
    order_id = await desk.order()
    news = [
        desk.news(PaymentReceived, order_id),
        desk.news(PaymentRefunded, order_id, money=Money(amount=PRICE, currency="EUR")),
    ]
    for each in reversed(news) if refund_first else news:
        await desk.hear(each)
    assert await desk.status(order_id) == "paid"
    assert (await desk.payments())["p1"].refunded == 0


async def test_payments_go_with_their_gallery(desk: Desk) -> None:
    await desk.received(await desk.order())
    await handlers.delete_gallery(DeleteGallery(gallery_id=desk.gallery.gallery_id), desk.db)
    (row,) = await desk.db.pool.fetch("SELECT order_id, gallery_id, dismissed, amount FROM payment")
    assert tuple(row) == (None, None, None, PRICE)


@pytest.mark.parametrize("back", [PRICE, 400])
async def test_a_refund_after_the_gallery_is_gone_is_nothing_to_look_at(desk: Desk, back: int) -> None:
    order_id = await desk.order()
    await desk.received(order_id)
    await handlers.delete_gallery(DeleteGallery(gallery_id=desk.gallery.gallery_id), desk.db)
    await desk.refunded(order_id, back)
    payment = (await desk.payments())["p1"]
    assert (payment.refunded, payment.problem) == (back, None)


@pytest.mark.parametrize("names_order", [True, False])
async def test_a_dispute_is_listed_even_when_nothing_is_known_to_have_come_in(desk: Desk, names_order: bool) -> None:
    order_id = await desk.order()
    await desk.do(MarkOrdersPaid(gallery_id=desk.gallery.gallery_id, order_ids=(order_id,)))
    await desk.hear(desk.news(PaymentDisputed, order_id if names_order else None))
    assert (await desk.payments())["p1"].problem is PaymentProblem.DISPUTED


KINDS = st.sampled_from(
    [
        (PaymentReceived, PRICE),
        (PaymentRefunded, PRICE),
        (PaymentRefunded, 400),
        (PaymentRefunded, PRICE + 1),
        (PaymentDisputed, PRICE),
    ]
)
NEWS = st.lists(st.tuples(KINDS, st.sampled_from(["p1", "p2", "p3"]), st.booleans()), min_size=1, max_size=8)


def end_of(placed: Order, news: list[PaymentNews], *, batch: int) -> tuple[OrderStatus, list[Any]]:
    """The order's state, and what is wrong with its payments, after news in batches of this size."""
    status, payments = placed.status, list[Payment]()
    for at in range(0, len(news), batch):
        by_name = {payment.payment_id: payment for payment in payments}
        for each in news[at : at + batch]:
            by_name[each.payment_id] = payment_rules.hear(by_name.get(each.payment_id), each)
        fresh, payments = payment_rules.come_in(payments, by_name.values()), []
        for subject, together in payment_rules.by_subject(by_name.values()).items():
            order = placed.model_copy(update={"status": status}) if subject == placed.id else None
            now, settled = payment_rules.settle(order, together, fresh)
            status, payments = now or status, payments + settled
    return status, sorted(str(payment.problem) for payment in payments)


@given(said=NEWS, data=st.data())
@settings(max_examples=500, deadline=None)
def test_whatever_order_providers_speak_in_the_end_is_the_same(said: list[Any], data: st.DataObject) -> None:
    placed = order("a.jpg", total=Money(amount=PRICE, currency="PLN"))
    news: list[PaymentNews] = [
        kind(
            studio_id=placed.studio_id,
            provider="standard",
            payment_id=name,
            order_id=placed.id if names_order else None,
            money=Money(amount=amount, currency="PLN"),
        )
        for (kind, amount), name, names_order in said
    ]
    shuffled = data.draw(st.permutations(news + data.draw(st.lists(st.sampled_from(news), max_size=4))))
    batch = data.draw(st.integers(1, 4))
    assert end_of(placed, shuffled, batch=batch) == end_of(placed, news, batch=1)


async def test_news_and_their_order_handled_at_the_same_moment_never_miss_each_other(desk: Desk) -> None:
    for number in range(100):
        order_id = uuid7()
        await gather(desk.order(order_id=order_id), desk.received(order_id, payment_id=f"race {number}"))
        assert await desk.status(order_id) == "paid"
