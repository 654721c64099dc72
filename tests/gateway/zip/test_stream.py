"""Archives streamed from a real object store: all bytes, any range, and never wrong ones."""

import asyncio
import random
from contextlib import aclosing
from dataclasses import replace

import pytest

from chassis.object_errors import ObjectChanged, ObjectMissing, StoreUnreachable
from deploy.local.ports import free_port
from services.gateway.zip.layout import Layout
from services.gateway.zip.objects import ObjectReader
from services.gateway.zip.stream import CHUNK, stream
from tests.gateway.zip.conftest import PutAll
from tests.gateway.zip.made import archive, entry, layout_of

SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 5, *(1000,) * 40)
PHOTOS = {f"IMG_{number:04}.JPG": random.Random(number).randbytes(size) for number, size in enumerate(SIZES)}  # noqa: S311


async def streamed(layout: Layout, objects: ObjectReader, start: int = 0, end: int | None = None) -> bytes:
    """The bytes from `start` to `end`."""
    async with aclosing(stream(layout, start, layout.size if end is None else end, objects)) as blocks:
        return b"".join([block async for block in blocks])


async def streamed_until(error: type[Exception], layout: Layout, objects: ObjectReader) -> bytes:
    """What comes before the error, which has to come."""
    sent: list[bytes] = []

    async def take() -> None:
        async for block in stream(layout, 0, layout.size, objects):
            sent.append(block)

    with pytest.raises(error):
        await take()
    return b"".join(sent)


@pytest.fixture
async def photos(put: PutAll) -> None:
    """All of `PHOTOS` in the store."""
    await put(PHOTOS)


@pytest.mark.usefixtures("photos")
async def test_the_whole_archive_is_streamed_bit_for_bit(objects: ObjectReader) -> None:
    assert await streamed(layout_of(PHOTOS), objects) == archive(PHOTOS)


@pytest.mark.usefixtures("photos")
async def test_any_range_is_that_slice_of_the_whole(objects: ObjectReader) -> None:
    whole, layout = archive(PHOTOS), layout_of(PHOTOS)
    borders = [layout.offsets[piece] for piece in (0, 5, 6, 9, 11, 60, 100, -2, -1)]
    for start in borders[:-1]:
        for end in (start + 1, start + 3 * CHUNK, layout.size):
            begin, stop = max(0, start - 1), min(end, layout.size)
            assert await streamed(layout, objects, begin, stop) == whole[begin:stop]


@pytest.mark.usefixtures("photos")
async def test_no_task_is_left_when_the_reader_stops_in_the_middle(objects: ObjectReader) -> None:
    before = asyncio.all_tasks()

    async with aclosing(stream(layout_of(PHOTOS), 0, CHUNK, objects)) as blocks:
        await anext(blocks)

    assert asyncio.all_tasks() == before


FAULTS = {
    "missing": (None, ObjectMissing),
    "with other bytes": (PHOTOS["IMG_0005.JPG"][:-1] + b"?", ObjectChanged),
    "shorter": (PHOTOS["IMG_0005.JPG"][:-1], ObjectChanged),
    "longer": (PHOTOS["IMG_0005.JPG"] + b"?", ObjectChanged),
    "empty": (b"", ObjectChanged),
}


@pytest.mark.usefixtures("photos")
@pytest.mark.parametrize("fault", FAULTS)
async def test_an_object_that_is_not_as_promised_ends_the_stream_before_its_last_byte(
    fault: str, objects: ObjectReader, put: PutAll
) -> None:
    stored, error = FAULTS[fault]
    if stored is not None:
        await put({"spoilt": stored})
    entries = [entry(name, content) for name, content in PHOTOS.items()]
    entries[5] = replace(entries[5], object_key="spoilt" if stored is not None else "never-written")
    layout = Layout.of(entries)

    sent = await streamed_until(error, layout, objects)

    end_of_the_sixth_file = layout.offsets[12]
    assert len(sent) < end_of_the_sixth_file


@pytest.mark.usefixtures("photos")
async def test_a_part_of_a_file_is_checked_by_its_size(objects: ObjectReader) -> None:
    layout = Layout.of([replace(entry("a.jpg", PHOTOS["IMG_0005.JPG"]), size=CHUNK, object_key="IMG_0005.JPG")])

    with pytest.raises(ObjectChanged):
        await streamed(layout, objects, 100, 200)


async def test_a_store_that_refuses_the_signature_is_unreachable(objects: ObjectReader) -> None:
    stranger = ObjectReader(objects.session, lambda key: objects.sign(key) + "0")

    with pytest.raises(StoreUnreachable, match=r"status 40\d"):
        await streamed(layout_of(PHOTOS), stranger)


async def test_a_store_that_is_down_is_unreachable(objects: ObjectReader) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"

    with pytest.raises(StoreUnreachable):
        await streamed(layout_of(PHOTOS), ObjectReader(objects.session, lambda key: f"{nobody}/{key}"))
