"""How much of an archive is asked for before it is its turn."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.gateway.zip.layout import ObjectRange
from services.gateway.zip.objects import ObjectReader, store_session
from services.gateway.zip.read_ahead import MEMORY, ReadAhead
from services.gateway.zip.records import Entry
from services.gateway.zip.stream import CHUNK
from tests.gateway.zip.made import NOON
from tests.gateway.zip.stalling_store import StallingStore
from tests.waiting import eventually


@pytest.fixture
async def store() -> StallingStore:
    return StallingStore(CHUNK)


@pytest.fixture
async def ahead(store: StallingStore) -> AsyncIterator[ReadAhead]:
    """A queue whose fetches never end, emptied afterwards."""
    async with store.serving() as url, store_session() as session:
        base = url.replace("key:secret@", "")
        queue = ReadAhead(ObjectReader(session, lambda key: f"{base}/{key}?signed"))
        yield queue
        await queue.cancel()


@pytest.mark.parametrize(("size", "at_once"), [(CHUNK, MEMORY // CHUNK), (3_000_000, 2), (1000, 8)])
async def test_what_is_asked_for_at_once_has_a_limit_in_bytes_and_in_number(
    size: int, at_once: int, ahead: ReadAhead, store: StallingStore
) -> None:
    part = ObjectRange(Entry("photo.jpg", CHUNK, 0, "stalls", NOON), 0, size)
    while ahead.has_room(b"header"):
        ahead.add(b"header")
        if not ahead.has_room(part):
            break
        ahead.add(part)

    async def fetches_stand_still() -> bool:
        return store.stalled == at_once

    await eventually(fetches_stand_still)
    assert not ahead.has_room(part)


async def test_cancelling_gives_up_all_fetches(ahead: ReadAhead, store: StallingStore) -> None:
    ahead.add(ObjectRange(Entry("photo.jpg", CHUNK, 0, "stalls", NOON), 0, CHUNK))

    async def fetch_stands_still() -> bool:
        return store.stalled == 1

    async def fetch_is_given_up() -> bool:
        return store.stalled == 0

    await eventually(fetch_stands_still)
    await asyncio.wait_for(ahead.cancel(), timeout=5)
    await eventually(fetch_is_given_up)
