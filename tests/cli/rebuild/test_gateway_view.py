"""The view, made anew from the logs, is the view that there was; and what was wrong in it is right again."""

import asyncio
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis import outbox
from chassis.db import Database
from cli.rebuild import gateway
from contracts.base import Event, Money, uuid7
from contracts.gateway import PhotoDownloaded
from contracts.orders import GalleryDeleted, OrderPlaced
from contracts.payments import Payment, PaymentNoted, PaymentProblem
from contracts.transfers import Tab, UploadRejected
from services.gateway import studios
from services.gateway.live import CHANNEL, Announcement, Change
from services.gateway.outgoing import endpoints
from services.gateway.view import history, notifications, requests, uploads
from services.gateway.view.requests import Claim
from services.gateway.view.tables import OWN, VIEW
from services.gateway.view.uploads import NewSlot
from services.orders import payment_store
from tests.cli.rebuild.installation import SOME, Installation, differing
from tests.cli.rebuild.school import of_gallery, payment, school
from tests.gateway.making import photo_uploaded
from tests.gateway.view.news import News, news
from tests.gateway.view.test_orders_of_arrival import SIGNER, deliver
from tests.making import order
from tests.waiting import eventually

PLAN = gateway.plan(SIGNER)
SIGNED = re.compile(r'\?X-Amz-[^\\"]*')


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


@SOME
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


DAMAGE = {
    "gallery": ("settings", """'{"name": "wrong"}'""", {"id": "{uuid}", "public_digest": "\\x{hex}"}),
    "photo": ("filename", "'wrong.jpg'", {"id": "{uuid}"}),
    "transfer": ("version", "99", {"id": "{uuid}"}),
    "new_version": ("filename", "'wrong.jpg'", {"transfer_id": "{uuid}"}),
    "removed_file": ("gallery_id", "gen_random_uuid()", {"id": "{uuid}"}),
    "transfer_match": ("photo_id", "NULL", {"transfer_id": "{uuid}"}),
    "client_order": ("status", "'cancelled'", {"id": "{uuid}"}),
    "order_line": ("position", "99", {"order_id": "{uuid}"}),
    "client_link": ("rotation", "99", {"digest": "\\x{hex}"}),
    "entitlement": ("granted", "NOT granted", {"order_id": "{uuid}"}),
    "readiness": ("ready", "NOT ready", {"order_id": "{uuid}"}),
    "notification": ("state", "'failed'", {"order_id": "{uuid}"}),
    "reminder": ("error", "'wrong'", {"order_id": "{uuid}"}),
    "timeline": ("detail", "'wrong'", {"order_id": "{uuid}"}),
    "payment": ("amount", "99", {"id": "{uuid}"}),
}
"""By table: a column and a wrong value; and what makes another row of one."""


@pytest.fixture
async def live(installation: Installation) -> Database:
    """The gateway's own schema, after a day."""
    db = installation.services["gateway"]
    events = school()
    await installation.log(*events)
    for event in events:
        await deliver(db, event)
    return db


async def test_rows_that_are_missing_wrong_or_invented_are_mended(installation: Installation, live: Database) -> None:
    before = await everything(installation)
    for table, damage in DAMAGE.items():
        await spoil(live, table, *damage)
    spoilt = await everything(installation)
    assert {table for table in spoilt if spoilt[table] != before[table]} == {table.name for table in VIEW}
    result = await installation.rebuild(PLAN)

    assert await everything(installation) == before
    assert differing(result) == dict.fromkeys(DAMAGE, (1, 1, 1))


async def spoil(db: Database, table: str, column: str, wrong: str, key: dict[str, str]) -> None:
    """One row is invented, another one wrong, a third one missing."""
    other = {name: value.format(uuid=uuid7(), hex=uuid7().hex) for name, value in key.items()}
    first = f"(SELECT ctid FROM {table} ORDER BY ctid LIMIT 1)"  # noqa: S608 - our tables
    await db.pool.execute(
        f"INSERT INTO {table} SELECT (jsonb_populate_record(t, $1::jsonb)).* FROM {table} t LIMIT 1",  # noqa: S608
        json.dumps(other),
    )
    await db.pool.execute(f"UPDATE {table} SET {column} = {wrong} WHERE ctid = {first}")  # noqa: S608
    await db.pool.execute(f"DELETE FROM {table} WHERE ctid = {first}")  # noqa: S608


async def test_a_view_that_is_lost_comes_back(installation: Installation, live: Database) -> None:
    before = await everything(installation)
    for table in VIEW:
        await live.pool.execute(f"TRUNCATE {table.name}")
    await installation.rebuild(PLAN)

    assert await everything(installation) == before


async def test_open_pages_look_at_galleries_that_have_changed(installation: Installation, live: Database) -> None:
    gallery_id = await live.pool.fetchval(
        "DELETE FROM photo WHERE id = (SELECT id FROM photo LIMIT 1) RETURNING gallery_id"
    )
    heard: asyncio.Queue[str] = asyncio.Queue()
    connection = await live.connect()
    await connection.add_listener(CHANNEL, lambda *hint: heard.put_nowait(str(hint[-1])))
    await installation.rebuild(PLAN)
    hint = await asyncio.wait_for(heard.get(), 10)
    await connection.close()

    assert Announcement.from_json(hint) == Announcement(gallery_id, Change("gallery", gallery_id), None)
    assert heard.empty()


async def test_every_table_of_the_gateway_is_the_view_or_its_own_state(installation: Installation) -> None:
    assert set(await installation.rows("gateway")) == {table.name for table in VIEW} | OWN
    assert not {table.name for table in VIEW} & OWN


async def test_what_has_become_of_an_upload_is_put_right_and_what_is_under_way_stays(
    installation: Installation, live: Database
) -> None:
    photo, rejected = photo_uploaded(str(uuid7()), "a.jpg"), uuid7()
    slots = [NewSlot(id_, "a.jpg", 1, "incoming") for id_ in (photo.photo.upload_id, rejected, uuid7())]
    async with live.transaction() as tx:
        await uploads.add(tx, photo.photo.gallery_id, uuid7(), Tab.PHOTOS, slots)
        await uploads.now_processing(tx, [slot.id for slot in slots])
    told = UploadRejected(
        upload_id=rejected, gallery_id=photo.photo.gallery_id, tab=Tab.PHOTOS, filename="a", code="c", reason="r"
    )
    await installation.log(photo, told)
    await installation.rebuild(PLAN)

    rows = await live.pool.fetch("SELECT status, code, reason, file_id FROM upload ORDER BY id")
    assert sorted(map(tuple, rows), key=str) == [
        ("processing", None, None, None),
        ("rejected", "c", "r", None),
        ("stored", None, None, photo.photo.id),
    ]


async def test_what_the_gateway_has_not_handled_yet_is_shown_and_then_handled_as_ever(
    installation: Installation, live: Database
) -> None:
    studio, request_id = uuid7(), uuid7()
    async with live.transaction() as tx:
        await studios.add(tx, studio, name="A", email="a@example.com", password_hash="", locale="en")
        await endpoints.add(tx, uuid7(), studio, "https://example.com/", ["order.paid"])
        await requests.add(tx, request_id, Claim("studio", None, b"", "x", None), subject="null", pending=1)
    late = [event.model_copy(update={"causation_id": request_id}) for event in of_gallery()]
    await installation.log(*late)
    await installation.rebuild(PLAN)
    shown = await everything(installation)
    assert await live.pool.fetchval("SELECT count(*) FROM client_order") == 3
    assert await live.pool.fetchval("SELECT count(*) FROM webhook_news") == 0
    for event in late:
        await deliver(live, event)

    after = await everything(installation)
    assert {table.name: after[table.name] for table in VIEW} == {table.name: shown[table.name] for table in VIEW}
    assert await live.pool.fetchval("SELECT pending FROM request") < 1
    assert await live.pool.fetchval("SELECT count(*) FROM webhook_news") > 0


async def test_a_gallery_that_is_just_being_deleted_is_left_to_the_gateway(
    installation: Installation, live: Database
) -> None:
    before = await everything(installation)
    gallery_id = await live.pool.fetchval("SELECT id FROM gallery LIMIT 1")
    deleted = GalleryDeleted(gallery_id=gallery_id)
    await installation.log(deleted)
    result = await installation.rebuild(PLAN)
    assert (await everything(installation), differing(result)) == (before, {})
    await deliver(live, deleted)
    deleted_view = await everything(installation)
    result = await installation.rebuild(PLAN)

    assert (await everything(installation), differing(result)) == (deleted_view, {})
    assert await live.pool.fetchval("SELECT count(*) FROM client_order") == 1


async def test_a_deleted_gallery_does_not_come_back_from_the_logs_of_those_who_have_not_heard_of_it(
    installation: Installation, live: Database
) -> None:
    gallery_id = await live.pool.fetchval("SELECT id FROM gallery LIMIT 1")
    await deliver(live, GalleryDeleted(gallery_id=gallery_id))  # in no log: a second deletion has removed it there
    deleted = await everything(installation)
    result = await installation.rebuild(PLAN)

    assert (await everything(installation), differing(result)) == (deleted, {})


async def test_a_gallery_that_is_deleted_while_the_view_is_rebuilt_does_not_come_back(
    installation: Installation, live: Database
) -> None:
    gallery_id = await live.pool.fetchval("SELECT id FROM gallery LIMIT 1")
    async with live.pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE inbox IN ROW SHARE MODE")
        rebuilding = asyncio.create_task(installation.rebuild(PLAN))
        await eventually(lambda: is_filled(installation), within=60)
        await deliver(live, GalleryDeleted(gallery_id=gallery_id))
    deleted = await everything(installation)
    result = await rebuilding

    assert (await everything(installation), differing(result)) == (deleted, {})


async def is_filled(there: Installation) -> bool:
    """Whether the other schema has all that the log has."""
    db = there.services["orders"]
    if not await db.pool.fetchval("SELECT to_regclass('gateway_rebuilt.payment') IS NOT NULL"):
        return False
    return bool(await db.pool.fetchval("SELECT count(*) = 2 FROM gateway_rebuilt.payment"))


async def test_a_payment_whose_news_went_with_its_gallery_does_not_come_back(
    installation: Installation, live: Database
) -> None:
    of_order = order()
    early = payment(of_order, gallery_id=None, problem=PaymentProblem.UNKNOWN_ORDER)
    later = payment(of_order, revision=2)
    deleted = GalleryDeleted(gallery_id=of_order.gallery_id)
    async with installation.services["orders"].transaction() as tx:
        await payment_store.put(tx, [later.payment])
        await payment_store.forget_gallery(tx, of_order.gallery_id)
    await installation.log(early, later, deleted)
    for event in (early, later, deleted):
        await deliver(live, event)
    before = await everything(installation)
    result = await installation.rebuild(PLAN)

    assert (await everything(installation), differing(result)) == (before, {})
