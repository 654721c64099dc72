"""Previews of 24-megapixel JPEGs: our decoders against a bare libvips loop that makes the same two previews.

`python -m tests.bench.previews`; the loop runs in a process of its own, as it has no need to share one.
"""

import asyncio
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from deploy.local.drawing import photo
from services.transfers.checksums import checksums
from services.transfers.jobs import Limits
from services.transfers.workshop import Workshop

SIZES = (1600, 400)

BARE_LOOP = """
import sys, time, pyvips
pyvips.cache_set_max(0)

def previews(path):
    large = pyvips.Image.thumbnail(path, 1600, height=1600, size="down").copy_memory()
    large.jpegsave_buffer(Q=80, optimize_coding=True, keep="none")
    large.thumbnail_image(400, height=400, size="down").jpegsave_buffer(Q=80, optimize_coding=True, keep="none")

previews(sys.argv[1])
start = time.perf_counter()
for path in sys.argv[1:]:
    previews(path)
print(time.perf_counter() - start)
"""


@dataclass(frozen=True)
class Figures:
    """Photos a second: the median of all rounds."""

    bare: float
    """One process, libvips with as many threads as it likes."""
    one_decoder: float
    two_decoders: float
    with_checksums: float
    """Two decoders, and both checksums of each file beside them."""


async def measure(photos: int = 8, rounds: int = 3) -> Figures:
    """All figures on the same photos; the rounds take turns, so that other work on the machine weighs on all alike."""
    with TemporaryDirectory() as folder:
        paths = [_draw(Path(folder), number) for number in range(photos)]
        turns = [await _turn(paths) for _ in range(rounds)]
    return Figures(*(photos / median(seconds) for seconds in zip(*turns, strict=True)))


async def _turn(paths: list[Path]) -> tuple[float, float, float, float]:
    return (
        await asyncio.to_thread(_bare, paths),
        await _ours(paths, 1),
        await _ours(paths, 2),
        await _ours(paths, 2, sums=True),
    )


def _draw(folder: Path, number: int) -> Path:
    path = folder / f"IMG_{number:04}.JPG"
    path.write_bytes(photo(path.name, 6_000, 4_000))
    return path


def _bare(paths: list[Path]) -> float:
    command = [sys.executable, "-c", BARE_LOOP, *map(str, paths)]
    return float(subprocess.run(command, check=True, capture_output=True).stdout)


async def _ours(paths: list[Path], decoders: int, *, sums: bool = False) -> float:
    workshop = Workshop(decoders, Limits())
    await asyncio.gather(*(workshop.examine(path, SIZES) for path in paths[:decoders]))

    async def take_in(path: Path) -> None:
        await asyncio.gather(workshop.examine(path, SIZES), *([checksums(path)] if sums else []))

    start = perf_counter()
    await asyncio.gather(*map(take_in, paths))
    seconds = perf_counter() - start
    await workshop.close()
    return seconds


def report(figures: Figures) -> str:
    """One line."""
    ours = {"one decoder": figures.one_decoder, "two": figures.two_decoders, "with checksums": figures.with_checksums}
    parts = (f"{name} {rate:.2f}/s ({rate / figures.bare:.0%})" for name, rate in ours.items())
    return f"previews of 24 MP JPEGs: bare libvips loop {figures.bare:.2f}/s, {', '.join(parts)}"


if __name__ == "__main__":
    print(report(asyncio.run(measure())))
