"""The real process: killed in the middle, without its store, and with more to do than it can."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from chassis.bus import declare_topology
from chassis.objects import ObjectStore
from chassis.publisher import Publisher
from contracts.base import uuid7
from contracts.transfers import PhotoUploaded, RemoveTransfer, Tab, TransferRefused, TransferUploaded, UploadRejected
from deploy.local.drawing import photo
from deploy.local.service import Service
from services.transfers.handlers import WORKERS
from tests.infra import Servers
from tests.transfers import bad_files
from tests.transfers.desk import LONG_AFTER, Desk
from tests.transfers.running import Running
from tests.transfers.strait import Strait

PHOTO = photo("IMG_0001", 1800, 1200)
AT_REST = 120 * 1024
"""KiB."""


@pytest.fixture(scope="module")
async def bus_url(servers: Servers) -> str:
    url = await servers.rabbitmq.add_vhost("transfers")
    await declare_topology(url)
    return url


@pytest.fixture
async def strait(bucket_url: str) -> AsyncIterator[Strait]:
    async with Strait(bucket_url) as strait:
        yield strait


@pytest.fixture
async def running(
    bus_url: str, database_url: str, strait: Strait, desk: Desk, tmp_path: Path
) -> AsyncIterator[Running]:
    env = {
        "PHOTOFERRY_DATABASE_URL": database_url,
        "PHOTOFERRY_RABBITMQ_URL": bus_url,
        "PHOTOFERRY_S3_URL": strait.url,
        "PHOTOFERRY_SCRATCH": str(tmp_path / "scratch of the process"),
    }
    process = Service("transfers", "services.transfers", tmp_path / "run", env=env, log=tmp_path / "transfers.log")
    publisher = await Publisher.open(bus_url)
    async with process:
        await process.ready()
        yield Running(process, publisher, strait, desk)
    await publisher.close()


def resident(pid: int) -> int:
    """KiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


@pytest.mark.parametrize("moment", [("GET", "incoming/"), ("PUT", "galleries/"), ("GET", "galleries/")])
async def test_an_upload_in_hand_when_the_process_is_killed_is_taken_in_once(
    moment: tuple[str, str], running: Running, tmp_path: Path
) -> None:
    desk, command = running.desk, await running.desk.send(PHOTO)
    running.strait.hold_back(*moment)
    await running.tell(command)
    await running.strait.holding.wait()
    await running.kill()
    running.strait.let_pass()
    await running.process.start()

    (uploaded,) = await running.answer(PhotoUploaded)
    await running.process.ready()
    await running.tell(command)
    await running.tell(again := await desk.send(PHOTO, "another.jpg"))
    first, second = await running.answer(PhotoUploaded, 2)
    assert (first, second.photo.id) == (uploaded, again.upload_id)
    assert await desk.read(uploaded.photo.object_key, tmp_path) == PHOTO
    await desk.sweep(LONG_AFTER)
    assert len(desk.keys()) == 6
    assert leftovers(tmp_path / "scratch of the process") == []


def leftovers(scratch: Path) -> list[Path]:
    """Uploads in the folders of living and dead processes."""
    return [path for path in scratch.rglob("*") if path.is_file() and path.name != "lock"]


async def test_when_the_store_goes_in_the_middle_the_upload_is_taken_in_once_it_is_back(running: Running) -> None:
    running.strait.hold_back("PUT", "galleries/")
    await running.tell(await running.desk.send(PHOTO))
    await running.strait.holding.wait()
    await running.strait.close()
    await running.says("message failed")
    async with aiohttp.ClientSession() as http, http.get(f"{running.process.url}/readyz") as answer:
        assert answer.status == 503
        assert "the object store" in await answer.json()

    await running.strait.open()
    await running.answer(PhotoUploaded)
    await running.process.ready()
    await running.desk.sweep(LONG_AFTER)
    assert len(running.desk.keys()) == 3


async def test_the_start_waits_for_the_store(running: Running) -> None:
    await running.process.stop()
    await running.strait.close()
    await running.process.start()
    await running.says('"waiting_for": "the object store"')

    await running.strait.open()
    await running.process.ready()


async def test_heavy_work_delays_no_light_message(running: Running) -> None:
    running.strait.hold_back("GET", "incoming/")
    uploads = [await running.desk.send(PHOTO, f"{number}.jpg") for number in range(WORKERS + 1)]
    for command in uploads:
        await running.tell(command)
    await running.strait.holding.wait()

    await running.tell(RemoveTransfer(transfer_id=uuid7(), gallery_id=running.desk.gallery_id))
    await running.answer(TransferRefused)
    assert await running.desk.told(PhotoUploaded) == []
    running.strait.let_pass()
    await running.answer(PhotoUploaded, len(uploads))


async def test_bad_files_among_good_ones_stop_nothing_and_the_process_stays_small(running: Running) -> None:
    bad = (b"", b"text", bad_files.zip_archive(), bad_files.png(50_000, 50_000), bad_files.png(10_000, 10_000))
    for number, content in enumerate(bad):
        await running.tell(await running.desk.send(content, f"{number}.jpg", tab=Tab.TRANSFERS))
        await running.tell(await running.desk.send(PHOTO, f"good {number}.jpg", tab=Tab.TRANSFERS))

    assert len(await running.answer(TransferUploaded, len(bad))) == len(bad)
    assert len(await running.answer(UploadRejected, len(bad))) == len(bad)
    assert resident(running.process.pid) < AT_REST


async def test_what_is_in_hand_when_the_service_stops_is_finished(running: Running, objects: ObjectStore) -> None:
    running.strait.hold_back("GET", "incoming/")
    await running.tell(await running.desk.send(PHOTO))
    await running.strait.holding.wait()
    stopping = asyncio.create_task(running.process.stop())
    await running.says("stopping")
    running.strait.let_pass()
    await stopping

    assert len(await running.desk.told(PhotoUploaded)) == 1
