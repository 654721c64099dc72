"""The order of arrival does not matter to the view (rule 3)."""

import asyncio
import inspect
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings

from chassis.db import Database
from chassis.inbox import AlreadyHandled
from chassis.objects import ObjectStore
from contracts.base import Event, uuid7
from contracts.entitlements import EntitlementsGranted, EntitlementsRevoked, Grant
from contracts.orders import PhotoWithdrawn
from contracts.topology import QUEUES
from contracts.transfers import Tab, TransferRemoved
from services.gateway import handlers
from services.gateway.live import Announcer
from services.gateway.signing import Signer
from services.gateway.view import files, requests, uploads
from services.gateway.view.requests import Claim
from services.gateway.view.uploads import NewSlot
from tests.conftest import OpenDatabase
from tests.gateway.making import photo_uploaded, transfer_uploaded
from tests.gateway.view.news import ERASED, News, news
from tests.making import gallery
from tests.waiting import eventually

HANDLERS = {
    message: getattr(handlers, queue.split(".")[1])
    for queue, messages in QUEUES.items()
    if queue.startswith("gateway.")
    for message in messages
}
OF_A_GALLERY = """
    SELECT table_name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema = 'gateway' AND column_name = 'gallery_id' AND table_name <> 'outbox'
        AND table_type = 'BASE TABLE'"""
OF_THE_MOMENT = ["signed_until", "created_at", "opened_at", "asked_at", "erased_at"]
"""Columns that say when something was done here."""
SIGNATURE = re.compile(r'\?X-Amz-[^"]*')
SIGNER = Signer("https://photos.example.com", "s" * 32, ObjectStore("http://key:secret@127.0.0.1:1/bucket"))
"""Signing asks nobody."""
NOBODY = uuid7()


@pytest.fixture
async def db(open_database: OpenDatabase) -> Database:
    return await open_database("gateway")


@settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=news())
async def test_whatever_the_order_and_number_of_deliveries_the_view_is_the_same(db: Database, told: News) -> None:
    in_order = await _after(db, told, told.events)
    shuffled = await _after(db, told, told.deliveries)

    assert shuffled == in_order


@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=news(lives=ERASED))
async def test_whatever_comes_after_or_before_it_an_erased_client_is_not_in_the_view(db: Database, told: News) -> None:
    view = await _after(db, told, told.deliveries)

    assert not [row for rows in view.values() for row in rows if "anna" in row.lower() or "right@" in row]


async def test_what_removes_a_file_and_what_brings_it_do_not_miss_each_other(db: Database) -> None:
    shoot = gallery().id
    photo, final = photo_uploaded(str(shoot), "a.jpg"), transfer_uploaded(str(shoot), "a.jpg")
    withdrawn = PhotoWithdrawn(photo_id=photo.photo.id, gallery_id=shoot)
    removed = TransferRemoved(transfer_id=final.transfer.id, gallery_id=shoot)
    async with db.transaction() as tx:  # what the removals do, stopped before their commit
        await files.withdraw_photo(tx, withdrawn.photo_id, shoot)
        await files.remove_transfer(tx, removed.transfer_id, shoot)
        bringing = asyncio.gather(*(deliver(db, event) for event in (photo, final)))
        await eventually(lambda: _wait_or_are_done(db, bringing))
    await bringing

    assert [await _rows(db, table, "gallery_id", shoot) for table in ("photo", "transfer")] == [[], []]


@pytest.mark.parametrize("is_turned", [False, True])
async def test_a_final_that_moves_between_photos_of_an_order_stays_granted(db: Database, is_turned: bool) -> None:
    gallery_id, order_id, final_id, photos = uuid7(), uuid7(), uuid7(), (uuid7(), uuid7())
    left, now = (Grant(order_id=order_id, photo_id=photo, transfer_id=final_id) for photo in photos)
    about = {"gallery_id": gallery_id, "revision": 2}
    in_one_turn = [EntitlementsRevoked(grants=(left,), **about), EntitlementsGranted(grants=(now,), **about)]
    await deliver(db, EntitlementsGranted(gallery_id=gallery_id, grants=(left,), revision=1))
    for event in reversed(in_one_turn) if is_turned else in_one_turn:
        await deliver(db, event)

    rows = await db.pool.fetch("SELECT photo_id, granted FROM entitlement WHERE transfer_id = $1", final_id)
    assert [tuple(row) for row in rows] == [(photos[1], True)]


async def _after(db: Database, told: News, deliveries: Sequence[Event]) -> dict[str, list[str]]:
    """All that the view has of a gallery, once these events have come to a gateway that knew nothing of it."""
    tables = {row["table_name"]: "gallery_id" for row in await db.pool.fetch(OF_A_GALLERY)} | {"gallery": "id"}
    async with db.transaction() as tx:
        for table in ("inbox", "deleted_gallery", *tables):
            await tx.execute(f"DELETE FROM {table}")  # noqa: S608 - our tables
        slots = [NewSlot(upload_id, "a.jpg", 1, "incoming") for upload_id in told.upload_ids]
        await uploads.add(tx, told.gallery_id, NOBODY, Tab.PHOTOS, slots)
        asked = Claim("studio", None, b"", "orders_marked", told.gallery_id)
        await requests.add(tx, told.request_id, asked, subject="null", pending=2)
    for event in deliveries:
        await deliver(db, event)
    return {table: await _rows(db, table, column, told.gallery_id) for table, column in tables.items()}


async def deliver(db: Database, event: Event) -> None:
    """Hand an event to its handler, as the bus does; a repeated delivery is acknowledged."""
    handler = HANDLERS[type(event)]
    given = {"event": event, "events": [event], "db": db, "live": Announcer(db), "signer": SIGNER}
    wanted = [given[name] for name in inspect.signature(handler).parameters]
    with suppress(AlreadyHandled):
        await handler(*wanted)


async def _rows(db: Database, table: str, column: str, gallery_id: UUID) -> list[str]:
    rows = await db.pool.fetch(
        f"SELECT (to_jsonb(t) - $2::text[])::text AS row FROM {table} t WHERE {column} = $1",  # noqa: S608 - our tables
        gallery_id,
        OF_THE_MOMENT,
    )
    return sorted(SIGNATURE.sub("", row["row"]) for row in rows)


async def _wait_or_are_done(db: Database, work: "asyncio.Future[Any]") -> bool:
    return work.done() or bool(await db.pool.fetchval("SELECT count(*) = 2 FROM pg_locks WHERE NOT granted"))
