"""Before a gallery is deleted its photographer is mailed twice, and once who has not downloaded all."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chassis.db import Database
from contracts.base import utc_now, uuid7
from contracts.gateway import PhotoDownloaded
from contracts.orders import Gallery, GalleryChanged, GalleryOpened, Order, OrderCancelled, OrderPaid, OrderStatus
from services.notifier import store
from services.notifier.reminding import remind_who_is_due
from tests.making import gallery, studio
from tests.notifier.telling import paid, ready, reminders_of, reminders_told, tell

DAY = timedelta(days=1)


def kept(days: float, **given: Any) -> Gallery:
    """A gallery that is deleted in so many days."""
    return gallery(keep_until=utc_now() + DAY * days, **given)


def moved(shoot: Gallery, until: datetime | None) -> GalleryChanged:
    settings = shoot.settings.model_copy(update={"keep_until": until})
    return GalleryChanged(gallery=shoot.model_copy(update={"settings": settings, "revision": shoot.revision + 1}))


def fetched(of: Order, *finals: Any) -> PhotoDownloaded:
    return PhotoDownloaded(order_id=of.id, gallery_id=of.gallery_id, transfer_ids=finals, as_zip=True)


async def to_studio(db: Database) -> list[tuple[str, str]]:
    rows = await db.pool.fetch("SELECT kind, state FROM mail WHERE order_id IS NULL ORDER BY kind, attempt")
    return [tuple(row) for row in rows]


@pytest.mark.parametrize(("days", "kinds"), [(15, []), (13, ["ends_14"]), (2, ["ends_3"]), (-1, [])])
async def test_the_photographer_is_mailed_two_weeks_and_three_days_before(
    db: Database, days: int, kinds: list[str]
) -> None:
    await tell(db, GalleryOpened(gallery=kept(days)))
    for _ in range(2):
        await remind_who_is_due(db)

    assert await to_studio(db) == [(kind, "queued") for kind in kinds]


async def test_both_mails_go_one_after_the_other_and_each_once(db: Database) -> None:
    shoot = kept(13)
    await tell(db, GalleryOpened(gallery=shoot))
    await db.pool.execute("UPDATE mail SET state = 'sent'")
    for days in (10, 2, 1):
        await db.pool.execute("UPDATE gallery SET keep_until = $1", utc_now() + DAY * days)
        await db.pool.execute("UPDATE mail SET attempt = number_of($1)", utc_now() + DAY * days)  # the same date, later
        await remind_who_is_due(db)

    assert await to_studio(db) == [("ends_14", "sent"), ("ends_3", "queued")]


async def test_a_later_date_withdraws_what_waits_and_is_told_of_anew(db: Database) -> None:
    shoot = kept(2)
    await tell(db, GalleryOpened(gallery=shoot), later := moved(shoot, utc_now() + DAY * 30))
    assert await to_studio(db) == []

    await tell(db, moved(later.gallery, utc_now() + DAY * 2))
    await db.pool.execute("UPDATE mail SET state = 'sent'")
    await tell(db, moved(later.gallery.model_copy(update={"revision": 3}), utc_now() + DAY * 12))
    assert await to_studio(db) == [("ends_14", "queued"), ("ends_3", "sent")]


async def test_who_has_not_downloaded_all_is_mailed_a_week_before_and_once(db: Database) -> None:
    shoot, finals = kept(6), [uuid7(), uuid7()]
    nothing, some, everything, cancelled = [paid(shoot, "a.jpg", "b.jpg") for _ in range(4)]
    cancelled = cancelled.model_copy(update={"status": OrderStatus.CANCELLED})
    orders = (nothing, some, everything)
    await tell(db, *(OrderPaid(order=one) for one in orders), OrderCancelled(order=cancelled))
    await tell(db, *map(ready, (*orders, cancelled)))
    await tell(db, fetched(some, finals[0]), fetched(everything, finals[0]), fetched(everything, *finals))
    await tell(db, GalleryOpened(gallery=shoot))
    await remind_who_is_due(db)

    due = [("last_days", "queued")]
    assert [await reminders_of(db, one) for one in (nothing, some, everything, cancelled)] == [due, due, [], []]
    assert [told.kind for told in await reminders_told(db, nothing)] == ["last_days"]
    await tell(db, fetched(some, finals[1]))
    assert await reminders_of(db, some) == []


@pytest.mark.parametrize("shoot", [kept(8), kept(6, download_policy="none"), gallery()])
async def test_no_client_is_mailed_too_soon_or_for_nothing(db: Database, shoot: Gallery) -> None:
    ordered = paid(shoot)
    await tell(db, OrderPaid(order=ordered), ready(ordered), GalleryOpened(gallery=shoot))
    await remind_who_is_due(db)

    assert await reminders_of(db, ordered) == []


@pytest.mark.parametrize(("known", "mailed_in"), [("en", "en"), (None, "pl")])
async def test_the_photographer_is_mailed_in_the_studios_language_where_it_is_known(
    db: Database, known: str | None, mailed_in: str
) -> None:
    shoot = gallery(locale="pl", studio=studio().model_copy(update={"locale": known}))
    await tell(db, GalleryOpened(gallery=shoot))

    async with db.transaction() as tx:
        head = await store.letterhead(tx, shoot.id)
    assert head.locale == mailed_in


async def test_the_photographers_mail_counts_who_has_paid_and_was_not_mailed(db: Database) -> None:
    shoot = kept(13)
    orders = [paid(shoot) for _ in range(3)]
    await tell(db, GalleryOpened(gallery=shoot), *(OrderPaid(order=one) for one in orders))
    await db.pool.execute(
        """INSERT INTO mail (gallery_id, kind, order_id, attempt, order_ids, on_purpose, state, correlation_id)
           VALUES ($1, 'ready', $2, 1, ARRAY[$2::uuid], false, 'sent', $2)""",
        shoot.id,
        orders[0].id,
    )

    async with db.transaction() as tx:
        assert await store.unmailed(tx, shoot.id) == 2
