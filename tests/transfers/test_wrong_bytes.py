"""Rules 5 and 7: whatever the store answers, only what was checked is kept."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.object_errors import ObjectChanged, StoreUnreachable
from chassis.objects import ObjectStore
from chassis.retries import BROKEN
from contracts.transfers import PhotoUploaded
from deploy.local.drawing import photo
from services.transfers.intake import WrongBytes
from tests.transfers.desk import LONG_AFTER, Desk
from tests.transfers.meanwhile import EventfulStore, at
from tests.transfers.strait import Strait

PHOTO = photo("IMG_0001", 1800, 1200)
ANOTHER = PHOTO.replace(b"Photoferry drawing", b"Photoferry DRAWING")
"""As large, and as good a picture."""


@pytest.fixture
async def strait(bucket_url: str) -> AsyncIterator[Strait]:
    async with Strait(bucket_url) as strait:
        yield strait


@pytest.fixture
async def far(desk: Desk, strait: Strait) -> AsyncIterator[Desk]:
    """The desk, with the store behind the strait."""
    store = ObjectStore(strait.url)
    yield at(desk, store)
    await store.close()


class Spoiler:
    """Spoils the answer number `which` (from 0) that has the photo in it."""

    def __init__(self, which: int) -> None:
        self.left = which

    def __call__(self, piece: bytes) -> bytes:
        if b"Photoferry drawing" in piece:
            self.left -= 1
            return self.spoilt(piece) if self.left == -1 else piece
        return piece

    def spoilt(self, piece: bytes) -> bytes:
        return piece.replace(b"Photoferry drawing", b"Photoferry DRAWING")


class Cutter(Spoiler):
    """Cuts that answer off in the middle instead."""

    cut = False

    def __call__(self, piece: bytes) -> bytes:
        if self.cut:
            self.cut = False
            raise ConnectionAbortedError
        return super().__call__(piece)

    def spoilt(self, piece: bytes) -> bytes:
        self.cut = True
        return piece[:-1]


async def only_the_photo_is_kept(desk: Desk, room: Path) -> None:
    taken = (await desk.last(PhotoUploaded)).photo
    await desk.sweep(LONG_AFTER)
    assert desk.keys() == {taken.object_key, taken.preview_small_key, taken.preview_large_key}
    assert await desk.read(taken.object_key, room) == PHOTO
    assert desk.leftovers() == []


@pytest.mark.parametrize("which", [0, 1])
async def test_bytes_that_the_store_spoils_are_not_believed(
    which: int, far: Desk, strait: Strait, tmp_path: Path
) -> None:
    command = await far.send(PHOTO)
    strait.spoil = Spoiler(which)
    with pytest.raises(WrongBytes) as failure:
        await far.register(command)
    assert isinstance(failure.value, BROKEN)
    assert await far.told(PhotoUploaded) == []

    await far.register(command)
    await only_the_photo_is_kept(far, tmp_path)


@pytest.mark.parametrize("which", [0, 1])
async def test_an_answer_that_is_cut_off_is_a_broken_store(
    which: int, far: Desk, strait: Strait, tmp_path: Path
) -> None:
    command = await far.send(PHOTO)
    strait.spoil = Cutter(which)
    with pytest.raises(StoreUnreachable):
        await far.register(command)
    assert await far.told(PhotoUploaded) == []

    await far.register(command)
    await only_the_photo_is_kept(far, tmp_path)


async def test_what_is_overwritten_after_it_was_read_is_not_kept(
    desk: Desk, bucket_url: str, objects: ObjectStore, tmp_path: Path
) -> None:
    command = await desk.send(ANOTHER)
    store = EventfulStore(bucket_url, when_read=lambda: objects.put_file(command.object_key, PHOTO, "image/jpeg"))
    with pytest.raises(ObjectChanged):
        await at(desk, store).register(command)
    assert await desk.told(PhotoUploaded) == []

    await at(desk, store).register(command)
    await only_the_photo_is_kept(desk, tmp_path)
    await store.close()


async def test_what_is_overwritten_before_it_is_read_has_to_have_the_announced_size_too(
    far: Desk, strait: Strait, objects: ObjectStore
) -> None:
    command = await far.send(PHOTO)
    strait.hold_back("GET", "incoming/")
    registering = asyncio.create_task(far.register(command))
    await strait.holding.wait()
    await objects.put_file(command.object_key, photo("IMG_0001", 900, 600), "image/jpeg")
    strait.let_pass()
    with pytest.raises(ObjectChanged):
        await registering

    assert (await far.rejection(command)).code == "another_size"


async def test_an_attempt_that_is_cancelled_leaves_nothing(far: Desk, strait: Strait, tmp_path: Path) -> None:
    command = await far.send(PHOTO)
    strait.hold_back("GET", "galleries/")
    registering = asyncio.create_task(far.register(command))
    await strait.holding.wait()
    registering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await registering

    strait.let_pass()
    await far.register(command)
    await only_the_photo_is_kept(far, tmp_path)
