"""The folder in which one local Photoferry keeps everything."""

import fcntl
from pathlib import Path
from typing import TextIO

from deploy.local.errors import LocalError


class DataFolder:
    """Where its parts are, and the lock that keeps a second supervisor out."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._lock: TextIO | None = None

    def part(self, name: str) -> Path:
        """The folder of one server."""
        return self.path / name

    def service(self, name: str) -> Path:
        """The folder of one process of a service."""
        return self.path / "services" / name

    def log(self, name: str) -> Path:
        """What a process wrote."""
        return self.path / "log" / f"{name}.log"

    def pid(self, name: str) -> Path:
        """The id of the process that does the work; there while it runs."""
        return self.path / "run" / f"{name}.pid"

    @property
    def operator_env(self) -> Path:
        """The settings of the services, for operators' commands; there while they run."""
        return self.path / "operator.env"

    def claim(self) -> None:
        """Takes the folder for this process until `release` or its end; LocalError when another has it."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (self.path / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise LocalError(f"another Photoferry runs on {self.path}: stop it, or set PHOTOFERRY_DATA") from None
        self._lock = lock
        for stale in self.path.glob("run/*.pid"):
            stale.unlink()

    def release(self) -> None:
        """Gives it back."""
        if self._lock:
            self.operator_env.unlink(missing_ok=True)
            self._lock.close()
            self._lock = None
