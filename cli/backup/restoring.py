"""Restoring a backup into an empty installation."""

from dataclasses import dataclass

from chassis.objects import ObjectStore
from cli.backup import copying, loading
from cli.backup.folder import Backup
from cli.backup.progress import Progress
from cli.errors import Exit, Failure
from cli.postgres import connected

SHOWN = 3


@dataclass(frozen=True)
class Restored:
    """What was done."""

    told_again: int
    """Messages that were under way, and will be published again."""
    missing: tuple[str, ...]
    """Files that the store did not have when the backup was taken."""


async def restore(backup: Backup, database_url: str, store: ObjectStore, progress: Progress) -> Restored:
    """Files first: the services may start as soon as the database is there. Repeatable when it was interrupted."""
    about, objects = backup.about, backup.objects()
    loading.check_known(about)
    _check_files(backup, objects, about.files)
    async with connected(database_url, "restore") as connection:
        await loading.check_empty(connection)
        await _fill(store, backup, objects, progress)
        told_again = await loading.load(connection, backup, progress.rows)
    return Restored(told_again, about.missing)


def _check_files(backup: Backup, objects: dict[str, int], number: int) -> None:
    """Raises `Failure` unless every file of the backup is there, with its size."""
    if len(objects) != number:
        raise Failure(
            f"objects.gz is damaged: it names {len(objects)} files instead of {number}. Nothing was restored."
        )
    damaged = [key for key, size in objects.items() if not _has_size(backup, key, size)]
    if damaged:
        raise Failure(f"{_some(damaged)} of the backup are damaged or not there; nothing was restored.")


def _has_size(backup: Backup, key: str, size: int) -> bool:
    path = backup.file(key)
    return path.exists() and path.stat().st_size == size


async def _fill(store: ObjectStore, backup: Backup, objects: dict[str, int], progress: Progress) -> None:
    """Copy into the bucket what is not there, and see that nothing is missing then."""
    await store.ensure_bucket()
    there = await store.sizes()
    if strange := there.keys() - objects.keys():
        problem = (
            f"The bucket is not empty, it has {_some(strange)} that are not in the backup: restore into a new one."
        )
        raise Failure(problem, Exit.REFUSED)
    wanted = {key: backup.file(key) for key, size in objects.items() if there.get(key) != size}
    progress.more(len(wanted))
    await copying.put(store, wanted, progress.file)
    if lost := objects.items() - (await store.sizes()).items():
        raise Failure(f"The store did not keep {_some({key for key, _ in lost})}; run the command again.")


def _some(keys: set[str] | list[str]) -> str:
    listed = ", ".join(sorted(keys)[:SHOWN])
    return f"{len(keys)} files ({listed}{', …' if len(keys) > SHOWN else ''})"
