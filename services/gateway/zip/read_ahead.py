"""The next pieces of an archive, fetched while earlier ones are being sent, and checked when it is their turn."""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from zlib_ng.zlib_ng import crc32

from chassis.object_errors import ObjectChanged
from services.gateway.zip.layout import ObjectRange, Segment
from services.gateway.zip.objects import ObjectReader

MEMORY = 8 * 1024 * 1024
"""The most bytes of objects that one download has asked for and not yet sent."""

_MOST_SEGMENTS = 16  # small objects are fetched eight at a time, each with its header


class ReadAhead:
    """A queue of segments whose fetches begin when they are added."""

    def __init__(self, objects: ObjectReader) -> None:
        self._objects = objects
        self._queue: deque[bytes | _Fetch] = deque()
        self._checksum = _Checksum()

    def __bool__(self) -> bool:
        return bool(self._queue)

    def has_room(self, segment: Segment) -> bool:
        """Whether the segment may be added before the first one is dropped."""
        asked = sum(len(item.part) for item in self._queue if isinstance(item, _Fetch))
        wanted = len(segment) if isinstance(segment, ObjectRange) else 0
        return len(self._queue) < _MOST_SEGMENTS and asked + wanted <= MEMORY

    def add(self, segment: Segment) -> None:
        """Append a segment; an object's bytes are asked for at once."""
        if isinstance(segment, ObjectRange):
            self._queue.append(_Fetch(segment, asyncio.create_task(self._objects.read(segment))))
        else:
            self._queue.append(segment)

    async def first(self) -> list[bytes]:
        """The first segment's bytes. Raises as `ObjectReader.read` does, and `ObjectChanged` for a wrong CRC-32."""
        first = self._queue[0]
        if isinstance(first, bytes):
            return [first]
        blocks = await first.task
        self._checksum.add(first.part, blocks)
        return blocks

    def drop_first(self) -> None:
        """Make room: the first segment has been sent."""
        self._queue.popleft()

    async def cancel(self) -> None:
        """End all fetches, and their connections with them."""
        tasks = [item.task for item in self._queue if isinstance(item, _Fetch)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class _Fetch:
    part: ObjectRange
    task: asyncio.Task[list[bytes]]


class _Checksum:
    """The CRC-32 of the entry that is being sent; of an entry whose beginning is not sent there is none."""

    def __init__(self) -> None:
        self._crc: int | None = None

    def add(self, part: ObjectRange, blocks: Iterable[bytes]) -> None:
        if part.start == 0:
            self._crc = 0
        if self._crc is None:
            return
        for block in blocks:
            self._crc = crc32(block, self._crc)
        if part.end == part.entry.size and self._crc != part.entry.crc32:
            raise ObjectChanged(f"{part.entry.object_key} has changed: its CRC-32 is another")
