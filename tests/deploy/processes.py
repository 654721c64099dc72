"""What the tests ask about processes."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from pathlib import Path


def processes_of(folder: Path) -> list[str]:
    """The command lines of all running processes whose arguments or environment name the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command, environment = (process / "cmdline").read_bytes(), (process / "environ").read_bytes()
            if str(folder).encode() in command + environment:
                found.append(command.replace(b"\0", b" ").decode(errors="replace"))
    return found


def program(pid: int) -> str:
    """The name of the program that a process runs."""
    return Path(f"/proc/{pid}/comm").read_text().strip()


def listens_beyond_its_address(port: int) -> bool:
    """Whether a server meant for 127.0.0.1 can be reached by another address of this machine."""
    with socket.socket() as client:
        client.settimeout(2)
        return client.connect_ex(("127.0.0.2", port)) == 0


def is_running(pid: int) -> bool:
    """Whether the process does anything; one that has ended and only waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def until(condition: Callable[[], bool], timeout: float = 20) -> None:
    """Returns when the condition holds; TimeoutError when it does not come to hold."""
    async with asyncio.timeout(timeout):
        while True:
            if condition():
                return
            await asyncio.sleep(0.02)
