"""Preview URLs: signed once, the same for hours, renewed before they run out."""

import json
from datetime import timedelta
from typing import Any

import pytest

from chassis.db import Database
from chassis.objects import ObjectStore
from contracts.base import uuid7
from services.gateway.signing import Signer
from services.gateway.view import files, previews
from tests.conftest import OpenDatabase
from tests.gateway.making import photo_uploaded, transfer_uploaded

HERE = "http://key:secret@here:9000/bucket"


@pytest.fixture
async def db(open_database: OpenDatabase) -> Database:
    """A view with one proof and one final whose previews were signed by the store that is here."""
    opened = await open_database("gateway")
    await previews.renew(opened, signer(HERE))
    async with opened.transaction() as tx:
        await files.put_photos(tx, [photo_uploaded(str(uuid7()), "1.jpg").photo], signer(HERE))
        await files.put_transfers(tx, [transfer_uploaded(str(uuid7()), "1.jpg").transfer], signer(HERE))
        # As signed a while ago, so that what is signed anew is another URL also within the same second.
        await tx.execute("UPDATE photo SET shown = replace(shown, 'X-Amz', 'before-X-Amz')")
        await tx.execute("UPDATE transfer SET preview_url = preview_url || '&before'")
    return opened


def signer(store: str, **where: Any) -> Signer:
    return Signer("http://photos.example", "s" * 32, ObjectStore(store, **where))


async def urls(db: Database) -> list[str]:
    row = await db.pool.fetchrow("SELECT shown, preview_url FROM photo, transfer")
    assert row is not None
    return [*json.loads(row["shown"])["previews"].values(), row["preview_url"]]


async def test_a_url_that_is_good_for_long_stays_the_same(db: Database) -> None:
    before = await urls(db)
    await previews.renew(db, signer(HERE))

    assert await urls(db) == before


@pytest.mark.parametrize("left", [timedelta(hours=23), timedelta(hours=-1)], ids=str)
async def test_a_url_that_runs_out_is_renewed(db: Database, left: timedelta) -> None:
    await db.pool.execute("UPDATE photo SET signed_until = now() + $1", left)
    await db.pool.execute("UPDATE transfer SET signed_until = now() + $1", left)
    await previews.renew(db, signer(HERE))

    assert not any("before" in url for url in await urls(db))
    until = "SELECT least(p.signed_until, t.signed_until) > now() + interval '47 hours' FROM photo p, transfer t"
    assert await db.pool.fetchval(until)


@pytest.mark.parametrize(
    ("moved", "begins"),
    [
        (signer("http://key:secret@there:9000/bucket"), "http://there:9000/bucket/"),
        (signer("http://key:secret@here:9000/other"), "http://here:9000/other/"),
        (signer("http://new:secret@here:9000/bucket"), "http://here:9000/bucket/"),
        (signer(HERE, public_base="http://photos.example/store"), "http://photos.example/store/bucket/"),
    ],
    ids=["another host", "another bucket", "another access key", "through the gateway"],
)
async def test_when_the_store_has_moved_every_url_is_renewed_at_once(db: Database, moved: Signer, begins: str) -> None:
    await previews.renew(db, moved)

    assert all(url.startswith(begins) and "before" not in url for url in await urls(db))


async def test_thousands_of_urls_are_renewed_in_one_round(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "BATCH", 3)
    async with db.transaction() as tx:
        for number in range(10):
            await files.put_photos(tx, [photo_uploaded(str(uuid7()), f"{number}.jpg").photo], signer(HERE))
        await tx.execute("UPDATE photo SET signed_until = now()")
    await previews.renew(db, signer(HERE))

    assert await db.pool.fetchval("SELECT min(signed_until) > now() + interval '47 hours' FROM photo")
