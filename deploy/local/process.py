"""Starting a program so that it can be found, stopped, and never outlives its starter."""

import asyncio
import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from deploy.local.errors import LocalError


@dataclass(frozen=True)
class Command:
    """A program to start: its arguments, its whole environment, the file that its output is added to.

    `death_signal` reaches it when its starter dies without stopping it. `setpriv` holds further options of setpriv(1),
    such as another user.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str]
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    setpriv: tuple[str, ...] = ()

    def guarded_argv(self) -> tuple[str, ...]:
        """The arguments behind setpriv, which becomes the program itself: the process id is the program's own."""
        death = f"--pdeathsig={self.death_signal.name.removeprefix('SIG')}"
        return (_setpriv(), death, *self.setpriv, "--", *self.argv)


class Process:
    """A running program. Start it from the main thread: the kernel ties its life to the thread that started it."""

    def __init__(self, command: Command, process: asyncio.subprocess.Process) -> None:
        self._command = command
        self._process = process

    @classmethod
    async def start(cls, command: Command) -> Self:
        """Starts the program in a session of its own, so that Ctrl-C reaches it through its starter only."""
        command.log.parent.mkdir(parents=True, exist_ok=True)
        with command.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *command.guarded_argv(),
                env=command.env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return cls(command, process)

    @property
    def pid(self) -> int:
        """The id of the process that does the work."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._process.returncode

    async def wait(self) -> int:
        """Returns its exit code once it has ended."""
        return await self._process.wait()

    async def stop(self, timeout: float) -> None:
        """Asks it to end, and ends it by force after `timeout` seconds."""
        if self.returncode is None:
            self._process.send_signal(self._command.stop_signal)
        try:
            await asyncio.wait_for(self._process.wait(), timeout)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """Ends it at once (SIGKILL)."""
        if self.returncode is None:
            self._process.kill()
        await self._process.wait()

    def log_end(self, lines: int = 20) -> str:
        """The last lines of its log."""
        return "\n".join(self._command.log.read_text(errors="replace").splitlines()[-lines:])


def _setpriv() -> str:
    if found := shutil.which("setpriv"):
        return found
    raise LocalError("setpriv is not installed: install the package util-linux")
