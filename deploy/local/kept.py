"""A process that is started again whenever it ends by itself."""

import asyncio
import signal
import time
from contextlib import suppress
from pathlib import Path

from deploy.local.errors import LocalError
from deploy.local.server import Server

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0


class Kept:
    """Keeps one server or service running from `start` to `stop`, and its process id in a file."""

    def __init__(self, server: Server, pid_file: Path) -> None:
        self.server = server
        self._pid_file = pid_file
        self._watcher: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Starts it; LocalError when that fails the first time."""
        await self._start_once()
        self._watcher = asyncio.create_task(self._keep_running(), name=f"keep {self.server.name} running")

    async def stop(self) -> None:
        """Stops it, and it stays stopped."""
        try:
            await self._stop_watching()
        finally:
            await self.server.stop()
            self._pid_file.unlink(missing_ok=True)

    async def _stop_watching(self) -> None:
        if self._watcher:
            self._watcher.cancel()
            with suppress(asyncio.CancelledError):
                await self._watcher
            self._watcher = None

    async def _start_once(self) -> None:
        await self.server.start()
        self._pid_file.parent.mkdir(exist_ok=True)
        self._pid_file.write_text(f"{self.server.pid}\n")

    async def _keep_running(self) -> None:
        delay = FIRST_DELAY
        while True:
            started = time.monotonic()
            code = await self.server.wait()
            if time.monotonic() - started > LONGEST_DELAY:
                delay = FIRST_DELAY
            self._say(f"ended ({_reason(code)}); starting it again in {delay:g} s")
            await asyncio.sleep(delay)
            delay = min(2 * delay, LONGEST_DELAY)
            try:
                await self._start_once()
            except (LocalError, OSError) as error:
                self._say(f"did not start: {error}")

    def _say(self, what: str) -> None:
        print(f"{self.server.name} {what} (its log: {self.server.log})", flush=True)


def _reason(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
