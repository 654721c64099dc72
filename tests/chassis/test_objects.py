"""The object store, on the store of this run and on rclone, which differ where S3 leaves room."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import count
from pathlib import Path

import aiohttp
import pytest

from chassis.object_errors import BadParts, ObjectChanged, ObjectMissing, ObjectTooLarge, StoreUnreachable
from chassis.objects import ObjectStore
from deploy.local.servers import RcloneStore
from tests.infra import Buckets, Servers

_names = (f"objects-{number}" for number in count(1))


@pytest.fixture(scope="module")
async def rclone(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RcloneStore]:
    async with RcloneStore(tmp_path_factory.mktemp("rclone")) as store:
        yield store


@pytest.fixture(params=["the store of this run", "rclone"])
def buckets(request: pytest.FixtureRequest, servers: Servers, rclone: RcloneStore) -> Buckets:
    return rclone if request.param == "rclone" else servers.store


@pytest.fixture
async def store(buckets: Buckets) -> AsyncIterator[ObjectStore]:
    opened = ObjectStore(await buckets.create_bucket(next(_names)))
    yield opened
    await opened.close()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def put(http: aiohttp.ClientSession, url: str, body: bytes) -> str:
    async with http.put(url, data=BytesIO(body)) as answer:
        assert answer.status == 200, await answer.text()
        return answer.headers["ETag"]


async def test_what_a_presigned_put_wrote_a_presigned_get_reads(
    store: ObjectStore, http: aiohttp.ClientSession
) -> None:
    await put(http, store.presign_put("incoming/zażółć 😀.jpg", 60), b"bytes")

    async with http.get(store.presign_get("incoming/zażółć 😀.jpg", 60)) as answer:
        assert await answer.read() == b"bytes"


async def test_a_presigned_get_carries_the_files_own_name_and_type(
    store: ObjectStore, http: aiohttp.ClientSession
) -> None:
    await store.put_file("a", b"x", "application/octet-stream")

    async with http.get(store.presign_get("a", 60, filename="Żółw & co.jpg", content_type="image/jpeg")) as answer:
        assert answer.content_disposition is not None
        assert (answer.content_disposition.type, answer.content_disposition.filename) == ("attachment", "Żółw & co.jpg")
        assert answer.headers["Content-Type"] == "image/jpeg"


async def test_a_presigned_url_ends_and_is_for_one_object(store: ObjectStore, http: aiohttp.ClientSession) -> None:
    await store.put_file("a", b"x", "text/plain")
    await store.put_file("b", b"y", "text/plain")
    ended = store.presign_get("a", 60, at=datetime.now(UTC) - timedelta(seconds=90))
    another = store.presign_get("a", 60).replace("/a?", "/b?")

    for url in (ended, another):
        async with http.get(url) as answer:
            assert answer.status in (400, 403)


def test_urls_signed_for_the_same_window_are_the_same() -> None:
    store = ObjectStore("http://key:secret@store:9000/bucket")
    window = datetime(2026, 7, 1, 12, tzinfo=UTC)

    assert store.presign_get("a", 3600, at=window) == store.presign_get("a", 3600, at=window)


def test_behind_a_proxy_only_the_beginning_of_a_url_differs() -> None:
    internal = ObjectStore("http://key:secret@store:9000/bucket")
    public = ObjectStore("http://key:secret@store:9000/bucket", public_base="https://photos.example/store/")
    at = datetime.now(UTC)

    expected = internal.presign_get("a", 60, at=at).replace("http://store:9000/", "https://photos.example/store/")
    assert public.presign_get("a", 60, at=at) == expected


async def test_every_object_of_the_bucket_is_listed_with_its_size(store: ObjectStore) -> None:
    assert await store.sizes() == {}
    sizes = {"zażółć 😀.jpg": 3, "galleries/a/original": 1, "galleries/a/400.jpg": 0}
    for key, size in sizes.items():
        await store.put_file(key, b"x" * size, "image/jpeg")

    assert await store.sizes() == sizes


async def test_a_large_file_is_uploaded_in_parts(
    store: ObjectStore, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    upload = await store.create_multipart("large")
    bodies = {1: b"1" * 5 * 1024 * 1024, 2: b"2" * 100}
    parts = {n: await put(http, store.presign_part("large", upload, n, 60), body) for n, body in bodies.items()}

    joined = await store.complete_multipart("large", upload, dict(reversed(parts.items())))

    await store.download_to("large", tmp_path / "large")
    assert joined.size == 5 * 1024 * 1024 + 100
    assert (tmp_path / "large").read_bytes() == bodies[1] + bodies[2]


async def test_completing_twice_is_as_good_as_once(store: ObjectStore, http: aiohttp.ClientSession) -> None:
    upload = await store.create_multipart("twice")
    parts = {1: await put(http, store.presign_part("twice", upload, 1, 60), b"x")}

    assert await store.complete_multipart("twice", upload, parts) == await store.complete_multipart(
        "twice", upload, parts
    )


async def test_parts_that_were_never_uploaded_are_told_from_a_broken_store(
    store: ObjectStore, http: aiohttp.ClientSession
) -> None:
    upload = await store.create_multipart("holes")
    await put(http, store.presign_part("holes", upload, 1, 60), b"x")

    with pytest.raises(BadParts):
        await store.complete_multipart("holes", upload, {1: '"00000000000000000000000000000000"'})
    with pytest.raises(BadParts):
        await store.complete_multipart("holes", upload, {})


async def test_an_aborted_upload_is_gone_and_aborting_again_is_fine(store: ObjectStore) -> None:
    upload = await store.create_multipart("gone")
    await store.abort_multipart("gone", upload)
    await store.abort_multipart("gone", upload)

    with pytest.raises(ObjectMissing):
        await store.complete_multipart("gone", upload, {1: '"00000000000000000000000000000000"'})


async def test_what_is_missing_is_told_from_a_broken_store(store: ObjectStore, tmp_path: Path) -> None:
    with pytest.raises(ObjectMissing):
        await store.stat("nothing")
    with pytest.raises(ObjectMissing):
        await store.download_to("nothing", tmp_path / "file")
    with pytest.raises(ObjectMissing):
        await store.copy("nothing", "target", etag="0" * 32, content_type="image/jpeg")


async def test_a_download_stops_at_its_limit(store: ObjectStore, tmp_path: Path) -> None:
    await store.put_file("a", b"x" * 3_000_000, "image/jpeg")

    assert (await store.download_to("a", tmp_path / "whole", limit=3_000_000)).size == 3_000_000
    with pytest.raises(ObjectTooLarge):
        await store.download_to("a", tmp_path / "cut", limit=2_999_999)
    assert (tmp_path / "cut").stat().st_size < 3_000_000


async def test_a_download_does_not_unpack_what_claims_to_be_packed(
    store: ObjectStore, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    packed = gzip.compress(b"0" * 100_000)
    async with http.put(store.presign_put("a", 60), data=packed, headers={"Content-Encoding": "gzip"}) as answer:
        assert answer.status == 200

    await store.download_to("a", tmp_path / "a")

    assert (tmp_path / "a").read_bytes() == packed


async def test_a_download_tells_the_etag_that_a_copy_wants(store: ObjectStore, tmp_path: Path) -> None:
    await store.put_file("incoming/a", b"picture", "text/html")
    checked = await store.download_to("incoming/a", tmp_path / "a")

    await store.copy("incoming/a", "kept/a", etag=checked.etag, content_type="image/jpeg")

    assert (await store.stat("kept/a")).content_type == "image/jpeg"
    await store.download_to("kept/a", tmp_path / "kept")
    assert (tmp_path / "kept").read_bytes() == b"picture"


async def test_what_was_overwritten_after_the_check_is_not_copied(store: ObjectStore, tmp_path: Path) -> None:
    await store.put_file("incoming/a", b"checked", "image/jpeg")
    checked = await store.download_to("incoming/a", tmp_path / "a")
    await store.put_file("incoming/a", b"another", "image/jpeg")

    with pytest.raises(ObjectChanged):
        await store.copy("incoming/a", "kept/a", etag=checked.etag, content_type="image/jpeg")
    with pytest.raises(ObjectMissing):
        await store.stat("kept/a")


async def test_a_file_larger_than_a_part_is_written_whole(store: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * 17 * 1024 * 1024)

    await store.put_file("large", tmp_path / "large", "image/tiff")

    assert (await store.stat("large")).size == 17 * 1024 * 1024


async def test_removing_is_repeatable_and_leaves_the_neighbours(store: ObjectStore) -> None:
    for key in ("g/1/a", "g/1/b/c", "g/10/a", "h"):
        await store.put_file(key, b"x", "image/jpeg")

    for _ in range(2):
        await store.remove_prefix("g/1/")
        await store.remove(["h", "never-there"])

    for key in ("g/1/a", "g/1/b/c", "h"):
        with pytest.raises(ObjectMissing):
            await store.stat(key)
    assert (await store.stat("g/10/a")).size == 1


async def test_a_prefix_of_more_objects_than_a_page_is_removed_whole(store: ObjectStore) -> None:
    keys = [f"many/{number}" for number in range(1_005)]
    await asyncio.gather(*(store.put_file(key, b"x", "image/jpeg") for key in keys))

    await store.remove_prefix("many/")

    for key in (keys[0], keys[-1]):
        with pytest.raises(ObjectMissing):
            await store.stat(key)


async def test_a_bucket_is_made_once(buckets: Buckets) -> None:
    there = await buckets.create_bucket(next(_names))
    opened = [ObjectStore(there.rsplit("/", 1)[0] + "/a-new-bucket") for _ in range(4)]

    with pytest.raises(StoreUnreachable, match="a-new-bucket"):
        await opened[0].reachable()
    await asyncio.gather(*(store.ensure_bucket() for store in opened))
    await opened[0].reachable()


async def test_a_refused_key_is_a_broken_store(buckets: Buckets) -> None:
    url = await buckets.create_bucket(next(_names))
    key, _, rest = url.partition("@")
    refused = ObjectStore(f"{key}wrong@{rest}")

    with pytest.raises(StoreUnreachable):
        await refused.stat("a")
    with pytest.raises(StoreUnreachable):
        await refused.reachable()


async def test_a_stopped_store_is_unreachable_and_serves_again_when_it_is_back(tmp_path: Path) -> None:
    async with RcloneStore(tmp_path / "store") as server:
        store = ObjectStore(server.url)
        await store.put_file("a", b"x", "image/jpeg")
        await server.kill()
        with pytest.raises(StoreUnreachable, match="does not answer"):
            await store.download_to("a", tmp_path / "a")
        with pytest.raises(StoreUnreachable):
            await store.reachable()

        await server.start()
        assert (await store.download_to("a", tmp_path / "a")).size == 1
        await store.close()


@pytest.mark.parametrize(
    "url", ["", "ftp://k:s@h/b", "http://host/bucket", "http://key:secret@host/", "http://key@host/bucket"]
)
def test_an_incomplete_url_is_refused_without_repeating_its_secret(url: str) -> None:
    with pytest.raises(ValueError, match="key:secret@host") as refusal:
        ObjectStore(url)
    assert not url or url not in str(refusal.value)
