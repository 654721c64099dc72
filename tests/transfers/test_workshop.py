"""Whatever a file does to a decoder, it is one rejected upload."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.local.drawing import draw, photo
from services.transfers.jobs import Limits
from services.transfers.rejections import RejectedImage
from services.transfers.sniffing import Format
from services.transfers.workbench import DecoderBroken
from services.transfers.workshop import Workshop
from tests.transfers import bad_files


@pytest.fixture(scope="module")
async def workshop() -> AsyncIterator[Workshop]:
    opened = Workshop(1, Limits(), seconds=20)
    yield opened
    await opened.close()


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.jpg"
    path.write_bytes(photo("good", 600, 400))
    return path


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A file that a decoder waits for until it is ended."""
    path = tmp_path / "endless.jpg"
    os.mkfifo(path)
    return path


async def until(happens: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not happens():  # noqa: ASYNC110  what another process does sets no event here
            await asyncio.sleep(0.005)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def environment_of(pid: int | None) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


async def kill_busy_decoder(workshop: Workshop, endless: Path, instead: Path | None = None) -> None:
    """Once a decoder reads the endless file; the next one will find `instead` there."""
    writer: list[int] = []

    def is_read() -> bool:
        try:
            writer.append(os.open(endless, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            return False
        return True

    await until(is_read)
    pid = workshop.benches[0].pid
    assert pid
    if instead:
        os.replace(instead, endless)
    os.kill(pid, signal.SIGKILL)
    await until(lambda: workshop.benches[0].pid != pid)
    os.close(writer[0])


async def refusal(workshop: Workshop, path: Path) -> RejectedImage:
    with pytest.raises(RejectedImage) as rejection:
        await workshop.examine(path, (1600, 400))
    return rejection.value


async def test_a_photo_is_examined_and_its_previews_lie_beside_it(workshop: Workshop, good: Path) -> None:
    examined = await workshop.examine(good, (1600, 400), "© Studio")

    assert (examined.format, examined.width, examined.height) == (Format.JPEG, 600, 400)
    assert {size: path.parent for size, path in examined.previews.items()} == {1600: good.parent, 400: good.parent}
    assert {path.read_bytes()[:2] for path in examined.previews.values()} == {b"\xff\xd8"}


async def test_a_refused_file_does_not_even_end_its_decoder(workshop: Workshop, good: Path, tmp_path: Path) -> None:
    await workshop.examine(good, (400,))
    decoder = workshop.benches[0].pid
    bad = tmp_path / "bad.jpg"

    for content in (b"", bad_files.zip_archive(), bad_files.png(50_000, 50_000), photo("cut", 600, 400)[:-500]):
        bad.write_bytes(content)
        assert (await refusal(workshop, bad)).reason

    await workshop.examine(good, (400,))
    assert workshop.benches[0].pid == decoder


@pytest.mark.parametrize("make", [bad_files.tiff_of_itself, bad_files.tiff_of_entries, bad_files.tiff_of_directories])
async def test_endless_directories_end(make: Callable[[], bytes], workshop: Workshop, tmp_path: Path) -> None:
    path = tmp_path / "directories.tif"
    path.write_bytes(make())

    with suppress(RejectedImage):
        await workshop.examine(path, (400,))


async def test_a_file_that_takes_too_long_is_refused_and_the_next_one_is_taken(good: Path, endless: Path) -> None:
    workshop = Workshop(1, Limits(), seconds=1)

    rejection = await refusal(workshop, endless)

    assert rejection.code == "undecodable"
    assert "within 1 seconds" in rejection.reason
    assert await workshop.examine(good, (400,))
    await workshop.close()


async def test_a_file_that_kills_its_decoder_twice_is_refused_and_the_next_one_is_taken(
    workshop: Workshop, good: Path, endless: Path
) -> None:
    refused = asyncio.create_task(refusal(workshop, endless))
    await kill_busy_decoder(workshop, endless)
    await kill_busy_decoder(workshop, endless)

    assert "breaks off" in (await refused).reason
    assert await workshop.examine(good, (400,))


async def test_a_decoder_that_dies_once_costs_nobody_a_file(workshop: Workshop, good: Path, endless: Path) -> None:
    examined = asyncio.create_task(workshop.examine(endless, (400,)))
    shutil.copy(good, good.with_suffix(".copy"))
    await kill_busy_decoder(workshop, endless, instead=good.with_suffix(".copy"))

    assert (await examined).width == 600


async def test_a_decoder_that_died_between_two_files_is_replaced(workshop: Workshop, good: Path) -> None:
    await workshop.examine(good, (400,))
    pid = workshop.benches[0].pid
    assert pid
    os.kill(pid, signal.SIGKILL)

    assert await workshop.examine(good, (400,))


async def test_a_file_that_needs_too_much_memory_is_refused(good: Path, tmp_path: Path) -> None:
    hungry = tmp_path / "hungry.png"
    hungry.write_bytes(bad_files.png(15_000, 15_000, interlaced=True))
    workshop = Workshop(1, Limits(), memory=500_000_000)

    assert "memory" in (await refusal(workshop, hungry)).reason
    assert await workshop.examine(good, (400,))
    await workshop.close()


async def test_decoders_that_do_not_start_are_no_fault_of_the_file(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    workshop = Workshop(1, Limits())

    with pytest.raises(DecoderBroken):
        await workshop.examine(good, (400,))


async def test_an_idle_decoder_ends(good: Path) -> None:
    workshop = Workshop(1, Limits(), idle=0.05)
    await workshop.examine(good, (400,))
    pid = workshop.benches[0].pid
    assert pid

    await until(lambda: not is_alive(pid))

    assert await workshop.examine(good, (400,))
    await workshop.close()


async def test_giving_up_and_closing_end_the_decoder_at_work(endless: Path) -> None:
    workshop = Workshop(1, Limits())
    examined = asyncio.create_task(workshop.examine(endless, (400,)))
    await until(lambda: workshop.benches[0].pid is not None)
    pid = workshop.benches[0].pid
    assert pid

    examined.cancel()
    await until(lambda: not is_alive(pid))

    assert workshop.benches[0].pid is None


async def test_as_many_files_are_examined_at_once_as_there_are_workers(good: Path) -> None:
    workshop = Workshop(2, Limits())

    await asyncio.gather(*(workshop.examine(good, (size,)) for size in (400, 300, 200, 100)))

    assert len({bench.pid for bench in workshop.benches}) == 2
    await workshop.close()


@pytest.mark.parametrize("name", ["PHOTOFERRY_SECRET", "OTEL_EXPORTER_OTLP_HEADERS"])
async def test_a_decoder_is_told_no_secrets(
    workshop: Workshop, good: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "very secret")
    await asyncio.gather(*(bench.clear() for bench in workshop.benches))
    await workshop.examine(good, (400,))

    assert b"very secret" not in environment_of(workshop.benches[0].pid)


SEEDS = [
    photo("seed", 64, 48, gps=True),
    *(bytes(draw("seed", 64, 48).write_to_buffer(suffix)) for suffix in (".png", ".tif", ".webp", ".avif")),
    bad_files.nef(),
]


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.sampled_from(SEEDS),
    changes=st.lists(st.tuples(st.integers(0, 5_000), st.binary(min_size=1, max_size=4)), max_size=5),
    end=st.integers(0, 5_000),
)
async def test_any_bytes_are_a_picture_or_a_refusal(
    seed: bytes, changes: list[tuple[int, bytes]], end: int, workshop: Workshop, tmp_path: Path
) -> None:
    content = bytearray(seed)
    for start, change in changes:
        content[start : start + len(change)] = change
    path = tmp_path / "any"
    path.write_bytes(content[: end or None])

    with suppress(RejectedImage):
        examined = await workshop.examine(path, (400,))
        assert examined.previews[400].read_bytes()[:2] == b"\xff\xd8"
