"""Opens uploaded files in processes of their own: a file that breaks one is a rejected upload, and nothing more."""

import asyncio
import os
import signal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from services.transfers import rejections
from services.transfers.jobs import Inspected, Job, Limits, answer_of
from services.transfers.sniffing import Format
from services.transfers.workbench import DecoderDied, Workbench

_ATTEMPTS = 2
"""A decoder may have died of something else than the file, as when the machine is out of memory."""


@dataclass(frozen=True)
class Examined:
    """A picture of an accepted type, decoded to its end."""

    format: Format
    width: int
    """Pixels, as shown (orientation applied)."""
    height: int
    previews: Mapping[int, Path]
    """JPEG files beside the picture, by longest side in pixels."""


class Workshop:
    """Up to `workers` decoders at work; they start with the first file and end after `idle` seconds without one."""

    def __init__(
        self, workers: int, limits: Limits, *, memory: int = 3 << 30, seconds: float = 120, idle: float = 60
    ) -> None:
        """`memory` (bytes of address space) and `seconds` are what one file may use."""
        self.limits = limits
        self.seconds = seconds
        threads = max(1, len(os.sched_getaffinity(0)) // workers)
        self.benches = [Workbench(memory, seconds, idle, threads) for _ in range(workers)]
        self._free: asyncio.LifoQueue[Workbench] = asyncio.LifoQueue()
        for bench in self.benches:
            self._free.put_nowait(bench)

    async def examine(
        self, path: Path, sizes: Iterable[int], watermark: str | None = None, mark: Path | None = None
    ) -> Examined:
        """Look at a file, decode it, and leave previews of the `sizes` (longest side, pixels) beside it.

        `RejectedImage` for what is not a picture that can be taken in, `DecoderBroken` when no file can be opened.
        """
        job = Job(path, self.limits, tuple(sizes), watermark, mark)
        bench = await self._free.get()
        try:
            found = await self._look(job, bench)
        finally:
            self._free.put_nowait(bench)
        return Examined(found.format, found.width, found.height, {size: job.preview(size) for size in job.sizes})

    async def close(self) -> None:
        """End all decoders, in the middle of a file too."""
        await asyncio.gather(*(bench.clear() for bench in self.benches))

    async def _look(self, job: Job, bench: Workbench) -> Inspected:
        for _ in range(_ATTEMPTS):
            try:
                return answer_of(await bench.do(job.line()))
            except DecoderDied as death:
                if death.status == -signal.SIGALRM:
                    raise rejections.too_slow(self.seconds) from death
        raise rejections.breaks_decoder()
