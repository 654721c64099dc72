"""A ZIP of 100 photos of 3 MB against GETs of the same objects straight from the store, by the same client.

`python -m tests.bench.zip`; store, archive server and client are processes of their own.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from zlib import crc32

from chassis.objects import ObjectStore
from deploy.local.servers import object_store
from services.gateway.zip.records import Entry
from tests.bench.fetching import fetch
from tests.gateway.zip.archive_server import ArchiveServer
from tests.gateway.zip.made import NOON

SIZE = 3_000_000
TARGET = 0.6


@dataclass(frozen=True)
class Figures:
    """Bytes a second, each the median of all rounds, and the median of the rounds' ratios."""

    clients: int
    raw: float
    zipped: float
    ratio: float


async def measure(photos: int = 100, rounds: int = 7) -> list[Figures]:
    """For one client and for four; raw and zipped take turns, so that other work weighs on both alike."""
    async with _serving(photos) as (raw, zipped):
        return [await _compare(clients, raw, zipped, rounds) for clients in (1, 4)]


async def _compare(clients: int, raw: Sequence[str], zipped: Sequence[str], rounds: int) -> Figures:
    turns = [(await fetch(raw, clients), await fetch(zipped, clients)) for _ in range(rounds)]
    raw_rate, zip_rate = (median(rates) for rates in zip(*turns, strict=True))
    return Figures(clients, raw_rate, zip_rate, median(of_zip / of_raw for of_raw, of_zip in turns))


@asynccontextmanager
async def _serving(photos: int) -> AsyncIterator[tuple[list[str], list[str]]]:
    """URLs of the objects, and of the archive of them."""
    with TemporaryDirectory() as folder:
        async with object_store(Path(folder) / "store") as server:
            store = ObjectStore(server.url)
            entries = [await _put(store, f"IMG_{number:04}.JPG") for number in range(photos)]
            raw = [store.presign_get(entry.object_key, expires=3600) for entry in entries]
            await store.close()
            async with ArchiveServer(Path(folder) / "archives", server.url, {"photos.zip": entries}) as archives:
                yield raw, [archives.url("photos.zip")]


async def _put(store: ObjectStore, name: str) -> Entry:
    content = os.urandom(SIZE)
    await store.put_file(name, content, "image/jpeg")
    return Entry(name, SIZE, crc32(content), name, NOON)


def report(figures: Sequence[Figures]) -> str:
    """A line for each number of clients."""
    return "\n".join(
        f"ZIP of 100 x 3 MB, {each.clients} at a time: {each.zipped / 1e6:.0f} MB/s, "
        f"raw GETs {each.raw / 1e6:.0f} MB/s: {each.ratio:.0%} (at least {TARGET:.0%})"
        for each in figures
    )


if __name__ == "__main__":
    print(report(asyncio.run(measure())))
