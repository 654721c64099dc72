"""What the orders service answers to each command."""

from datetime import timedelta

import pytest

from chassis.db import Database
from chassis.inbox import AlreadyHandled
from contracts.base import Money, utc_now, uuid7
from contracts.erasure import OrdersErased
from contracts.orders import (
    CancelOrder,
    ChangeGallery,
    ChangeStudio,
    ClientErased,
    CommandRefused,
    CorrectClient,
    DeleteGallery,
    EraseClient,
    GalleryChanged,
    GalleryDeleted,
    GalleryOpened,
    MarkOrdersPaid,
    OrderCancelled,
    OrderPaid,
    OrderPlaced,
    OrderRejected,
    OrderUnchanged,
    PhotoWithdrawn,
    RefundOrder,
    RotateLink,
    WithdrawPhoto,
)
from services.orders import handlers
from tests.conftest import OpenDatabase
from tests.making import line, open_gallery, place_order
from tests.outbox import emitted


@pytest.fixture
async def db(open_database: OpenDatabase) -> Database:
    return await open_database("orders")


async def test_orders_are_numbered_per_gallery(db: Database) -> None:
    first, second = open_gallery(), open_gallery()
    for gallery in (first, second):
        await handlers.open_gallery(gallery, db)
    for command in (
        place_order(first.gallery_id, line("a.jpg")),
        place_order(first.gallery_id, line("b.jpg")),
        place_order(second.gallery_id, line("c.jpg")),
    ):
        await handlers.place_order(command, db)

    placed = [event for event in await emitted(db) if isinstance(event, OrderPlaced)]
    assert [event.order.number for event in placed] == [1, 2, 1]


@pytest.mark.parametrize("renamed_first", [True, False])
async def test_a_renamed_studio_is_called_so_in_all_its_galleries_whatever_comes_first(
    db: Database, renamed_first: bool
) -> None:
    opening = open_gallery()
    renamed = ChangeStudio(studio=opening.studio.model_copy(update={"name": "Nowe Studio", "revision": 1}))
    if renamed_first:
        await handlers.change_studio(renamed, db)
    await handlers.open_gallery(opening, db)
    if not renamed_first:
        await handlers.change_studio(renamed, db)

    last = (await emitted(db))[-1]
    assert isinstance(last, GalleryOpened | GalleryChanged)
    assert last.gallery.studio.name == "Nowe Studio"


async def test_an_older_name_of_a_studio_changes_nothing(db: Database) -> None:
    opening = open_gallery()
    await handlers.open_gallery(opening, db)
    for revision, name in ((2, "Newest"), (1, "Older")):
        card = opening.studio.model_copy(update={"name": name, "revision": revision})
        await handlers.change_studio(ChangeStudio(studio=card), db)

    changed = [event.gallery for event in await emitted(db) if isinstance(event, GalleryChanged)]
    assert [gallery.studio.name for gallery in changed] == ["Newest"]


async def test_a_photo_listed_twice_counts_once(db: Database) -> None:
    gallery = open_gallery()
    await handlers.open_gallery(gallery, db)
    photo = line("a.jpg")
    await handlers.place_order(place_order(gallery.gallery_id, photo, photo), db)

    placed = (await emitted(db))[-1]
    assert isinstance(placed, OrderPlaced)
    assert placed.order.lines == (photo,)
    assert placed.order.total.amount == 1250


async def test_a_rejected_order_takes_no_number(db: Database) -> None:
    gallery = open_gallery()
    await handlers.open_gallery(gallery, db)
    await handlers.place_order(place_order(gallery.gallery_id), db)
    await handlers.place_order(place_order(gallery.gallery_id, line("a.jpg")), db)

    rejected, placed = (await emitted(db))[-2:]
    assert isinstance(rejected, OrderRejected)
    assert rejected.detail == "Choose at least one photo."
    assert isinstance(placed, OrderPlaced)
    assert placed.order.number == 1


async def test_an_order_at_another_price_than_agreed_is_refused(db: Database) -> None:
    gallery = open_gallery()
    await handlers.open_gallery(gallery, db)
    for amount, currency in ((1300, "PLN"), (1250, "EUR"), (1250, "PLN")):
        agreed = Money(amount=amount, currency=currency)
        await handlers.place_order(place_order(gallery.gallery_id, line("a.jpg"), agreed_total=agreed), db)

    *rejections, placed = (await emitted(db))[-3:]
    for rejected in rejections:
        assert isinstance(rejected, OrderRejected)
        assert (rejected.status, rejected.code) == (409, "price-changed")
    assert isinstance(placed, OrderPlaced)


async def test_after_the_deadline_the_gallery_is_closed(db: Database) -> None:
    gallery = open_gallery(order_deadline=utc_now() - timedelta(minutes=1))
    await handlers.open_gallery(gallery, db)
    await handlers.place_order(place_order(gallery.gallery_id, line("a.jpg")), db)

    rejected = (await emitted(db))[-1]
    assert isinstance(rejected, OrderRejected)
    assert (rejected.status, rejected.code) == (409, "gallery-closed")


async def test_an_order_placed_before_the_deadline_counts_however_late_it_is_handled(db: Database) -> None:
    gallery = open_gallery(order_deadline=utc_now() - timedelta(minutes=1))
    await handlers.open_gallery(gallery, db)
    in_time = utc_now() - timedelta(minutes=2)
    await handlers.place_order(place_order(gallery.gallery_id, line("a.jpg"), occurred_at=in_time), db)

    assert isinstance((await emitted(db))[-1], OrderPlaced)


async def test_a_free_order_is_refused_unless_allowed(db: Database) -> None:
    gallery = open_gallery(price_per_photo=0)
    await handlers.open_gallery(gallery, db)
    await handlers.place_order(place_order(gallery.gallery_id, line("a.jpg")), db)

    rejected = (await emitted(db))[-1]
    assert isinstance(rejected, OrderRejected)
    assert rejected.code == "no-free-orders"


async def test_an_allowed_free_order_has_nothing_to_wait_for(db: Database) -> None:
    gallery = open_gallery(price_per_photo=0, allow_free_orders=True)
    await handlers.open_gallery(gallery, db)
    await handlers.place_order(place_order(gallery.gallery_id, line("a.jpg")), db)

    placed, paid = (await emitted(db))[-2:]
    assert isinstance(placed, OrderPlaced)
    assert isinstance(paid, OrderPaid)
    assert paid.order.revision == placed.order.revision + 1


async def test_a_command_delivered_twice_is_done_once(db: Database) -> None:
    gallery = open_gallery()
    await handlers.open_gallery(gallery, db)
    command = place_order(gallery.gallery_id, line("a.jpg"))
    await handlers.place_order(command, db)
    with pytest.raises(Exception, match="has handled"):
        await handlers.place_order(command, db)

    assert sum(isinstance(event, OrderPlaced) for event in await emitted(db)) == 1


async def test_marking_many_as_paid_answers_for_each(db: Database) -> None:
    gallery = open_gallery()
    await handlers.open_gallery(gallery, db)
    new, paid, cancelled = (place_order(gallery.gallery_id, line(f"{name}.jpg")) for name in "abc")
    for command in (new, paid, cancelled):
        await handlers.place_order(command, db)
    await handlers.mark_orders_paid(MarkOrdersPaid(gallery_id=gallery.gallery_id, order_ids=(paid.order_id,)), db)
    await handlers.change_order(CancelOrder(gallery_id=gallery.gallery_id, order_id=cancelled.order_id), db)
    unknown = uuid7()
    everything = (new.order_id, paid.order_id, cancelled.order_id, unknown)
    await handlers.mark_orders_paid(MarkOrdersPaid(gallery_id=gallery.gallery_id, order_ids=everything), db)

    unchanged, refused, missing, now_paid = (await emitted(db))[-4:]
    assert isinstance(unchanged, OrderUnchanged)
    assert (unchanged.order.id, unchanged.order.status) == (paid.order_id, "paid")
    assert isinstance(refused, CommandRefused)
    assert (refused.subject_id, refused.status) == (cancelled.order_id, 409)
    assert isinstance(missing, CommandRefused)
    assert (missing.subject_id, missing.status) == (unknown, 404)
    assert isinstance(now_paid, OrderPaid)
    assert now_paid.order.id == new.order_id


async def test_only_a_paid_order_can_be_refunded(db: Database) -> None:
    gallery = open_gallery()
    await handlers.open_gallery(gallery, db)
    command = place_order(gallery.gallery_id, line("a.jpg"))
    await handlers.place_order(command, db)
    await handlers.change_order(RefundOrder(gallery_id=gallery.gallery_id, order_id=command.order_id), db)

    refused = (await emitted(db))[-1]
    assert isinstance(refused, CommandRefused)
    assert "cancel it instead" in refused.detail


async def test_erasing_a_client_cancels_an_unpaid_order_once_agreed_and_is_told_once(db: Database) -> None:
    gallery = open_gallery()
    await handlers.open_gallery(gallery, db)
    placed = place_order(gallery.gallery_id, line("a.jpg"))
    await handlers.place_order(placed, db)
    about = {"gallery_id": gallery.gallery_id, "order_id": placed.order_id, "studio_id": gallery.studio.id}
    for ends_order in (False, True, True):
        await handlers.change_orders(EraseClient(**about, ends_order=ends_order), db)
    for late in (CorrectClient(**about, changes={"name": "Anna"}), RotateLink(**about)):
        await handlers.change_orders(late, db)

    refused, erased, cancelled, unchanged, *refusals = (await emitted(db))[2:]
    assert isinstance(refused, CommandRefused)
    assert refused.code == "order-goes-on"
    assert isinstance(erased, ClientErased)
    assert isinstance(cancelled, OrderCancelled)
    assert cancelled.causation_id == erased.message_id
    assert (erased.order.status, erased.order.client.erased, len(erased.order.lines)) == ("cancelled", True, 1)
    assert isinstance(unchanged, OrderUnchanged)
    assert [refusal.code for refusal in refusals if isinstance(refusal, CommandRefused)] == ["client-erased"] * 2


async def test_a_paid_order_can_be_cancelled(db: Database) -> None:
    gallery = open_gallery()
    await handlers.open_gallery(gallery, db)
    command = place_order(gallery.gallery_id, line("a.jpg"))
    await handlers.place_order(command, db)
    await handlers.mark_orders_paid(MarkOrdersPaid(gallery_id=gallery.gallery_id, order_ids=(command.order_id,)), db)
    await handlers.change_order(CancelOrder(gallery_id=gallery.gallery_id, order_id=command.order_id), db)

    assert isinstance((await emitted(db))[-1], OrderCancelled)


async def test_a_photo_on_an_order_stays(db: Database) -> None:
    gallery = open_gallery()
    await handlers.open_gallery(gallery, db)
    photo = line("a.jpg")
    await handlers.place_order(place_order(gallery.gallery_id, photo), db)
    await handlers.withdraw_photo(WithdrawPhoto(photo_id=photo.photo_id, gallery_id=gallery.gallery_id), db)

    refused = (await emitted(db))[-1]
    assert isinstance(refused, CommandRefused)
    assert refused.status == 409


async def test_a_withdrawn_photo_can_no_longer_be_ordered(db: Database) -> None:
    gallery = open_gallery()
    await handlers.open_gallery(gallery, db)
    photo = line("IMG_7.jpg")
    await handlers.withdraw_photo(WithdrawPhoto(photo_id=photo.photo_id, gallery_id=gallery.gallery_id), db)
    await handlers.place_order(place_order(gallery.gallery_id, photo), db)

    withdrawn, rejected = (await emitted(db))[-2:]
    assert isinstance(withdrawn, PhotoWithdrawn)
    assert isinstance(rejected, OrderRejected)
    assert "IMG_7.jpg" in rejected.detail


async def test_the_currency_stays_once_there_is_an_order_whatever_became_of_it(db: Database) -> None:
    gallery = open_gallery(currency="PLN")
    await handlers.open_gallery(gallery, db)
    command = place_order(gallery.gallery_id, line("a.jpg"))
    await handlers.place_order(command, db)
    await handlers.change_order(CancelOrder(gallery_id=gallery.gallery_id, order_id=command.order_id), db)
    for changes in ({"currency": "EUR", "welcome": "Hello"}, {"currency": "PLN", "price_per_photo": 1}):
        await handlers.change_gallery(ChangeGallery(gallery_id=gallery.gallery_id, changes=changes), db)

    refused, changed = (await emitted(db))[-2:]
    assert isinstance(refused, CommandRefused)
    assert (refused.subject_id, refused.status, refused.field) == (gallery.gallery_id, 409, "currency")
    assert "open another gallery" in refused.detail
    assert isinstance(changed, GalleryChanged)
    settings = changed.gallery.settings
    assert (settings.currency, settings.price_per_photo, settings.welcome) == ("PLN", 1, "")


async def test_the_currency_can_be_changed_until_somebody_orders(db: Database) -> None:
    gallery = open_gallery(currency="PLN")
    await handlers.open_gallery(gallery, db)
    await handlers.place_order(place_order(gallery.gallery_id), db)
    await handlers.change_gallery(ChangeGallery(gallery_id=gallery.gallery_id, changes={"currency": "EUR"}), db)

    changed = (await emitted(db))[-1]
    assert isinstance(changed, GalleryChanged)
    assert changed.gallery.settings.currency == "EUR"


async def test_a_deleted_gallery_is_told_of_once_and_nothing_more_comes_of_it(db: Database) -> None:
    gallery = open_gallery()
    await handlers.open_gallery(gallery, db)
    await handlers.place_order(place_order(gallery.gallery_id, line("a.jpg")), db)
    await handlers.delete_gallery(DeleteGallery(gallery_id=gallery.gallery_id), db)
    with pytest.raises(AlreadyHandled):
        await handlers.place_order(place_order(gallery.gallery_id, line("b.jpg")), db)

    told, erased = await emitted(db)
    assert isinstance(told, GalleryDeleted)
    assert (told.gallery_id, told.studio_id) == (gallery.gallery_id, gallery.studio.id)
    assert isinstance(erased, OrdersErased)
    assert (erased.deleted_id, erased.counts, erased.causation_id) == (told.gallery_id, {"orders": 1}, told.message_id)


async def test_who_deletes_a_gallery_again_is_told_that_it_is_gone(db: Database) -> None:
    gallery = open_gallery()
    await handlers.open_gallery(gallery, db)
    for _ in range(2):
        await handlers.delete_gallery(DeleteGallery(gallery_id=gallery.gallery_id), db)

    refused = (await emitted(db))[-1]
    assert isinstance(refused, CommandRefused)
    assert refused.status == 404
