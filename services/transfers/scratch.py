"""Room for files that are being looked at, which leaves nothing behind, not even after a crash."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import IO

_LOCK = "lock"


@contextmanager
def scratch_folder(base: Path) -> Iterator[Path]:
    """A folder in `base` for this process alone. What processes that died have left in `base` is removed first."""
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (base / _LOCK).open("w") as entrance:
        fcntl.flock(entrance, fcntl.LOCK_EX)  # nobody clears a folder away between its making and its locking
        _clear(base)
        folder = Path(mkdtemp(dir=base))
        held = (folder / _LOCK).open("w")
        fcntl.flock(held, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # a thread may be writing still: then the next process clears it
        held.close()


def _clear(base: Path) -> None:
    for folder in base.iterdir():
        if folder.is_dir() and not _is_held(folder):
            shutil.rmtree(folder)


def _is_held(folder: Path) -> bool:
    """The kernel lets go of a lock when its process ends, however it ends."""
    with (folder / _LOCK).open("w") as lock:
        return not _lock(lock)


def _lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
