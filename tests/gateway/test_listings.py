"""Pages of proofs behind a public link are kept in each copy of the gateway, and yet show what is there now."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from chassis.db import Database, Tx
from chassis.objects import ObjectStore
from contracts.orders import Gallery
from contracts.transfers import Photo
from services.gateway.reads import photos
from services.gateway.reads.photos import PublicListings
from services.gateway.signing import Signer
from services.gateway.view import files, galleries, previews
from tests.conftest import OpenDatabase
from tests.gateway.making import photo_uploaded
from tests.making import gallery

SIGNER = Signer("http://photos.example", "s" * 32, ObjectStore("http://key:secret@here:9000/bucket"))


@dataclass
class Shown:
    """A gallery, as two copies of the gateway show it."""

    db: Database
    gallery: Gallery = field(default_factory=gallery)

    def __post_init__(self) -> None:
        self.copies = PublicListings(self.db), PublicListings(self.db)

    async def do(self, change: Callable[[Tx], Awaitable[None]]) -> None:
        """Change the view."""
        async with self.db.transaction() as tx:
            await change(tx)

    async def add(self, name: str) -> Photo:
        """A proof of this name."""
        photo = photo_uploaded(str(self.gallery.id), name).photo
        await self.do(lambda tx: files.put_photos(tx, [photo], SIGNER))
        return photo

    async def bodies(self, cursor: str | None = None, limit: int = 100) -> list[bytes]:
        """A page, from each copy."""
        found = [await copy.page(SIGNER.public_digest(self.gallery.id), cursor, limit) for copy in self.copies]
        return [listing.body for listing in found if listing]

    async def names(self, cursor: str | None = None, limit: int = 100) -> list[str]:
        """The names on a page that both copies show."""
        one, other = await self.bodies(cursor, limit)
        assert one == other
        return [item["filename"] for item in json.loads(one)["items"]]


@pytest.fixture
async def shown(open_database: OpenDatabase) -> Shown:
    """A gallery with one proof, that both copies have shown."""
    shown = Shown(await open_database("gateway"))
    await shown.do(lambda tx: galleries.put(tx, shown.gallery, SIGNER.public_digest(shown.gallery.id)))
    await shown.add("1.jpg")
    await shown.names()
    return shown


async def test_a_page_that_nothing_has_changed_is_the_same_bytes_again(shown: Shown) -> None:
    assert all(before is after for before, after in zip(await shown.bodies(), await shown.bodies(), strict=True))


async def test_every_copy_shows_a_photo_that_came_and_none_that_went(shown: Shown) -> None:
    second = await shown.add("2.jpg")
    assert await shown.names() == ["1.jpg", "2.jpg"]

    await shown.do(lambda tx: files.withdraw_photo(tx, second.id, second.gallery_id))
    assert await shown.names() == ["1.jpg"]


async def test_a_page_leads_to_the_next_as_soon_as_there_is_one(shown: Shown) -> None:
    assert await shown.names(limit=1) == ["1.jpg"]
    await shown.add("2.jpg")

    following = json.loads((await shown.bodies(limit=1))[0])["next"]
    assert await shown.names(following, limit=1) == ["2.jpg"]


async def test_renewed_urls_are_shown_at_once(shown: Shown) -> None:
    await shown.db.pool.execute("UPDATE photo SET shown = replace(shown, 'X-Amz', 'before'), signed_until = now()")
    before = await shown.bodies()
    await previews.renew(shown.db, SIGNER)

    assert all(b"before" in body for body in before)
    assert not any(b"before" in body for body in await shown.bodies())


async def test_of_a_gallery_that_is_gone_nothing_is_shown(shown: Shown) -> None:
    await shown.do(lambda tx: galleries.forget(tx, shown.gallery.id, keep_request=None))

    assert await shown.bodies() == []


async def test_pages_beyond_those_that_are_kept_are_shown_as_well(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "PAGES_KEPT", 1)
    await shown.add("2.jpg")

    assert [await shown.names(limit=limit) for limit in (1, 2, 1)] == [["1.jpg"], ["1.jpg", "2.jpg"], ["1.jpg"]]
