"""Taking a backup."""

import asyncio
from dataclasses import dataclass

import asyncpg

from chassis.objects import ObjectStore
from cli.backup import copying, database
from cli.backup.folder import About, Backup, Backups, Noted
from cli.backup.naming import Named, arriving_in_parts, named
from cli.backup.progress import Progress
from cli.postgres import check_all_there, connected

TRIES = 5
"""Snapshots until the files of one are there as a whole: between two, what was deleted is deleted everywhere."""
PAUSE = 1.0
"""Seconds."""


@dataclass(frozen=True)
class Taken:
    """What was done."""

    backup: Backup
    forgotten: int
    """Older backups."""
    lost: tuple[str, ...]
    """Keys of files that the database names and the store does not have, also where this backup has them."""
    in_parts: int
    """Uploads that are not in it: see `arriving_in_parts`."""


class Taking:
    """One run of `photoferry backup`."""

    def __init__(self, folder: Backups, store: ObjectStore, progress: Progress) -> None:
        self.folder = folder
        self.store = store
        self.progress = progress
        self.noted: dict[str, Noted] = {}
        self.stored: set[str] = set()

    async def run(self, database_url: str, keep: int | None, *, check: bool = False) -> Taken:
        """A new backup, complete as far as the store is. `check`: the files that are there are read, too."""
        with self.folder.locked():
            self.noted = self.folder.noted()
            self.stored = set(await self.store.sizes())
            async with connected(database_url, "backup") as connection:
                await check_all_there(connection)
                draft = self.folder.begin()
                names = await named(connection)
                if check:
                    await self._forget_damaged(draft, names)
                await self._fetch(draft, names)  # most of it: a snapshot held for long is a burden
                await database.hold(connection)
                about, lost, in_parts = await self._of_one_moment(connection, draft)
            backup = self.folder.finish(draft, about)
            return Taken(backup, self.folder.forget(keep), tuple(sorted(lost)), in_parts)

    async def _of_one_moment(self, connection: asyncpg.Connection, draft: Backup) -> tuple[About, frozenset[str], int]:
        """The database, and all files that it names at that moment: what is gone meanwhile, the next names no more."""
        for tries_left in reversed(range(TRIES)):
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                names = await named(connection)
                missing = await self._fetch(draft, names)
                lost = (names.lasting | names.changing) - self.stored
                if not lost or not tries_left:
                    about = await self._dump(connection, draft, names, missing)
                    return about, lost, await arriving_in_parts(connection)
            await asyncio.sleep(PAUSE)
        raise AssertionError("the last try returns")

    async def _forget_damaged(self, draft: Backup, names: Named) -> None:
        """What is not as it was copied, is copied again."""
        files = {key: draft.shared(key) for key in names.lasting if self._has(draft, key)}
        for key in await copying.damaged(files, self.noted):
            del self.noted[key]

    async def _fetch(self, draft: Backup, names: Named) -> set[str]:
        """Copy what is not here yet. Returns what the store does not have."""
        lasting = {key: draft.shared(key) for key in names.lasting if not self._has(draft, key)}
        wanted = lasting | {key: draft.own(key) for key in names.changing}
        self.progress.more(len(wanted))
        missing = await copying.fetch(self.store, wanted, self._fetched)
        self.stored -= missing
        return missing

    def _has(self, draft: Backup, key: str) -> bool:
        """Whether a lasting file is here, as far as its size tells."""
        return key in self.noted and self.noted[key].fits(draft.shared(key))

    def _fetched(self, key: str, noted: Noted) -> None:
        self.noted[key] = noted
        self.stored.add(key)
        self.folder.note(key, noted)
        self.progress.file(noted.size)

    async def _dump(self, connection: asyncpg.Connection, draft: Backup, names: Named, missing: set[str]) -> About:
        objects = {key: self.noted[key] for key in sorted((names.lasting | names.changing) - missing)}
        draft.note_objects(objects)
        return About(
            taken_at=await connection.fetchval("SELECT now()"),
            migrations=await database.migrations(connection),
            tables=tuple(await database.dump(connection, draft, self.progress.rows)),
            sequences=await database.sequences(connection),
            files=len(objects),
            missing=tuple(sorted(missing)),
        )
