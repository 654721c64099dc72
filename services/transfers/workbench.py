"""One decoder process at a time, from the service's side."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from typing import cast

from chassis.retries import BrokenDependency
from services.transfers.jobs import READY


class DecoderBroken(BrokenDependency):
    """Decoders do not even start: no file is to blame."""


class DecoderDied(Exception):
    """The decoder ended in the middle of a job; `status` is its exit status, negative for a signal."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the decoder ended with status {status}")
        self.status = status


class Workbench:
    """Starts a decoder with the first job and after a death, and ends it after `idle` seconds without a job."""

    def __init__(self, memory: int, seconds: float, idle: float, threads: int) -> None:
        self._command = (sys.executable, "-m", "services.transfers.decoder", str(memory), str(seconds))
        self._threads = threads
        self._idle = idle
        self._process: Process | None = None
        self._leaving: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """The process at this bench, if there is one."""
        return self._process.pid if self._process else None

    async def do(self, job: bytes) -> bytes:
        """The decoder's answer to a job, one line each. `DecoderDied`, `DecoderBroken`."""
        if self._leaving:
            self._leaving.cancel()
        try:
            answer = await _exchange(await self._decoder(), job)
        except BaseException:
            await self.clear()
            raise
        self._leaving = asyncio.get_running_loop().call_later(self._idle, self._leave)
        return answer

    async def clear(self) -> None:
        """End the decoder now."""
        if self._leaving:
            self._leaving.cancel()
        process, self._process = self._process, None
        if process and process.returncode is None:
            process.kill()
            await process.wait()

    async def _decoder(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, env=self._environment()
            )
            if await _line_from(self._process) != READY:
                raise DecoderBroken("the image decoder does not start: the log says why")
        return self._process

    def _environment(self) -> dict[str, str]:
        """Without our settings: a hostile file that takes over a decoder finds no passwords there."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PHOTOFERRY_", "OTEL_"))}
        return kept | {"VIPS_CONCURRENCY": str(self._threads)}

    def _leave(self) -> None:
        if self._process:
            cast(asyncio.StreamWriter, self._process.stdin).close()
        self._process = None


async def _exchange(process: Process, job: bytes) -> bytes:
    jobs = cast(asyncio.StreamWriter, process.stdin)
    try:
        jobs.write(job)
        await jobs.drain()
        answer = await _line_from(process)
    except ConnectionError:
        answer = b""
    if not answer.endswith(b"\n"):
        raise DecoderDied(await process.wait())
    return answer


async def _line_from(process: Process) -> bytes:
    return await cast(asyncio.StreamReader, process.stdout).readline()
