"""Restoring a backup into an empty installation."""

from dataclasses import dataclass

from chassis.objects import ObjectStore
from cli.backup import copying, loading
from cli.backup.folder import Backup, Noted
from cli.backup.progress import Progress
from cli.errors import Exit, Failure
from cli.postgres import connected

SHOWN = 3
RESTORING = "restoring"
"""Begins the key of the object that marks a bucket while a restore fills it: which backup, for which database."""
MEND = (
    "Put whole ones in their place, from a copy of the folder, or with 'photoferry backup --check' where they were "
    "taken. Then run the command again."
)


@dataclass(frozen=True)
class Restored:
    """What was done."""

    told_again: int | None
    """Messages that were under way, and will be published again; None: the rows had been restored before."""
    missing: tuple[str, ...]
    """Files that the store did not have when the backup was taken."""


async def restore(backup: Backup, database_url: str, store: ObjectStore, progress: Progress) -> Restored:
    """Files first: the services may start as soon as the database is there. Repeatable when it was interrupted."""
    about, objects = backup.about, backup.objects()
    loading.check_known(about)
    async with connected(database_url, "restore") as connection:
        mark = f"{RESTORING}/{about.name}/{await loading.identity(connection)}"
        await store.ensure_bucket()
        there = await store.sizes()
        told_again = None
        if not (await loading.holds(connection, about) and not _not_in(there, objects)):
            await loading.check_empty(connection)
            _check_files(backup, objects, about.files)
            await _begin(store, mark, there, objects)
            await _fill(store, there, backup, objects, progress)
            told_again = await loading.load(connection, backup, progress.rows)
        await connection.execute("ANALYZE")
        await store.remove([mark])
    return Restored(told_again, about.missing)


async def _begin(store: ObjectStore, mark: str, there: dict[str, int], objects: dict[str, Noted]) -> None:
    """Mark the bucket. Raises `Failure` when it has what this backup has not put there for this database."""
    ours = {mark, *objects} if mark in there else set()
    if strange := there.keys() - ours:
        problem = (
            f"The bucket is not empty, it has {_some(strange)}. Is PHOTOFERRY_S3_URL right? Restore into a new one."
        )
        raise Failure(problem, Exit.REFUSED)
    await store.put_file(mark, b"photoferry restore is at work, or was interrupted", "text/plain")


def _check_files(backup: Backup, objects: dict[str, Noted], number: int) -> None:
    """Raises `Failure` unless every file of the backup is there, with its size."""
    if len(objects) != number:
        problem = f"objects.gz is damaged, or was written when there were no checksums: it names {len(objects)} files"
        raise Failure(f"{problem} instead of {number}. Nothing was restored.")
    damaged = {key for key, noted in objects.items() if not noted.fits(backup.file(key))}
    if damaged:
        raise Failure(f"{_some(damaged)} of the backup are damaged or not there; nothing was restored. {MEND}")


async def _fill(
    store: ObjectStore, there: dict[str, int], backup: Backup, objects: dict[str, Noted], progress: Progress
) -> None:
    """Copy into the bucket what is not there, and see that it is what was backed up and nothing is missing then."""
    wanted = _not_in(there, objects)
    progress.more(len(wanted))
    if damaged := await copying.put(store, {key: backup.file(key) for key in wanted}, objects, progress.file):
        raise Failure(f"{_some(damaged)} of the backup are damaged; the database is as it was. {MEND}")
    if lost := _not_in(await store.sizes(), objects):
        raise Failure(f"The store did not keep {_some(lost)}; run the command again.")


def _not_in(there: dict[str, int], objects: dict[str, Noted]) -> set[str]:
    return {key for key, noted in objects.items() if there.get(key) != noted.size}


def _some(keys: set[str]) -> str:
    listed = ", ".join(sorted(keys)[:SHOWN])
    return f"{len(keys)} files ({listed}{', …' if len(keys) > SHOWN else ''})"
