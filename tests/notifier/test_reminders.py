"""Who is reminded: whom the photographer says, or by the gallery's switches; once each, and not for nothing."""

import asyncio
from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis import inbox
from chassis.db import Database
from contracts.base import Message, utc_now
from contracts.notifier import ConfirmedReminder, ReminderKind, SendAgain
from contracts.orders import (
    ClientCorrected,
    Gallery,
    GalleryChanged,
    GalleryDeleted,
    GalleryOpened,
    Order,
    OrderCancelled,
    OrderEvent,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderStatus,
)
from services.notifier import store
from services.notifier.reminding import remind_who_is_due
from tests.making import gallery
from tests.making import settings as gallery_settings
from tests.notifier.post_office import SILENCE, PostOffice
from tests.notifier.posting import cut_senders_off, sending, until_done
from tests.notifier.telling import (
    anew,
    client,
    downloaded,
    known_of,
    mails_of,
    not_ready,
    paid,
    pressed,
    ready,
    remind,
    reminders_of,
    reminders_told,
    tell,
    waits_or_is_done,
)
from tests.waiting import eventually

UNPAID, NOT_DOWNLOADED = ReminderKind.UNPAID, ReminderKind.NOT_DOWNLOADED
QUEUED = {kind: [(kind.value, "queued")] for kind in ReminderKind}
ENDS: dict[OrderStatus, type[OrderEvent]] = {
    OrderStatus.PAID: OrderPaid,
    OrderStatus.REFUNDED: OrderRefunded,
    OrderStatus.CANCELLED: OrderCancelled,
}


async def placed(db: Database, days_ago: float = 8, **settings: Any) -> tuple[Gallery, Order]:
    """An order that nobody has paid for so many days."""
    shoot = gallery(**settings)
    at = utc_now() - timedelta(days=days_ago)
    order = paid(shoot, status=OrderStatus.PLACED, revision=1, placed_at=at)
    await tell(db, GalleryOpened(gallery=shoot), OrderPlaced(order=order))
    return shoot, order


async def mailed(db: Database, days_ago: float = 8, **settings: Any) -> tuple[Gallery, Order]:
    """An order whose client was mailed so many days ago and has not fetched anything."""
    shoot = gallery(**settings)
    order = paid(shoot)
    await tell(db, GalleryOpened(gallery=shoot), OrderPaid(order=order), ready(order), pressed(shoot, order))
    await db.pool.execute(
        "UPDATE mail SET state = 'sent', changed_at = now() - make_interval(secs => $2 * 86400) WHERE order_id = $1",
        order.id,
        days_ago,
    )
    return shoot, order


MADE = {UNPAID: placed, NOT_DOWNLOADED: mailed}
SWITCHES = {UNPAID: "remind_unpaid_days", NOT_DOWNLOADED: "remind_download_days"}
BOTH = pytest.mark.parametrize("kind", get_args(ConfirmedReminder))


def becomes(order: Order, status: OrderStatus) -> Message:
    return ENDS[status](order=order.model_copy(update={"status": status, "revision": order.revision + 1}))


def switched(shoot: Gallery, **settings: Any) -> GalleryChanged:
    changed = {"settings": gallery_settings(**settings), "revision": shoot.revision + 1}
    return GalleryChanged(gallery=shoot.model_copy(update=changed))


async def send_all(db: Database, **script: str) -> list[str]:
    """Who gets what is queued."""
    async with PostOffice(script) as office, sending(db, office.url):
        await until_done(db)
        return [command for command in office.commands if command.startswith("RCPT")]


@BOTH
async def test_nobody_is_reminded_unless_somebody_says_so(db: Database, kind: ReminderKind) -> None:
    _, order = await MADE[kind](db, days_ago=400)
    await remind_who_is_due(db)

    assert await reminders_of(db, order) == []


@BOTH
async def test_whom_the_photographer_confirms_is_reminded(db: Database, kind: ReminderKind) -> None:
    shoot, order = await MADE[kind](db, days_ago=0)
    await tell(db, remind(kind, shoot, order))

    assert await reminders_of(db, order) == QUEUED[kind]
    assert await send_all(db) == ["RCPT TO:<anna@example.com>"]
    assert [one.state for one in await reminders_told(db, order)] == ["queued", "sending", "sent"]
    assert {one.kind for one in await reminders_told(db, order)} == {kind}


@BOTH
async def test_each_order_is_reminded_once_of_each_thing_however_often_it_is_confirmed(
    db: Database, kind: ReminderKind
) -> None:
    shoot, order = await MADE[kind](db, **{SWITCHES[kind]: 7})
    command = remind(kind, shoot, order)
    await tell(db, command, command, anew(command))
    await send_all(db)
    await tell(db, anew(command))
    await remind_who_is_due(db)

    assert await reminders_of(db, order) == [(kind.value, "sent")]
    assert await send_all(db) == []


async def test_an_order_may_be_reminded_of_both_one_after_the_other(db: Database) -> None:
    shoot, order = await placed(db)
    await tell(db, remind(UNPAID, shoot, order))
    await send_all(db)
    await tell(db, becomes(order, OrderStatus.PAID), ready(order), pressed(shoot, order))
    await send_all(db)
    await tell(db, remind(NOT_DOWNLOADED, shoot, order))

    assert await reminders_of(db, order) == [("not_downloaded", "queued"), ("unpaid", "sent")]
    assert await mails_of(db, order) == [(1, "sent")]


@BOTH
@pytest.mark.parametrize("state", ["failed", "unknown"])
async def test_a_reminder_that_went_wrong_is_not_repeated(db: Database, kind: ReminderKind, state: str) -> None:
    shoot, order = await MADE[kind](db, **{SWITCHES[kind]: 7})
    await tell(db, remind(kind, shoot, order))
    await db.pool.execute("UPDATE mail SET state = $1 WHERE kind = $2", state, kind)
    await tell(db, anew(remind(kind, shoot, order)))
    await remind_who_is_due(db)

    assert await reminders_of(db, order) == [(kind.value, state)]


@BOTH
async def test_the_switch_reminds_by_itself_after_its_days(db: Database, kind: ReminderKind) -> None:
    _, early = await MADE[kind](db, days_ago=6.9, **{SWITCHES[kind]: 7})
    _, late = await MADE[kind](db, days_ago=7.1, **{SWITCHES[kind]: 7})
    await remind_who_is_due(db)
    await remind_who_is_due(db)

    assert await reminders_of(db, early) == []
    assert await reminders_of(db, late) == QUEUED[kind]


@BOTH
async def test_one_switch_is_not_the_other(db: Database, kind: ReminderKind) -> None:
    other = next(each for each in ReminderKind if each != kind)
    _, order = await MADE[kind](db, **{SWITCHES[other]: 1})
    await remind_who_is_due(db)

    assert await reminders_of(db, order) == []


@BOTH
async def test_turning_the_switch_on_reminds_those_who_are_due_and_off_nobody(db: Database, kind: ReminderKind) -> None:
    shoot, order = await MADE[kind](db)
    on = switched(shoot, **{SWITCHES[kind]: 7})
    await tell(db, on)
    assert await reminders_of(db, order) == QUEUED[kind]

    await tell(db, switched(on.gallery))
    assert await reminders_of(db, order) == []
    assert [one.state for one in await reminders_told(db, order)] == ["queued", "none"]


@BOTH
async def test_what_was_confirmed_is_not_taken_back_by_the_switch(db: Database, kind: ReminderKind) -> None:
    shoot, order = await MADE[kind](db, **{SWITCHES[kind]: 7})
    await remind_who_is_due(db)
    await tell(db, remind(kind, shoot, order), switched(shoot))

    assert await reminders_of(db, order) == QUEUED[kind]


@pytest.mark.parametrize("status", [OrderStatus.PAID, OrderStatus.CANCELLED])
async def test_who_has_paid_or_cancelled_is_not_reminded_to_pay(db: Database, status: OrderStatus) -> None:
    shoot, order = await placed(db, remind_unpaid_days=7)
    await tell(db, remind(UNPAID, shoot, order), becomes(order, status))
    assert await reminders_of(db, order) == []
    assert (await reminders_told(db, order))[-1].state == "none"

    await tell(db, anew(remind(UNPAID, shoot, order)))
    await remind_who_is_due(db)
    assert await reminders_of(db, order) == []


@pytest.mark.parametrize("status", [OrderStatus.REFUNDED, OrderStatus.CANCELLED])
async def test_whose_order_has_ended_is_not_reminded_to_download(db: Database, status: OrderStatus) -> None:
    shoot, order = await mailed(db, remind_download_days=7)
    await tell(db, remind(NOT_DOWNLOADED, shoot, order), becomes(order, status))
    await tell(db, anew(remind(NOT_DOWNLOADED, shoot, order)))
    await remind_who_is_due(db)

    assert await reminders_of(db, order) == []


async def test_who_has_downloaded_is_not_reminded_to_download(db: Database) -> None:
    shoot, order = await mailed(db, remind_download_days=7)
    await tell(db, remind(NOT_DOWNLOADED, shoot, order), downloaded(order))
    assert await reminders_of(db, order) == []

    await tell(db, downloaded(order), anew(remind(NOT_DOWNLOADED, shoot, order)))
    await remind_who_is_due(db)
    assert await reminders_of(db, order) == []


async def test_who_was_not_mailed_is_not_reminded_to_download(db: Database) -> None:
    shoot = gallery(remind_download_days=1)
    order = paid(shoot)
    await tell(db, GalleryOpened(gallery=shoot), OrderPaid(order=order), ready(order))
    await tell(db, remind(NOT_DOWNLOADED, shoot, order))
    await remind_who_is_due(db)
    assert await reminders_of(db, order) == []

    await tell(db, pressed(shoot, order))
    await send_all(db)
    await tell(db, ready(order, 2))
    assert await mails_of(db, order) == [(1, "sent")]
    assert await reminders_of(db, order) == []


async def test_nobody_is_reminded_to_download_what_cannot_be_downloaded(db: Database) -> None:
    shoot, order = await mailed(db, remind_download_days=7)
    await tell(db, not_ready(order, 2))
    await remind_who_is_due(db)
    assert await reminders_of(db, order) == []

    await tell(db, ready(order, 3), switched(shoot, download_policy="none", remind_download_days=7))
    await remind_who_is_due(db)
    assert await reminders_of(db, order) == []


async def test_the_days_count_from_the_last_mail(db: Database) -> None:
    _, order = await mailed(db, remind_download_days=7)
    await tell(db, SendAgain(order_id=order.id, gallery_id=order.gallery_id))
    await send_all(db)
    await remind_who_is_due(db)

    assert await reminders_of(db, order) == []


async def test_send_again_and_the_button_know_nothing_of_reminders(db: Database) -> None:
    shoot, order = await placed(db)
    await tell(db, remind(UNPAID, shoot, order))
    await db.pool.execute("UPDATE mail SET state = 'sending', claimed_by = 0")
    await tell(db, becomes(order, OrderStatus.PAID), ready(order))
    await tell(db, SendAgain(order_id=order.id, gallery_id=shoot.id))
    assert await mails_of(db, order) == [(1, "queued")]

    await db.pool.execute("UPDATE mail SET state = 'sent' WHERE kind = 'ready'")
    await tell(db, pressed(shoot, order), anew(SendAgain(order_id=order.id, gallery_id=shoot.id)))
    assert await mails_of(db, order) == [(1, "sent"), (2, "queued")]
    assert await reminders_of(db, order) == [("unpaid", "sending")]


@BOTH
async def test_several_copies_at_once_remind_everybody_once(db: Database, kind: ReminderKind) -> None:
    orders = [(await MADE[kind](db, **{SWITCHES[kind]: 7}))[1] for _ in range(10)]
    await asyncio.gather(*(remind_who_is_due(db) for _ in range(4)))
    async with PostOffice() as office, sending(db, office.url), sending(db, office.url):
        await until_done(db)
        assert len(office.letters) == 10

    assert [await reminders_of(db, order) for order in orders] == [[(kind.value, "sent")]] * 10


@BOTH
async def test_a_crash_while_a_reminder_is_being_sent_leaves_it_unknown_and_it_goes_out_no_more(
    db: Database, kind: ReminderKind
) -> None:
    shoot, order = await MADE[kind](db, **{SWITCHES[kind]: 7})
    await tell(db, remind(kind, shoot, order))
    async with PostOffice({"CONTENT": SILENCE}) as office, sending(db, office.url):
        await office.until("CONTENT")
        await cut_senders_off(db)
        await send_all(db)
        office.answer_all("250 taken")
    await tell(db, anew(remind(kind, shoot, order)))
    await remind_who_is_due(db)

    assert await send_all(db) == []
    assert await reminders_of(db, order) == [(kind.value, "unknown")]
    assert [one.state for one in await reminders_told(db, order)] == ["queued", "sending", "unknown"]


@BOTH
async def test_a_deferred_reminder_is_withdrawn_when_there_is_nothing_to_remind_of(
    db: Database, kind: ReminderKind
) -> None:
    shoot, order = await MADE[kind](db)
    await tell(db, remind(kind, shoot, order))
    over = becomes(order, OrderStatus.PAID) if kind is UNPAID else downloaded(order)
    async with PostOffice({"RCPT": SILENCE}) as office, sending(db, office.url):
        await office.until("RCPT")
        await tell(db, over)
        office.script = {}
        office.answer_all("451 later")
        await until_done(db)
        assert office.letters == []

    assert await reminders_of(db, order) == []
    assert (await reminders_told(db, order))[-1].state == "none"


@BOTH
async def test_a_deleted_gallery_reminds_nobody_and_leaves_nothing(db: Database, kind: ReminderKind) -> None:
    shoot, order = await MADE[kind](db, **{SWITCHES[kind]: 7})
    late = [remind(kind, shoot, order), downloaded(order)]
    await tell(db, *late, GalleryDeleted(gallery_id=shoot.id), *map(anew, late))
    await remind_who_is_due(db)

    assert set((await known_of(db, shoot.id)).values()) == {0}


async def test_a_gallery_that_is_just_being_deleted_reminds_nobody_and_leaves_nothing(db: Database) -> None:
    shoot, _ = await placed(db, remind_unpaid_days=7)
    async with inbox.once_and_for_all(db, "forget_gallery", GalleryDeleted(gallery_id=shoot.id)) as tx:
        await store.forget_gallery(tx, shoot.id)
        reminding = asyncio.create_task(remind_who_is_due(db))
        await eventually(lambda: waits_or_is_done(db, reminding))
    await reminding

    assert set((await known_of(db, shoot.id)).values()) == {0}


def _unpaid_story() -> list[Message]:
    """Ends confirmed and unpaid; on the way there the gallery closed its downloads and the client was corrected."""
    shoot = gallery(download_policy="none")
    changed = switched(shoot)
    order = paid(shoot, status=OrderStatus.PLACED, revision=1)
    corrected = order.model_copy(update={"revision": 2, "client": client("right@example.com")})
    return [
        GalleryOpened(gallery=shoot),
        changed,
        OrderPlaced(order=order),
        ClientCorrected(order=corrected),
        remind(UNPAID, shoot, order),
    ]


PERMUTED = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


async def in_any_order(db: Database, data: st.DataObject, story: list[Message]) -> None:
    deliveries = data.draw(st.permutations([*story, *data.draw(st.lists(st.sampled_from(story), max_size=6))]))
    await tell(db, *(anew(message) if data.draw(st.booleans()) else message for message in deliveries))


@PERMUTED
@given(data=st.data())
async def test_any_order_of_arrival_ends_in_the_same_single_reminder(db: Database, data: st.DataObject) -> None:
    story = _unpaid_story()
    await in_any_order(db, data, story)
    placed_event = story[2]
    assert isinstance(placed_event, OrderPlaced)

    assert await reminders_of(db, placed_event.order) == QUEUED[UNPAID]


@PERMUTED
@given(data=st.data())
async def test_any_order_of_arrival_with_a_payment_in_it_ends_without_a_reminder(
    db: Database, data: st.DataObject
) -> None:
    story = _unpaid_story()
    placed_event = story[2]
    assert isinstance(placed_event, OrderPlaced)
    payment = placed_event.order.model_copy(update={"status": OrderStatus.PAID, "revision": 3})
    await in_any_order(db, data, [*story, OrderPaid(order=payment)])

    assert await reminders_of(db, placed_event.order) == []


@PERMUTED
@given(data=st.data())
async def test_any_order_of_arrival_with_a_download_in_it_ends_without_a_reminder(
    db: Database, data: st.DataObject
) -> None:
    shoot, order = await mailed(db)
    corrected = ClientCorrected(order=order.model_copy(update={"revision": 3, "client": client("b@example.com")}))
    ups_and_downs: list[Message] = [not_ready(order, 2), ready(order, 3), corrected]
    await in_any_order(db, data, [*ups_and_downs, remind(NOT_DOWNLOADED, shoot, order), downloaded(order)])
    assert await reminders_of(db, order) == []

    shoot, order = await mailed(db)
    await in_any_order(db, data, [not_ready(order, 2), ready(order, 3), remind(NOT_DOWNLOADED, shoot, order)])
    assert await reminders_of(db, order) == QUEUED[NOT_DOWNLOADED]
