"""The object store behind the gateway: uploads and downloads by the same presigned URLs, and nothing else."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientError

from chassis.object_errors import ObjectMissing
from chassis.objects import PART_SIZE
from deploy.local.servers import RcloneStore
from tests.gateway.client import StudioClient
from tests.gateway.making import photo_uploaded
from tests.gateway.running import RunningGateway, running_gateway
from tests.infra import Servers

ODD_KEY = "galleries/a b/żółw+%2F~(😀)'&=;,.jpg"
MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
async def proxy(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    """A gateway whose store nobody reaches from outside."""
    async with running_gateway(servers, tmp_path_factory.mktemp("proxy"), delivery="proxy") as running:
        yield running


@pytest.fixture
async def studio(proxy: RunningGateway) -> StudioClient:
    return await proxy.studio()


def through(proxy: RunningGateway, url: str) -> str:
    """A presigned URL of the store as the gateway gives it out."""
    assert url.startswith(proxy.store.origin)
    return url.replace(proxy.store.origin, f"{proxy.url}/store", 1)


async def slot_for(studio: StudioClient, size: int) -> dict[str, Any]:
    gallery = (await studio.open_gallery())["id"]
    asked = {"files": [{"filename": "1.jpg", "size": size, "content_type": "image/jpeg"}]}
    answer = await studio.post(f"/api/v1/galleries/{gallery}/photos/uploads", asked)
    slot: dict[str, Any] = answer.expect(201)["items"][0]
    return slot


async def test_a_file_is_uploaded_through_the_gateway(
    proxy: RunningGateway, studio: StudioClient, tmp_path: Path
) -> None:
    slot = await slot_for(studio, 5)
    assert slot["url"].startswith(f"{proxy.url}/store/")
    answer = await proxy.client.put(slot["url"], data=b"bytes", headers={"Content-Type": "image/jpeg"})
    answer.expect(200)

    stored = await proxy.store.download_to(f"incoming/{slot['upload_id']}", tmp_path / "stored")
    assert (tmp_path / "stored").read_bytes() == b"bytes"
    assert answer.headers["ETag"] == f'"{stored.etag}"'


async def test_a_large_file_is_uploaded_through_the_gateway_in_parts(
    proxy: RunningGateway, studio: StudioClient
) -> None:
    slot = await slot_for(studio, PART_SIZE + 5)
    etags = {}
    for part, body in zip(slot["parts"], (b"1" * PART_SIZE, b"2" * 5), strict=True):
        answer = await proxy.client.put(part["url"], data=body)
        answer.expect(200)
        etags[part["number"]] = answer.headers["ETag"]
    multipart = await proxy.db.pool.fetchval("SELECT multipart_id FROM upload WHERE id = $1", slot["upload_id"])

    joined = await proxy.store.complete_multipart(f"incoming/{slot['upload_id']}", multipart, etags)
    assert joined.size == PART_SIZE + 5


async def test_what_passes_through_the_gateway_is_counted(proxy: RunningGateway) -> None:
    async def served() -> float:
        text = (await proxy.client.get("/metrics")).body.decode()
        counted = [line for line in text.splitlines() if line.startswith('photoferry_served_bytes_total{way="proxy"}')]
        return float(counted[0].split()[-1]) if counted else 0

    await proxy.store.put_file("counted", b"0123456789", "image/jpeg")
    before = await served()
    (await proxy.client.get(through(proxy, proxy.store.presign_get("counted", 60)))).expect(200)

    assert await served() - before == 10


async def test_a_file_is_downloaded_through_the_gateway_as_from_the_store(proxy: RunningGateway) -> None:
    await proxy.store.put_file(ODD_KEY, b"0123456789", "application/octet-stream")
    url = proxy.store.presign_get(ODD_KEY, 60, filename="Żółw & co.jpg", content_type="image/jpeg")
    direct, proxied = await proxy.client.get(url), await proxy.client.get(through(proxy, url))

    assert (proxied.status, proxied.body) == (direct.status, direct.body) == (200, b"0123456789")
    for name in ("Content-Length", "Content-Type", "Content-Disposition", "ETag", "Last-Modified"):
        assert proxied.headers[name] == direct.headers[name]
    assert proxied.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_part_of_a_file_is_downloaded_through_the_gateway(proxy: RunningGateway) -> None:
    await proxy.store.put_file("ranged", b"0123456789", "image/jpeg")
    url = proxy.store.presign_get("ranged", 60)
    part = {"Range": "bytes=2-4"}
    direct, proxied = (
        await proxy.client.get(url, headers=part),
        await proxy.client.get(through(proxy, url), headers=part),
    )

    assert (proxied.status, proxied.body) == (direct.status, b"234")
    assert proxied.headers["Content-Range"] == "bytes 2-4/10"


async def test_head_tells_the_size_without_the_bytes(proxy: RunningGateway) -> None:
    await proxy.store.put_file("headed", b"0123456789", "image/jpeg")
    url = proxy.store._presigner.url("HEAD", "headed", {}, 60, datetime.now(UTC))
    answer = await proxy.client.call("HEAD", through(proxy, url))

    assert (answer.status, answer.headers["Content-Length"], answer.body) == (200, "10", b"")


async def test_previews_stand_under_the_gateways_address(proxy: RunningGateway, studio: StudioClient) -> None:
    gallery = (await studio.open_gallery())["id"]
    await proxy.store.put_file("small.jpg", b"small", "image/jpeg")
    await proxy.tell(photo_uploaded(gallery, "1.jpg", preview_small_key="small.jpg"))
    [photo] = (await studio.get(f"/api/v1/galleries/{gallery}/photos")).json["items"]

    assert photo["previews"]["small"].startswith(f"{proxy.url}/store/")
    assert (await proxy.client.get(photo["previews"]["small"])).body == b"small"


async def test_what_the_store_refuses_is_refused(proxy: RunningGateway) -> None:
    await proxy.store.put_file("refused", b"0123456789", "image/jpeg")
    url = through(proxy, proxy.store.presign_get("refused", 60))

    for tampered in (
        url[:-4] + "0000",
        url.replace("/refused?", "/another?"),
        url.replace("Expires=60", "Expires=600"),
    ):
        assert (await proxy.client.get(tampered)).status == 403
    assert (await proxy.client.put(url, data=b"overwritten")).status == 403
    assert (await proxy.client.get(url)).body == b"0123456789"


async def test_a_download_that_is_gone_from_the_store_is_a_sentence_and_a_preview_is_not(proxy: RunningGateway) -> None:
    as_file = await proxy.client.get(through(proxy, proxy.store.presign_get("a key", 60, filename="1.jpg")))
    preview = await proxy.client.get(through(proxy, proxy.store.presign_get("a key", 60)))

    assert "tell the photographer" in as_file.expect(503)["detail"]
    assert "a key is not in the store" in proxy.service.log.read_text()
    assert preview.status == 404


async def test_it_is_no_open_proxy(proxy: RunningGateway, servers: Servers) -> None:
    await proxy.store.put_file("1", b"x", "image/jpeg")
    bucket, query = proxy.store.bucket, urlsplit(proxy.store.presign_get("1", 60)).query
    for path, status in {
        f"/store/{bucket}/1": 403,
        f"/store/{bucket}/1?X-Amz-Credential=me": 403,
        f"/store/{bucket}/?{query}": 404,
        f"/store/{bucket}?{query}": 404,
        f"/store/?{query}": 404,
        f"/store/another-bucket/1?{query}": 404,
        f"/store/{bucket}/../another-bucket/1?{query}": 404,
        f"/store/{bucket}/%2e%2e/another-bucket/1?{query}": 404,
        f"/store//{bucket}/1?{query}": 404,
        f"/%73tore/{bucket}/1?{query}": 404,
        f"/store/@127.0.0.1:1/{bucket}/1?{query}": 404,
        f"/store/http://127.0.0.1:1/{bucket}/1?{query}": 404,
    }.items():
        answer = await proxy.client.get(proxy.url + path)
        assert answer.expect(status)["status"] == status, path
    for method in ("POST", "DELETE", "PATCH", "OPTIONS"):
        (await proxy.client.call(method, f"/store/{bucket}/1?{query}")).expect(405)


async def test_an_upload_of_unknown_size_is_refused(proxy: RunningGateway) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"x"

    answer = await proxy.client.put(through(proxy, proxy.store.presign_put("chunked", 60)), data=body())
    assert "Content-Length" in answer.expect(411)["detail"]


async def test_an_upload_that_breaks_off_leaves_nothing(proxy: RunningGateway) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b"x" * MEGABYTE
        raise ConnectionAbortedError

    url, size = through(proxy, proxy.store.presign_put("broken", 60)), {"Content-Length": str(2 * MEGABYTE)}
    with suppress(ClientError, ConnectionError):
        await proxy.client.put(url, data=half(), headers=size)

    assert (await proxy.client.get("/livez")).status == 200
    with pytest.raises(ObjectMissing):
        await proxy.store.stat("broken")


async def test_large_files_pass_in_both_directions_without_being_held(proxy: RunningGateway) -> None:
    block = bytes(MEGABYTE)

    async def blocks() -> AsyncIterator[bytes]:
        for _ in range(120):
            yield block

    before = peak_memory(proxy.service.pid)
    size = {"Content-Length": str(120 * MEGABYTE)}
    (await proxy.client.put(through(proxy, proxy.store.presign_put("large", 60)), data=blocks(), headers=size)).expect(
        200
    )
    async with proxy.client.asking("GET", through(proxy, proxy.store.presign_get("large", 60))) as answer:
        assert sum([len(chunk) async for chunk in answer.content.iter_any()]) == 120 * MEGABYTE

    assert peak_memory(proxy.service.pid) - before < 30 * MEGABYTE


def peak_memory(pid: int) -> int:
    """The most bytes that a process has ever had in memory."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024


async def test_without_the_store_uploads_and_files_say_so(servers: Servers, tmp_path: Path) -> None:
    async with (
        RcloneStore(tmp_path / "store") as store,
        running_gateway(servers, tmp_path, delivery="proxy", s3_url=store.url) as gateway,
    ):
        studio = await gateway.studio()
        slot = await slot_for(studio, 5)
        (await gateway.client.put(slot["url"], data=b"bytes")).expect(200)
        await store.stop()
        gallery = (await studio.open_gallery())["id"]
        asked = {"files": [{"filename": "2.jpg", "size": 5, "content_type": "image/jpeg"}]}
        refused = await studio.post(f"/api/v1/galleries/{gallery}/photos/uploads", asked)
        unreachable = await gateway.client.put(slot["url"], data=b"bytes")

    for answer in (refused, unreachable):
        assert "store of the files does not answer" in answer.expect(503)["detail"]


async def test_without_the_setting_there_is_no_proxy(gateway: RunningGateway) -> None:
    await gateway.store.put_file("1", b"x", "image/jpeg")
    (await gateway.client.get(through(gateway, gateway.store.presign_get("1", 60)))).expect(404)
