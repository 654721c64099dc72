"""A folder of backups.

objects/                      files of the store by their keys, shared by all backups: they never change
copied                        what an interrupted backup has copied, as in objects.gz
2026-08-01T02-00-00.000000Z/  a backup
    backup.json               what it is
    orders.gallery.gz         a table's rows, as COPY writes them; one such file for each table
    objects.gz                the files that belong to it, a line each: SHA-256, bytes, key
    objects/                  those of them that may change, so that each backup has its own
"""

import fcntl
import gzip
import hashlib
import os
import re
import shutil
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from cli.errors import Exit, Failure

SHARED = "objects"
UNFINISHED = "unfinished"
ABOUT = "backup.json"
COPIED = "copied"


@contextmanager
def intact(path: Path) -> Iterator[None]:
    """A compressed file that turns out to be damaged while it is read is a `Failure`."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error, FileNotFoundError) as error:
        raise Failure(f"{path} is damaged ({error}): restore another backup. The database is as it was.") from None


class Noted(NamedTuple):
    """What a file was when it was copied."""

    size: int
    """Bytes."""
    sha256: str

    @classmethod
    def of(cls, path: Path) -> Self:
        """Read a file as a whole."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
            return cls(file.tell(), digest.hexdigest())

    def fits(self, path: Path) -> bool:
        """Whether a file is there and has the size."""
        return path.exists() and path.stat().st_size == self.size

    def line(self, key: str) -> str:
        """As it is written down."""
        return f"{self.sha256}\t{self.size}\t{key}\n"


_LINE = re.compile(r"([0-9a-f]{64})\t(\d+)\t(.+)\n?")


def _read(lines: Iterable[str]) -> dict[str, Noted]:
    """What is noted of each key, but in lines that are not whole."""
    found = (_LINE.fullmatch(line) for line in lines)
    return {each[3]: Noted(int(each[2]), each[1]) for each in found if each}


class Table(BaseModel):
    """One table of one service's schema."""

    model_config = ConfigDict(frozen=True)

    service: str
    name: str
    columns: tuple[str, ...]
    rows: int = 0

    @property
    def filename(self) -> str:
        """Of its rows."""
        return f"{self.service}.{self.name}.gz"


class About(BaseModel):
    """What a backup is."""

    model_config = ConfigDict(frozen=True)

    taken_at: datetime
    """PostgreSQL's time at the snapshot."""
    migrations: dict[str, tuple[str, ...]]
    """Those that were applied, by service."""
    tables: tuple[Table, ...]
    """Those that others refer to first."""
    sequences: dict[str, int]
    """The last number given out, by `schema.name`."""
    files: int
    """That belong to it."""
    missing: tuple[str, ...]
    """Keys of files that the database names, and neither the store nor an earlier backup had."""

    @property
    def name(self) -> str:
        """Of its folder."""
        return self.taken_at.strftime("%Y-%m-%dT%H-%M-%S.%fZ")


class Backup:
    """One backup of the folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def about(self) -> About:
        """What it is. Raises `Failure` when that cannot be read."""
        try:
            return About.model_validate_json((self.path / ABOUT).read_bytes())
        except ValidationError:
            problem = (
                f"{self.path / ABOUT} is damaged, or of a newer Photoferry: restore another backup, or install that."
            )
            raise Failure(problem, Exit.REFUSED) from None

    def rows_of(self, table: Table) -> Path:
        """The file of a table's rows."""
        return self.path / table.filename

    def own(self, key: str) -> Path:
        """Where a file is that may change."""
        return self.path / SHARED / key

    def shared(self, key: str) -> Path:
        """Where a file is that never changes."""
        return self.path.parent / SHARED / key

    def file(self, key: str) -> Path:
        """Where a file is."""
        own = self.own(key)
        return own if own.exists() else self.shared(key)

    def objects(self) -> dict[str, Noted]:
        """The files that belong to it, by key. Raises `Failure` when that cannot be read."""
        path = self.path / "objects.gz"
        with intact(path), gzip.open(path, "rt") as lines:
            return _read(lines)

    def note_objects(self, noted: dict[str, Noted]) -> None:
        """Write down which files belong to it."""
        with gzip.open(self.path / "objects.gz", "wt") as lines:
            lines.writelines(each.line(key) for key, each in noted.items())


class Backups:
    """The folder, readable by its owner only: people's data is in it, and what the services keep sealed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Make it unless it is there, and let no other backup be taken into it meanwhile. Raises `Failure`."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.path / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                problem = f"Another backup is being taken into {self.path}; wait until it is done."
                raise Failure(problem, Exit.REFUSED) from None
            yield

    def finished(self) -> list[Backup]:
        """All whole backups, the oldest first."""
        return [Backup(about.parent) for about in sorted(self.path.glob(f"2*/{ABOUT}"))]

    def noted(self) -> dict[str, Noted]:
        """What is known of the shared files: of those of the newest backup, and of what an interrupted one copied."""
        newest, copied = self.finished()[-1:], self.path / COPIED
        noted = newest[0].objects() if newest else {}
        return noted | _read(copied.read_text().splitlines()) if copied.exists() else noted

    def note(self, key: str, noted: Noted) -> None:
        """Of a file that was just copied, so that it need not be copied again after an interruption."""
        with (self.path / COPIED).open("a") as copied:
            copied.write(noted.line(key))

    def begin(self) -> Backup:
        """A place for a new one; what an interrupted one left there goes, but for the shared files."""
        path = self.path / UNFINISHED
        if path.exists():
            shutil.rmtree(path)
        path.mkdir()
        return Backup(path)

    def finish(self, draft: Backup, about: About) -> Backup:
        """Let a draft be a backup, once it is on the disk as a whole."""
        (draft.path / ABOUT).write_text(about.model_dump_json(indent=2))
        os.sync()
        backup = Backup(draft.path.rename(self.path / about.name))
        (self.path / COPIED).unlink(missing_ok=True)
        return backup

    def forget(self, keep: int | None) -> int:
        """Remove all backups but the newest `keep`, and every file that no backup names; returns how many backups."""
        old = self.finished()[:-keep] if keep else []
        for backup in old:
            shutil.rmtree(backup.path)
        named = {key for backup in self.finished() for key in backup.objects()}
        shared = self.path / SHARED
        for folder, _, names in os.walk(shared, topdown=False):
            for path in (Path(folder, name) for name in names):
                if str(path.relative_to(shared)) not in named:
                    path.unlink()
            if not os.listdir(folder):
                os.rmdir(folder)
        return len(old)


def chosen(path: Path) -> Backup:
    """The backup at `path`, or the newest in the folder at `path`. Raises `Failure` when there is none."""
    if (path / ABOUT).exists():
        return Backup(path.resolve())
    if found := Backups(path.resolve()).finished():
        return found[-1]
    raise Failure(f"There is no backup in {path}: 'photoferry backup' makes one.", Exit.REFUSED)
