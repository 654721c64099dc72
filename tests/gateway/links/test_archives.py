"""The ZIP behind a link, through the gateway's own route (S6)."""

import asyncio
import io
import shutil
import zipfile
from pathlib import Path
from random import Random

import pytest
from aiohttp import ClientPayloadError

from contracts.gateway import PhotoDownloaded
from contracts.orders import Order
from contracts.transfers import Final
from tests.gateway.links.scene import Scene, Shoot

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


async def _finished(scene: Scene, **contents: bytes) -> tuple[Shoot, Order, list[Final]]:
    shoot = await scene.open_gallery()
    order = await shoot.order(*contents)
    finals = [await shoot.finish_line(order, name, content) for name, content in contents.items()]
    return shoot, order, finals


async def test_a_zip_holds_every_file_bit_for_bit_under_names_told_apart(scene: Scene) -> None:
    contents = {"a:1.jpg": b"one", "a_1.jpg": b"two", "Żółw.jpg": b"three"}
    shoot, order, _ = await _finished(scene, **contents)
    base = await shoot.client_token(order)

    answer = await scene.get(f"/c/{base}/photos.zip")
    listed = (await scene.get(f"/api/v1/c/{base}")).json["downloads"]

    archive = zipfile.ZipFile(io.BytesIO(answer.body))
    assert sorted(archive.read(name) for name in archive.namelist()) == [b"one", b"three", b"two"]
    assert sorted(archive.namelist()) == ["a_1 (2).jpg", "a_1.jpg", "Żółw.jpg"]
    assert [file["filename"] for file in listed] == archive.namelist()
    assert answer.headers["Content-Length"] == str(len(answer.body))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Class 3b #1.zip"'


async def test_some_files_make_a_smaller_zip(scene: Scene) -> None:
    shoot, order, (one, _, three) = await _finished(scene, **{"1.jpg": b"one", "2.jpg": b"two", "3.jpg": b"three"})

    answer = await scene.get(f"/c/{await shoot.client_token(order)}/photos.zip?files={three.id},{one.id},{one.id}")

    assert zipfile.ZipFile(io.BytesIO(answer.body)).namelist() == ["1.jpg", "3.jpg"]


async def test_a_zip_is_recorded_once_a_day_and_only_when_bytes_are_sent(scene: Scene) -> None:
    shoot, order, finals = await _finished(scene, **{"1.jpg": b"one", "2.jpg": b"two"})
    path, client = f"/c/{await shoot.client_token(order)}/photos.zip", scene.gateway.client

    head = await client.call("HEAD", path)
    known = await scene.get(path, headers={"If-None-Match": head.headers["ETag"]})
    beyond = await scene.get(path, headers={"Range": "bytes=99999-"})
    assert [head.status, known.status, beyond.status] == [200, 304, 416]
    assert await shoot.sent(PhotoDownloaded) == []

    part = await scene.get(path, headers={"Range": "bytes=10-"})
    await asyncio.gather(*(scene.get(path) for _ in range(5)))

    assert part.status == 206
    [told] = await shoot.sent(PhotoDownloaded)
    assert (set(told.transfer_ids), told.as_zip) == ({final.id for final in finals}, True)
    assert ("downloaded", "photos.zip (2)") in await shoot.timeline(order)


async def test_a_zip_that_cannot_be_read_from_the_store_is_not_recorded(scene: Scene) -> None:
    shoot, order, (final,) = await _finished(scene, **{"1.jpg": b"one"})
    await scene.gateway.store.remove([final.object_key])

    answer = await scene.get(f"/c/{await shoot.client_token(order)}/photos.zip")

    assert answer.expect(503)["type"].endswith("/file-missing")
    assert await shoot.sent(PhotoDownloaded) == []
    assert "downloaded" not in [what for what, _ in await shoot.timeline(order)]


@needs_curl
async def test_a_download_that_was_cut_is_resumed(scene: Scene, tmp_path: Path) -> None:
    random = Random(1)  # noqa: S311 - photos, not secrets
    shoot, order, _ = await _finished(scene, **{f"{number}.jpg": random.randbytes(3_000_000) for number in range(3)})
    url, part = f"{scene.gateway.url}/c/{await shoot.client_token(order)}/photos.zip", tmp_path / "photos.zip"

    cut = f"ulimit -f 4000 && exec curl -s -o '{part}' {url}"  # kilobytes that may be written
    first = await asyncio.create_subprocess_exec("bash", "-c", cut)
    assert await first.wait() != 0
    assert 0 < part.stat().st_size <= 4_096_000
    rest = await asyncio.create_subprocess_exec("curl", "-s", "-f", "-C", "-", "-o", str(part), url)

    assert await rest.wait() == 0
    assert part.read_bytes() == (await scene.get(url)).body
    assert zipfile.ZipFile(part).testzip() is None


async def test_a_photo_that_is_gone_from_the_store_cuts_the_download(scene: Scene) -> None:
    shoot, order, (_, gone) = await _finished(scene, **{"1.jpg": b"1" * 200_000, "2.jpg": b"2" * 200_000})
    await scene.gateway.store.remove([gone.object_key])

    with pytest.raises(ClientPayloadError):
        await scene.get(f"/c/{await shoot.client_token(order)}/photos.zip")
    [line] = [line for line in scene.gateway.service.log.read_text().splitlines() if gone.object_key in line]
    assert "a download was cut" in line


async def test_a_photo_that_is_gone_from_the_store_is_a_sentence_and_a_line_in_the_log(scene: Scene) -> None:
    shoot, order, (gone,) = await _finished(scene, **{"1.jpg": b"one"})
    await scene.gateway.store.remove([gone.object_key])
    log = scene.gateway.service.log
    before = len(log.read_text())
    page = await scene.get(f"/c/{await shoot.client_token(order)}/photos.zip", headers={"Accept": "text/html"})

    assert page.status == 503
    assert "daj znać fotografowi" in page.body.decode()
    [line] = [line for line in log.read_text()[before:].splitlines() if gone.object_key in line]
    assert "the store has not what the view names" in line
    assert "Traceback" not in log.read_text()[before:]


async def test_a_zip_behind_the_public_link_is_told_to_nobody(scene: Scene) -> None:
    shoot = await scene.open_gallery(download_policy="anyone", name="Bieg / 2025")
    await shoot.upload("IMG_1.jpg", b"one")

    answer = await scene.get(f"/g/{shoot.public_token}/photos.zip")

    assert zipfile.ZipFile(io.BytesIO(answer.body)).namelist() == ["IMG_1.jpg"]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Bieg _ 2025.zip"'
    assert await shoot.sent(PhotoDownloaded) == []
