"""Who may download what, after whatever happened to orders and finals."""

from uuid import UUID

import pytest

from chassis.db import Database
from chassis.inbox import AlreadyHandled
from contracts.base import uuid7
from contracts.entitlements import EntitlementsGranted, EntitlementsRevoked, OrderNotReady, OrderReady
from contracts.names import match_key
from contracts.orders import OrderCancelled, OrderRefunded, OrderStatus
from tests.entitlements.delivering import deliver
from tests.entitlements.making import as_of, confirm, grant, paid, proof, removed, uploaded
from tests.entitlements.state import kept
from tests.outbox import emitted

SAME_NAME = (
    "IMG_0001.JPG",
    "img_0001.jpeg",
    "Img_0001.TIFF",
    "finals/day 1/IMG_0001.jpg",
    "C:\\export\\IMG_0001.png",
    "img_0001",
)


@pytest.mark.parametrize("order_first", [True, False])
async def test_s2_a_final_belongs_to_the_order_of_the_same_name(db: Database, order_first: bool) -> None:
    for filename in SAME_NAME:
        gallery = uuid7()
        order, final = paid(gallery, "IMG_0001.JPG"), uploaded(gallery, filename)
        await deliver(db, *([order, final] if order_first else [final, order]))

        state = await kept(db, gallery)
        assert state.grants == {grant(order, 0, final)}, filename
        assert state.ready == {order.order.id}, filename


async def test_s2_a_name_in_another_unicode_form_is_the_same_name(db: Database, gallery: UUID) -> None:
    order, final = paid(gallery, "Zażółć.jpg"), uploaded(gallery, "ZAZ\u0307O\u0301\u0142C\u0301.JPG")
    await deliver(db, order, final)

    assert (await kept(db, gallery)).grants == {grant(order, 0, final)}


async def test_another_gallery_with_the_same_names_is_another_matter(db: Database, gallery: UUID) -> None:
    await deliver(db, paid(gallery, "a.jpg"), proof(gallery, "a.jpg"), uploaded(uuid7(), "a.jpg"))

    assert (await kept(db, gallery)).grants == set()


async def test_an_order_is_ready_when_its_last_line_has_its_final(db: Database, gallery: UUID) -> None:
    order, a, b = paid(gallery, "a.jpg", "b.jpg"), uploaded(gallery, "a.jpg"), uploaded(gallery, "b.jpg")
    await deliver(db, order, a)
    assert (await kept(db, gallery)).ready == set()
    await deliver(db, b)

    *_, granted, ready = await emitted(db)
    assert isinstance(granted, EntitlementsGranted)
    assert granted.grants == (grant(order, 1, b),)
    assert isinstance(ready, OrderReady)
    assert ready.order_id == order.order.id


async def test_removing_a_final_takes_it_from_its_orders(db: Database, gallery: UUID) -> None:
    order, final = paid(gallery, "a.jpg"), uploaded(gallery, "a.jpg")
    await deliver(db, order, final, removed(final))

    revoked, not_ready = (await emitted(db))[-2:]
    assert isinstance(revoked, EntitlementsRevoked)
    assert revoked.grants == (grant(order, 0, final),)
    assert isinstance(not_ready, OrderNotReady)
    assert (await kept(db, gallery)).grants == set()


async def test_an_order_is_ready_while_one_of_two_finals_of_a_line_is_left(db: Database, gallery: UUID) -> None:
    order, photo = paid(gallery, "a.jpg"), proof(gallery, "a.jpg")
    natural, edited = uploaded(gallery, "a.jpg"), uploaded(gallery, "a-Edit.jpg")
    await deliver(db, order, photo, natural, edited)
    await deliver(db, confirm(edited, photo))
    assert (await kept(db, gallery)).grants == {grant(order, 0, natural), grant(order, 0, edited)}
    await deliver(db, removed(natural))

    state = await kept(db, gallery)
    assert state.grants == {grant(order, 0, edited)}
    assert state.ready == {order.order.id}


@pytest.mark.parametrize(
    ("event", "status"),
    [(OrderRefunded, OrderStatus.REFUNDED), (OrderCancelled, OrderStatus.CANCELLED)],
)
async def test_an_order_that_is_no_longer_paid_loses_its_rights(
    db: Database, gallery: UUID, event: type[OrderRefunded | OrderCancelled], status: OrderStatus
) -> None:
    order, final = paid(gallery, "a.jpg"), uploaded(gallery, "a.jpg")
    await deliver(db, order, final, event(order=as_of(order.order, status, 3)))

    revoked, not_ready = (await emitted(db))[-2:]
    assert isinstance(revoked, EntitlementsRevoked)
    assert isinstance(not_ready, OrderNotReady)
    state = await kept(db, gallery)
    assert (state.grants, state.ready) == (set(), set())


async def test_news_of_the_payment_that_come_after_the_refund_change_nothing(db: Database, gallery: UUID) -> None:
    order = paid(gallery, "a.jpg")
    refunded = OrderRefunded(order=as_of(order.order, OrderStatus.REFUNDED, 3))
    await deliver(db, uploaded(gallery, "a.jpg"), refunded, order)

    assert (await kept(db, gallery)).grants == set()


async def test_a_new_version_of_a_final_changes_nothing(db: Database, gallery: UUID) -> None:
    final = uploaded(gallery, "a.jpg")
    await deliver(db, paid(gallery, "a.jpg"), final)
    before = await emitted(db)
    await deliver(db, uploaded(gallery, "A.JPG", id=final.transfer.id, version=2))

    assert await emitted(db) == before


async def test_a_removed_final_stays_removed(db: Database, gallery: UUID) -> None:
    final = uploaded(gallery, "a.jpg")
    gone = removed(final)
    await deliver(db, paid(gallery, "a.jpg"), gone, final)

    state = await kept(db, gallery)
    assert (state.grants, state.matches) == (set(), {})


async def test_a_delivery_that_repeats_another_is_refused(db: Database, gallery: UUID) -> None:
    order = paid(gallery, "a.jpg")
    await deliver(db, order)
    with pytest.raises(AlreadyHandled):
        await deliver(db, order)


async def test_many_grants_come_in_messages_of_a_thousand(db: Database, gallery: UUID) -> None:
    names = [f"{number}.jpg" for number in range(1001)]
    async with db.transaction() as tx:
        await tx.executemany(
            "INSERT INTO final (id, gallery_id, match_key, photo_key, by_hand) VALUES ($1, $2, $3, $3, false)",
            [(uuid7(), gallery, match_key(name)) for name in names],
        )
    await deliver(db, paid(gallery, *names))

    first, second, ready = await emitted(db)
    assert isinstance(first, EntitlementsGranted)
    assert isinstance(second, EntitlementsGranted)
    assert (len(first.grants), len(second.grants)) == (1000, 1)
    assert isinstance(ready, OrderReady)
