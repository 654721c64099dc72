"""What entitlements knows, made anew from the logs; and others are told what they were told otherwise."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis import outbox
from chassis.db import Database
from cli.rebuild import entitlements
from contracts.base import Message, uuid7
from contracts.entitlements import EntitlementsGranted, EntitlementsRevoked, OrderNotReady, OrderReady, TransferMatched
from contracts.orders import GalleryDeleted
from services.entitlements.telling import TABLES
from tests.cli.rebuild.installation import SOME, Installation, differing
from tests.entitlements.delivering import deliver
from tests.entitlements.making import confirm, grant, paid, proof, uploaded
from tests.entitlements.state import kept, told
from tests.entitlements.stories import Story, message, stories
from tests.outbox import emitted

PLAN = entitlements.plan()
NOT_REBUILT = {"inbox", "outbox", "deleted_gallery", "erased_subject", "migration"}


@pytest.fixture
def db(installation: Installation) -> Database:
    return installation.services["entitlements"]


@SOME
@given(lived=st.lists(stories(), min_size=2, max_size=5), deleted=st.booleans())
async def test_what_is_known_of_galleries_made_anew_is_the_same_and_nothing_is_told_again(
    installation: Installation, lived: list[Story], deleted: bool
) -> None:
    for service in installation.services:
        await installation.forget(service)
    galleries = [uuid7() for _ in lived]
    for gallery, story in zip(galleries, lived, strict=True):
        await installation.log(*(message(gallery, each) for each in dict.fromkeys(story.happened)))
        for each in story.delivered:
            await hear(installation, message(gallery, each))
    if deleted:
        await hear(installation, GalleryDeleted(gallery_id=galleries[0]), logged=True)
    before = await installation.rows("entitlements")
    result = await installation.rebuild(PLAN)

    assert await installation.rows("entitlements") == before
    assert (differing(result), result.told) == ({}, 0)
    assert result.events > 0 or not any(story.happened for story in lived)


async def hear(there: Installation, heard: Message, *, logged: bool = False) -> None:
    """A delivery, perhaps one more of what was handled before."""
    if logged:
        await there.log(heard)
    db = there.services["entitlements"]
    if not await db.pool.fetchval("SELECT count(*) FROM inbox WHERE message_id = $1", heard.message_id):
        await deliver(db, heard)


async def test_every_table_is_rebuilt_but_those_that_say_what_was_handled_and_told(installation: Installation) -> None:
    assert set(await installation.rows("entitlements")) == {table.name for table in TABLES} | NOT_REBUILT


async def a_days_work(there: Installation, gallery: UUID) -> None:
    """An order of two photos, one of whose finals has another name."""
    photos = [proof(gallery, name) for name in ("a.jpg", "b.jpg")]
    finals = [uploaded(gallery, name) for name in ("a.jpg", "other.jpg", "unknown.jpg")]
    order = paid(gallery, "a.jpg", "b.jpg")
    for each in (*photos, *finals, order, confirm(finals[1], photos[1])):
        await hear(there, each, logged=True)


async def test_what_was_lost_is_there_again_and_nobody_is_told_what_they_know(
    installation: Installation, db: Database
) -> None:
    await a_days_work(installation, uuid7())
    before = await installation.rows("entitlements")
    for table in reversed(TABLES):
        await db.pool.execute(f"TRUNCATE {table.name} CASCADE")
    result = await installation.rebuild(PLAN)

    assert await installation.rows("entitlements") == before
    assert set(differing(result)) == {table.name for table in TABLES} - {"gone"}
    assert result.told == 0


async def test_others_are_told_what_they_were_told_wrongly_once(installation: Installation, db: Database) -> None:
    gallery = uuid7()
    await a_days_work(installation, gallery)
    right = await kept(db, gallery)
    revoked = tuple(right.grants)[:1]
    invented = grant(paid(gallery, "x.jpg"), 0, uploaded(gallery, "x.jpg"))
    async with db.transaction() as tx:
        revision = await tx.fetchval("SELECT nextval('revision')")
        about = {"gallery_id": gallery, "revision": revision}
        await outbox.emit(
            tx,
            EntitlementsRevoked(grants=revoked, **about),
            EntitlementsGranted(grants=(invented,), **about),
            OrderNotReady(order_id=right.ready.copy().pop(), **about),
            OrderReady(order_id=invented.order_id, **about),
            TransferMatched(transfer_id=revoked[0].transfer_id, photo_id=None, by_hand=False, **about),
        )
    assert await told(db, gallery) != right
    result = await installation.rebuild(PLAN)

    assert await told(db, gallery) == await kept(db, gallery) == right
    assert (differing(result), result.told) == ({}, 5)
    assert (await installation.rebuild(PLAN)).told == 0


async def test_what_was_not_handled_yet_is_told_by_the_rebuild_and_not_once_more(
    installation: Installation, db: Database
) -> None:
    gallery = uuid7()
    final, order = uploaded(gallery, "a.jpg"), paid(gallery, "a.jpg")
    await installation.log(final, order, photo := proof(gallery, "a.jpg"))
    await installation.rebuild(PLAN)
    state, said = await kept(db, gallery), await emitted(db)
    for each in (final, order, photo):
        await deliver(db, each)

    assert state.ready == {order.order.id}
    assert await told(db, gallery) == await kept(db, gallery) == state
    assert await emitted(db) == said


async def test_a_gallery_that_is_just_being_deleted_is_left_to_its_handler(
    installation: Installation, db: Database
) -> None:
    gallery = uuid7()
    await a_days_work(installation, gallery)
    async with db.transaction() as tx:
        before = await tx.fetchval("SELECT count(*) FROM entitlement")
    orders = installation.services["orders"]
    async with orders.transaction() as tx:
        await outbox.forget_gallery(tx, gallery)
        await outbox.emit(tx, GalleryDeleted(gallery_id=gallery))
    result = await installation.rebuild(PLAN)

    assert (differing(result), result.told) == ({}, 0)
    assert await db.pool.fetchval("SELECT count(*) FROM entitlement") == before > 0
