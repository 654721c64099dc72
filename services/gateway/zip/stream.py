"""The bytes of an archive from the object store, within a fixed budget of memory."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

from services.gateway.zip.layout import Layout, ObjectRange, Segment
from services.gateway.zip.objects import ObjectReader
from services.gateway.zip.read_ahead import MEMORY, ReadAhead

CHUNK = MEMORY // 2
"""The most bytes of one fetch: one is fetched while another is sent."""

_LEAST_SENT = 64 * 1024


async def stream(layout: Layout, start: int, end: int, objects: ObjectReader) -> AsyncGenerator[bytes, None]:
    """The archive's bytes from `start` up to `end`, in blocks as large as they came from the store. To be closed.

    Raises `ObjectMissing`, `ObjectChanged` or `StoreUnreachable`, always before an entry's last bytes.
    """
    small: list[bytes] = []
    size = 0
    async with aclosing(_blocks(layout.segments(start, end), objects)) as blocks:
        async for block in blocks:
            small.append(block)
            size += len(block)
            if size >= _LEAST_SENT:
                yield b"".join(small)
                small, size = [], 0
    yield b"".join(small)


async def _blocks(segments: Iterator[Segment], objects: ObjectReader) -> AsyncGenerator[bytes, None]:
    ahead = ReadAhead(objects)
    try:
        for segment in _split(segments):
            while not ahead.has_room(segment):
                for block in await ahead.first():
                    yield block
                ahead.drop_first()
            ahead.add(segment)
        while ahead:
            for block in await ahead.first():
                yield block
            ahead.drop_first()
    finally:
        await ahead.cancel()


def _split(segments: Iterator[Segment]) -> Iterator[Segment]:
    for segment in segments:
        if isinstance(segment, bytes):
            yield segment
            continue
        for start in range(segment.start, segment.end, CHUNK):
            yield ObjectRange(segment.entry, start, min(start + CHUNK, segment.end))
