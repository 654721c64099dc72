"""What all private servers have in common."""

import asyncio
import os
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from deploy.local.errors import LocalError
from deploy.local.ports import HOST, kept_port
from deploy.local.process import Command, Process


class Server(ABC):
    """A program that listens on loopback and keeps everything in its own folder.

    `async with` starts it, returns when it answers, and stops it at the end. It may be stopped and started again;
    folder, port and credentials stay the same.
    """

    name: str
    stop_timeout: ClassVar[float] = 20
    start_timeout: ClassVar[float] = 60

    def __init__(self, folder: Path, *, port: int | None = None, log: Path | None = None) -> None:
        self.folder = folder.resolve()
        self.port = port or kept_port(self.folder / "port")
        self.log = log or self.folder / f"{self.name}.log"
        self.process: Process | None = None

    @property
    def pid(self) -> int:
        """The id of the process that does the work."""
        return self._running().pid

    async def start(self) -> None:
        """Starts it and returns when it answers; LocalError says why it cannot."""
        self.folder.mkdir(parents=True, exist_ok=True)
        await self._prepare()
        self.process = await Process.start(self._command())
        try:
            await self._until_it_answers()
            await self._settle()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stops it cleanly; nothing happens when it does not run."""
        if self.process:
            await self.process.stop(self.stop_timeout)

    async def kill(self) -> None:
        """Ends it as a power cut would (SIGKILL)."""
        await self._running().kill()

    async def wait(self) -> int:
        """Returns its exit code once it has ended."""
        return await self._running().wait()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _prepare(self) -> None:  # noqa: B027 - most servers need nothing
        """Makes what must be there before the program starts."""

    @abstractmethod
    def _command(self) -> Command:
        """The program to start."""

    async def _answers(self) -> bool:
        """Whether it serves now."""
        return await listens(self.port)

    async def _settle(self) -> None:  # noqa: B027 - most servers need nothing
        """Makes what can only be made once the program answers."""

    def _base_env(self) -> dict[str, str]:
        """Nothing of the person's own settings may reach a private server."""
        return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "HOME": str(self.folder)}

    def _running(self) -> Process:
        if self.process is None:
            raise LocalError(f"{self.name} has not been started")
        return self.process

    async def _until_it_answers(self) -> None:
        process = self._running()
        try:
            async with asyncio.timeout(self.start_timeout):
                while not await self._answers():
                    if process.returncode is not None:
                        raise LocalError(self._failure("ended while it started"))
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise LocalError(self._failure(f"did not answer within {self.start_timeout:g} s")) from None

    def _failure(self, what: str) -> str:
        return f"{self.name} {what}. The end of {self.log}:\n{self._running().log_end()}"


async def listens(port: int) -> bool:
    """Whether somebody accepts connections on this port of loopback."""
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
