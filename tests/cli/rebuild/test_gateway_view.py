"""The view, made anew from the logs, is the view that there was; and what was wrong in it is right again."""

import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chassis import outbox
from chassis.db import Database
from cli.rebuild import gateway
from contracts.base import Event, Money, uuid7
from contracts.gateway import PhotoDownloaded
from contracts.orders import GalleryDeleted, OrderPlaced
from contracts.payments import Payment, PaymentNoted, PaymentProblem
from contracts.transfers import Tab
from services.gateway.view import history, notifications, uploads
from services.gateway.view.uploads import NewSlot
from tests.cli.rebuild.installation import Installation, differing
from tests.gateway.view.news import News, news
from tests.gateway.view.test_orders_of_arrival import SIGNER, deliver
from tests.making import order

PLAN = gateway.plan(SIGNER)
SIGNED = re.compile(r'\?X-Amz-[^\\"]*')
NEVER_CHANGED = settings(
    max_examples=8, derandomize=True, phases=[Phase.generate], deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
async def installation(database_url: str) -> AsyncIterator[Installation]:
    async with Installation(database_url) as there:
        yield there


@st.composite
def payments(draw: st.DrawFn) -> list[Event]:
    """A payment's life in the order of its revisions; it is told in that order, too."""
    problems = draw(st.lists(st.sampled_from([None, *PaymentProblem]), min_size=1, max_size=5))
    of_order = order()
    about = {"id": uuid7(), "studio_id": uuid7(), "provider": "stripe", "payment_id": f"pi_{uuid7()}"}
    events: list[Event] = []
    for revision, problem in enumerate(problems, 1):
        known = revision > draw(st.integers(0, 2))
        payment = Payment(
            **about,
            order_id=of_order.id,
            gallery_id=of_order.gallery_id if known else None,
            money=Money(amount=1250, currency="PLN"),
            refunded=draw(st.sampled_from([0, 1250])),
            problem=problem,
            pays=problem is None,
            received_at=datetime(2026, 6, 1, 8, tzinfo=UTC),
            revision=revision,
        )
        events.append(PaymentNoted(payment=payment))
    return events


async def everything(there: Installation) -> dict[str, list[str]]:
    """All of the gateway's rows but for signatures, which are renewed, and when a mail was asked for."""
    found = await there.rows("gateway", "signed_until", "asked_at")
    return {table: sorted(SIGNED.sub("", row) for row in rows) for table, rows in found.items()}


async def live_through(there: Installation, told: Sequence[News], paid: Sequence[Event]) -> None:
    """All of it happens, and reaches the gateway in another order, some of it twice."""
    db = there.services["gateway"]
    for one in told:
        slots = [NewSlot(upload_id, "a.jpg", 1, "incoming") for upload_id in one.upload_ids]
        async with db.transaction() as tx:
            await uploads.add(tx, one.gallery_id, uuid7(), Tab.PHOTOS, slots)
        await there.log(*sorted(one.events, key=lambda event: isinstance(event, GalleryDeleted)))
        for event in one.deliveries:
            await deliver(db, event)
        await do_own_things(db, one)
    await there.log(*paid)
    for event in paid:
        await deliver(db, event)


async def do_own_things(db: Database, one: News) -> None:
    """What the gateway writes into the view by itself: opened links, downloads, mails that somebody asked for."""
    if any(isinstance(event, GalleryDeleted) for event in one.events):
        return
    orders = [event.order for event in one.events if isinstance(event, OrderPlaced)]
    first, last = orders[0], orders[-1]
    async with db.transaction() as tx:
        await history.note_opened(tx, first.id, one.gallery_id)
        downloaded = PhotoDownloaded(order_id=first.id, gallery_id=one.gallery_id, transfer_ids=(), as_zip=True)
        await history.note_downloaded(tx, downloaded, "photos.zip (2)")
        await outbox.emit(tx, downloaded)
        await notifications.queue_again(tx, last.id, one.gallery_id)


@NEVER_CHANGED
@given(told=st.lists(news(), min_size=2, max_size=5), paid=st.lists(payments(), max_size=3))
async def test_a_view_made_anew_is_the_same_row_for_row(
    installation: Installation, told: list[News], paid: list[list[Event]]
) -> None:
    for service in installation.services:
        await installation.forget(service)
    await live_through(installation, told, [event for each in paid for event in each])
    before = await everything(installation)
    result = await installation.rebuild(PLAN)

    assert await everything(installation) == before
    assert differing(result) == {}
    assert result.events > 0
