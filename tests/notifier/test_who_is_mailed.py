"""Who is mailed, and that it is once (S5, rules 3, 4, 6)."""

import asyncio
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.db import Database
from contracts.base import Message
from contracts.notifier import SendAgain
from contracts.orders import (
    ClientCorrected,
    GalleryChanged,
    GalleryDeleted,
    GalleryOpened,
    LinkRotated,
    OrderCancelled,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderStatus,
)
from services.notifier import store
from services.notifier.notices import settle
from tests.making import gallery
from tests.making import settings as gallery_settings
from tests.notifier.telling import (
    anew,
    client,
    due,
    known_of,
    mails_of,
    not_ready,
    paid,
    pressed,
    ready,
    states_told,
    tell,
    told,
    waits_or_is_done,
)
from tests.waiting import eventually

ONE_QUEUED = [(1, "queued")]


async def test_a_paid_and_ready_order_is_mailed_when_the_button_is_pressed(db: Database) -> None:
    ordered = await due(db)

    assert await mails_of(db, ordered) == ONE_QUEUED
    assert await states_told(db, ordered) == ["queued"]


@pytest.mark.parametrize("missing", ["gallery", "paid", "ready", "pressed"])
async def test_nobody_is_mailed_while_anything_is_missing(db: Database, missing: str) -> None:
    shoot = gallery()
    ordered = paid(shoot)
    story = {
        "gallery": GalleryOpened(gallery=shoot),
        "paid": OrderPaid(order=ordered),
        "ready": ready(ordered),
        "pressed": pressed(shoot, ordered),
    }
    late = story.pop(missing)
    await tell(db, *story.values())
    assert await mails_of(db, ordered) == []

    await tell(db, late)
    assert await mails_of(db, ordered) == ONE_QUEUED


async def test_nobody_is_mailed_while_nobody_may_download(db: Database) -> None:
    shoot = gallery(download_policy="none")
    ordered = paid(shoot)
    await tell(db, GalleryOpened(gallery=shoot), OrderPaid(order=ordered), ready(ordered), pressed(shoot, ordered))
    assert await mails_of(db, ordered) == []

    opened = shoot.model_copy(update={"settings": gallery_settings(download_policy="anyone"), "revision": 2})
    await tell(db, GalleryChanged(gallery=opened))
    assert await mails_of(db, ordered) == ONE_QUEUED


async def test_auto_notify_presses_the_button_by_itself(db: Database) -> None:
    shoot = gallery(auto_notify=True)
    ordered = paid(shoot)
    await tell(db, GalleryOpened(gallery=shoot), OrderPaid(order=ordered), ready(ordered))

    assert await mails_of(db, ordered) == ONE_QUEUED


async def test_two_presses_are_one_mail(db: Database) -> None:
    shoot = gallery()
    first, second = paid(shoot), paid(shoot)
    await tell(db, GalleryOpened(gallery=shoot), OrderPaid(order=first), ready(first), pressed(shoot, first))
    await tell(db, OrderPaid(order=second), ready(second), pressed(shoot, first, second))

    assert await mails_of(db, first) == await mails_of(db, second) == ONE_QUEUED
    assert await states_told(db, first) == await states_told(db, second) == ["queued"]


async def test_who_was_asked_for_is_mailed_when_the_order_becomes_ready_again(db: Database) -> None:
    shoot = gallery()
    ordered = paid(shoot)
    await tell(db, GalleryOpened(gallery=shoot), OrderPaid(order=ordered), ready(ordered, 1), not_ready(ordered, 2))
    await tell(db, pressed(shoot, ordered))
    assert await mails_of(db, ordered) == []

    await tell(db, ready(ordered, 3))
    assert await mails_of(db, ordered) == ONE_QUEUED


async def test_a_queued_mail_is_withdrawn_when_its_order_is_not_ready_any_more(db: Database) -> None:
    ordered = await due(db)
    await tell(db, not_ready(ordered, 2))
    assert await mails_of(db, ordered) == []

    await tell(db, ready(ordered, 3))
    assert await mails_of(db, ordered) == ONE_QUEUED
    assert await states_told(db, ordered) == ["queued", "none", "queued"]


@pytest.mark.parametrize("ended", [OrderRefunded, OrderCancelled])
async def test_a_queued_mail_is_withdrawn_when_its_order_ends(
    db: Database, ended: type[OrderRefunded] | type[OrderCancelled]
) -> None:
    ordered = await due(db)
    status = OrderStatus.REFUNDED if ended is OrderRefunded else OrderStatus.CANCELLED
    await tell(db, SendAgain(order_id=ordered.id, gallery_id=ordered.gallery_id))
    await tell(db, ended(order=ordered.model_copy(update={"status": status, "revision": 3})))

    assert await mails_of(db, ordered) == []
    assert (await states_told(db, ordered))[-1] == "none"


async def test_queued_mails_are_withdrawn_when_nobody_may_download_any_more(db: Database) -> None:
    shoot = gallery()
    orders = [paid(shoot) for _ in range(3)]
    await tell(db, GalleryOpened(gallery=shoot), *(OrderPaid(order=one) for one in orders))
    await tell(db, *map(ready, orders), pressed(shoot, *orders))
    closed = shoot.model_copy(update={"settings": gallery_settings(download_policy="none"), "revision": 2})
    await tell(db, GalleryChanged(gallery=closed))

    assert [await mails_of(db, one) for one in orders] == [[], [], []]


async def test_correcting_a_client_or_replacing_the_link_mails_nobody(db: Database) -> None:
    shoot = gallery()
    ordered = paid(shoot)
    await tell(db, GalleryOpened(gallery=shoot), OrderPaid(order=ordered), ready(ordered))
    await tell(db, ClientCorrected(order=ordered.model_copy(update={"revision": 3, "client": client("b@example.com")})))
    await tell(db, LinkRotated(order=ordered.model_copy(update={"revision": 4, "link_rotation": 1})))

    assert await mails_of(db, ordered) == []


async def test_send_again_hastens_a_mail_that_still_waits(db: Database) -> None:
    ordered = await due(db)
    await db.pool.execute("UPDATE mail SET due_at = now() + interval '10 minutes', tries = 4")
    await tell(db, SendAgain(order_id=ordered.id, gallery_id=ordered.gallery_id))

    assert await mails_of(db, ordered) == ONE_QUEUED
    assert await db.pool.fetchval("SELECT due_at <= now() AND tries = 0 FROM mail")


async def test_send_again_while_a_mail_is_being_sent_is_that_mail(db: Database) -> None:
    ordered = await due(db)
    await db.pool.execute("UPDATE mail SET state = 'sending', claimed_by = 0")
    await tell(db, SendAgain(order_id=ordered.id, gallery_id=ordered.gallery_id))

    assert await mails_of(db, ordered) == [(1, "sending")]


@pytest.mark.parametrize("state", ["sent", "failed", "unknown"])
async def test_send_again_is_one_more_mail_whatever_became_of_the_last(db: Database, state: str) -> None:
    ordered = await due(db)
    await db.pool.execute("UPDATE mail SET state = $1", state)
    command = SendAgain(order_id=ordered.id, gallery_id=ordered.gallery_id)
    await tell(db, command, command, anew(command))

    assert await mails_of(db, ordered) == [(1, state), (2, "queued")]
    last = (await told(db, ordered))[-1]
    assert (last.attempt, last.state) == (2, "queued")


async def test_after_send_again_the_button_mails_nobody(db: Database) -> None:
    shoot = gallery()
    ordered = paid(shoot)
    await tell(db, GalleryOpened(gallery=shoot), OrderPaid(order=ordered))
    await tell(db, SendAgain(order_id=ordered.id, gallery_id=shoot.id))
    await db.pool.execute("UPDATE mail SET state = 'sent'")
    await tell(db, ready(ordered), pressed(shoot, ordered))

    assert await mails_of(db, ordered) == [(1, "sent")]


async def test_revisions_of_an_orders_notification_only_grow(db: Database) -> None:
    ordered = await due(db)
    await tell(db, not_ready(ordered, 2), ready(ordered, 3))
    await tell(db, SendAgain(order_id=ordered.id, gallery_id=ordered.gallery_id))

    revisions = [notification.revision for notification in await told(db, ordered)]
    assert len(revisions) == 4
    assert revisions == sorted(set(revisions))


async def test_a_deleted_gallery_leaves_nothing_and_late_messages_bring_nothing_back(db: Database) -> None:
    shoot = gallery()
    ordered = paid(shoot)
    story: list[Message] = [
        GalleryOpened(gallery=shoot),
        OrderPaid(order=ordered),
        ready(ordered),
        pressed(shoot, ordered),
    ]
    await tell(db, *story, GalleryDeleted(gallery_id=shoot.id), *map(anew, story))
    await tell(db, anew(SendAgain(order_id=ordered.id, gallery_id=shoot.id)))

    assert set((await known_of(db, shoot.id)).values()) == {0}


async def test_two_messages_that_make_an_order_due_together_do_not_miss_each_other(db: Database) -> None:
    shoot = gallery()
    ordered = paid(shoot)
    event = OrderPaid(order=ordered)
    await tell(db, GalleryOpened(gallery=shoot), pressed(shoot, ordered))
    async with db.transaction() as tx:  # what follow_order does, stopped before its commit
        await store.lock_gallery(tx, shoot.id)
        await store.put_order(tx, ordered)
        await settle(tx, event.as_cause, shoot.id, [ordered.id])
        other = asyncio.create_task(tell(db, ready(ordered)))
        await eventually(lambda: waits_or_is_done(db, other))
    await other

    assert await mails_of(db, ordered) == ONE_QUEUED


async def test_what_comes_last_makes_the_mail_due_also_when_all_come_at_once(db: Database) -> None:
    for _ in range(30):
        shoot = gallery()
        ordered = paid(shoot)
        story = [GalleryOpened(gallery=shoot), OrderPaid(order=ordered), ready(ordered), pressed(shoot, ordered)]
        random.shuffle(story)
        await asyncio.gather(*(tell(db, message) for message in [*story, *map(anew, story)]))

        assert await mails_of(db, ordered) == ONE_QUEUED


def _story() -> list[Message]:
    """Ends paid, ready, asked for, with downloads allowed; on the way there, none of it was so for a while."""
    shoot = gallery(download_policy="none")
    opened = shoot.model_copy(update={"settings": gallery_settings(), "revision": 2})
    placed = paid(shoot, status=OrderStatus.PLACED, revision=1)
    now_paid = placed.model_copy(update={"status": OrderStatus.PAID, "revision": 2})
    corrected = now_paid.model_copy(update={"revision": 3, "client": client("right@example.com")})
    return [
        GalleryOpened(gallery=shoot),
        GalleryChanged(gallery=opened),
        OrderPlaced(order=placed),
        OrderPaid(order=now_paid),
        ClientCorrected(order=corrected),
        ready(placed, 1),
        not_ready(placed, 2),
        ready(placed, 3),
        pressed(shoot, placed),
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_order_of_arrival_with_any_repetition_ends_in_the_same_single_mail(
    db: Database, data: st.DataObject
) -> None:
    story = _story()
    deliveries = data.draw(st.permutations([*story, *data.draw(st.lists(st.sampled_from(story), max_size=9))]))
    await tell(db, *(anew(message) if data.draw(st.booleans()) else message for message in deliveries))
    shoot, placed = story[0], story[2]
    assert isinstance(shoot, GalleryOpened)
    assert isinstance(placed, OrderPlaced)
    state = await db.pool.fetchrow(
        """SELECT g.revision, o.revision, o.client_email, r.revision, r.ready, m.attempt, m.state, m.on_purpose
           FROM gallery g JOIN client_order o ON o.gallery_id = g.id JOIN readiness r ON r.order_id = o.id
           JOIN asked a ON a.order_id = o.id LEFT JOIN mail m ON m.order_id = o.id WHERE g.id = $1""",
        shoot.gallery.id,
    )
    assert tuple(state or ()) == (2, 3, "right@example.com", 3, True, 1, "queued", False)
    assert await mails_of(db, placed.order) == ONE_QUEUED
    assert (await states_told(db, placed.order))[-1] == "queued"
