"""Archives over HTTP: from a real server in its own process, with clients that leave, resume, and ask for parts."""

import asyncio
import random
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import aiohttp
import pytest

from chassis.objects import ObjectStore
from services.gateway.zip.layout import Layout
from services.gateway.zip.records import Entry
from services.gateway.zip.stream import CHUNK
from tests.gateway.zip.archive_server import ArchiveServer
from tests.gateway.zip.made import NOON, archive, entry, layout_of, unzipped
from tests.gateway.zip.stalling_store import StallingStore
from tests.gateway.zip.test_layout import tool
from tests.infra import Servers
from tests.waiting import eventually

SIZE = 3_000_000
PHOTOS = {f"IMG_{number:04}.JPG": random.Random(number).randbytes(SIZE) for number in range(10)}  # noqa: S311
ENTRIES = [entry(name, content) for name, content in PHOTOS.items()]
WHOLE = archive(PHOTOS)
ETAG = layout_of(PHOTOS).etag
NAME = "Ślub.zip"
ARCHIVES = {
    NAME: ENTRIES,
    "first-is-missing.zip": [replace(ENTRIES[0], object_key="missing"), *ENTRIES[1:]],
    "last-is-missing.zip": [*ENTRIES[:-1], replace(ENTRIES[-1], object_key="missing")],
    "last-has-changed.zip": [*ENTRIES[:-1], replace(ENTRIES[-1], crc32=1)],
    "100-megabytes.zip": ENTRIES * 3,
    "1-gigabyte.zip": ENTRIES * 35,
}


@pytest.fixture(scope="module")
async def server(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ArchiveServer]:
    """A server of all `ARCHIVES`, with the photos in its store."""
    url = await servers.store.create_bucket("zip-server")
    store = ObjectStore(url)
    for name, content in PHOTOS.items():
        await store.put_file(name, content, "image/jpeg")
    await store.close()
    async with ArchiveServer(tmp_path_factory.mktemp("archives"), url, ARCHIVES) as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A client."""
    async with aiohttp.ClientSession() as session:
        yield session


async def test_the_whole_archive_has_its_length_and_its_name(
    server: ArchiveServer, http: aiohttp.ClientSession
) -> None:
    async with http.get(server.url(NAME)) as answer:
        assert answer.status == 200
        assert await answer.read() == WHOLE

    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Length"] == str(len(WHOLE))
    assert answer.headers["ETag"] == ETAG
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Disposition"] == "attachment; filename=\"Slub.zip\"; filename*=UTF-8''%C5%9Alub.zip"


async def test_head_tells_the_same_and_sends_nothing(server: ArchiveServer, http: aiohttp.ClientSession) -> None:
    async with http.get(server.url(NAME)) as whole, http.head(server.url(NAME)) as answer:
        assert answer.status == 200
        assert await answer.read() == b""

    assert {**answer.headers, "Date": ""} == {**whole.headers, "Date": ""}


async def test_a_range_is_that_part(server: ArchiveServer, http: aiohttp.ClientSession) -> None:
    async with http.get(server.url(NAME), headers={"Range": "bytes=100-5000000", "If-Range": ETAG}) as answer:
        assert answer.status == 206
        assert await answer.read() == WHOLE[100:5_000_001]

    assert answer.headers["Content-Range"] == f"bytes 100-5000000/{len(WHOLE)}"
    assert answer.headers["Content-Length"] == "4999901"
    assert answer.headers["ETag"] == ETAG


async def test_a_range_beyond_the_end_is_told_the_size(server: ArchiveServer, http: aiohttp.ClientSession) -> None:
    async with http.get(server.url(NAME), headers={"Range": f"bytes={len(WHOLE)}-"}) as answer:
        assert answer.status == 416

    assert answer.headers["Content-Range"] == f"bytes */{len(WHOLE)}"


@pytest.mark.parametrize(("header", "value", "status"), [("If-None-Match", ETAG, 304), ("If-Match", '"other"', 412)])
async def test_conditions_are_answered_without_a_body(
    header: str, value: str, status: int, server: ArchiveServer, http: aiohttp.ClientSession
) -> None:
    async with http.get(server.url(NAME), headers={header: value}) as answer:
        assert answer.status == status
        assert await answer.read() == b""

    assert answer.headers["ETag"] == ETAG


async def test_curl_goes_on_after_a_cut_in_the_middle(server: ArchiveServer, tmp_path: Path) -> None:
    path = tmp_path / "photos.zip"
    cut = await asyncio.create_subprocess_exec(
        *tool("curl", "--silent", "--limit-rate", "10M", "--output", str(path), server.url(NAME))
    )

    async def some_has_come() -> bool:
        return path.exists() and path.stat().st_size > SIZE

    await eventually(some_has_come)
    cut.kill()
    await cut.wait()
    assert path.stat().st_size < len(WHOLE)

    resumed = ("--silent", "--show-error", "--fail", "--continue-at", "-", "--output", str(path))
    again = await asyncio.create_subprocess_exec(*tool("curl", *resumed, server.url(NAME)))

    assert await again.wait() == 0
    assert path.read_bytes() == WHOLE
    assert unzipped(path.read_bytes()) == PHOTOS


async def test_a_first_object_that_is_missing_is_an_error_and_no_download(
    server: ArchiveServer, http: aiohttp.ClientSession
) -> None:
    async with http.get(server.url("first-is-missing.zip")) as answer:
        assert answer.status == 500


@pytest.mark.parametrize("name", ["last-is-missing.zip", "last-has-changed.zip"])
async def test_a_later_fault_cuts_the_download_before_its_promised_length(
    name: str, server: ArchiveServer, http: aiohttp.ClientSession
) -> None:
    received = 0
    async with http.get(server.url(name)) as answer:
        assert answer.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            received = await _count(answer)

    assert received < len(WHOLE)
    assert re.search(r"ObjectMissing|ObjectChanged", server.log.read_text())


async def _count(answer: aiohttp.ClientResponse) -> int:
    return sum([len(block) async for block in answer.content.iter_any()])


def _zeros(key: str) -> Entry:
    return Entry(key, CHUNK, crc32(bytes(CHUNK)), key, NOON)


@pytest.mark.parametrize("first", ["flows", "stalls-too"])
async def test_a_client_that_leaves_takes_all_fetches_with_it(first: str, tmp_path: Path) -> None:
    store = StallingStore(CHUNK)
    photos = [_zeros(first), _zeros("stalls-1"), _zeros("stalls-2")]

    async def fetches_stand_still() -> bool:
        return store.stalled == 2

    async def fetches_are_given_up() -> bool:
        return store.stalled == 0

    async with store.serving() as url, ArchiveServer(tmp_path, url, {"photos.zip": photos}) as server:
        async with aiohttp.ClientSession() as http:
            asking = asyncio.create_task(_count_all(http, server.url("photos.zip")))
            await eventually(fetches_stand_still)
            asking.cancel()
            await asyncio.wait([asking])
        await eventually(fetches_are_given_up)

    assert "Traceback" not in server.log.read_text()


async def _count_all(http: aiohttp.ClientSession, url: str) -> int:
    async with http.get(url) as answer:
        return await _count(answer)


async def test_memory_stays_flat_through_a_gigabyte(server: ArchiveServer, http: aiohttp.ClientSession) -> None:
    await _count_all(http, server.url("100-megabytes.zip"))
    before = _peak_memory(server.pid)

    layout = Layout.of(ARCHIVES["1-gigabyte.zip"])
    assert await _count_all(http, server.url("1-gigabyte.zip")) == layout.size > 1_000_000_000

    assert _peak_memory(server.pid) - before < 8_000_000


def _peak_memory(pid: int) -> int:
    """The most bytes that a process has had in memory."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) * 1024
