"""The two commands: what they are told, and what they say."""

import asyncio
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.filesize import decimal

from chassis.object_errors import StoreUnreachable
from chassis.objects import ObjectStore
from cli.backup import copying
from cli.backup.folder import SHARED, Backup, Backups, chosen
from cli.backup.progress import Progress
from cli.backup.restoring import Restored
from cli.backup.restoring import restore as restore_all
from cli.backup.taking import Taken, Taking
from cli.errors import Exit, Failure
from cli.servers import DatabaseUrl, S3Url

T = TypeVar("T")
KEEP_ALSO = (
    "PHOTOFERRY_SECRET is not in the backup. Keep it in another place: without it, every link that was sent and every "
    "sealed key is lost."
)
out, err = Console(), Console(stderr=True)


def backup(
    folder: Annotated[Path, typer.Argument(file_okay=False, help="Of all backups; made if it is not there")],
    database_url: DatabaseUrl,
    s3_url: S3Url,
    keep: Annotated[
        int | None, typer.Option(min=1, help="Afterwards, remove all backups but so many of the newest")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Read the files that the folder has, and copy damaged ones again")
    ] = False,
) -> None:
    """Back up database and store, while Photoferry runs. Files that the folder has already are not copied again."""
    os.umask(0o077)
    with Progress(err) as progress:
        taken = _run(_take(Backups(folder), database_url, s3_url, progress, keep=keep, check=check))
    _tell_taken(taken, progress)
    if taken.lost:
        raise Failure(_lost(taken), Exit.SOME_FAILED)


def restore(
    folder: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="Of backups, the newest counts; or of one")
    ],
    database_url: DatabaseUrl,
    s3_url: S3Url,
) -> None:
    """Restore a backup into an empty database and an empty bucket, before the services are started."""
    backup = chosen(folder)
    with Progress(err) as progress:
        restored = _run(_restore(backup, database_url, s3_url, progress))
    _tell_restored(backup, restored, progress)


async def _take(
    folder: Backups, database_url: str, s3_url: str, progress: Progress, *, keep: int | None, check: bool
) -> Taken:
    store = _store(s3_url)
    try:
        await store.reachable()
        return await Taking(folder, store, progress).run(database_url, keep, check=check)
    finally:
        await store.close()


async def _restore(backup: Backup, database_url: str, s3_url: str, progress: Progress) -> Restored:
    store = _store(s3_url)
    try:
        return await restore_all(backup, database_url, store, progress)
    finally:
        await store.close()


def _store(url: str) -> ObjectStore:
    try:
        return ObjectStore(url, connections=copying.AT_ONCE)
    except ValueError as error:
        raise Failure(f"PHOTOFERRY_S3_URL: {error}.", Exit.REFUSED) from None


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except StoreUnreachable as error:
        raise Failure(f"{_sentence(error)} Run the command again: it goes on from there.", Exit.UNREACHABLE) from None
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise Failure(f"{error.strerror or error}{where}. Once that is mended, run the command again.") from None
    except KeyboardInterrupt:
        raise Failure("Interrupted. Run the command again: it goes on from there.", Exit.INTERRUPTED) from None


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."


def _tell_taken(taken: Taken, progress: Progress) -> None:
    sizes = [noted.size for noted in taken.backup.objects().values()]
    new = f"{progress.files:,} of them new ({decimal(progress.bytes)})"
    _say(f"{taken.backup.path}: {progress.row_count:,} rows, {len(sizes):,} files ({decimal(sum(sizes))}), {new}.")
    if taken.forgotten:
        _say(f"Older backups removed: {taken.forgotten}.")
    if taken.in_parts:
        _say(f"Not in it: {taken.in_parts} large files just being taken in. After a restore, they are uploaded again.")
    _say(KEEP_ALSO)


def _lost(taken: Taken) -> str:
    missing = taken.backup.about.missing
    kept = sorted({*taken.lost} - {*missing})
    said = [f"The store has lost {len(taken.lost)} files that the database names; all else is backed up."]
    if missing:
        said += [f"{len(missing)} of them are not in the backup either:", *missing]
    if kept:
        where = taken.backup.path.parent / SHARED
        hint = "a restore brings them back, and so does copying them into the bucket, under the same names"
        said += [f"{len(kept)} of them are in {where}; {hint}:", *kept]
    return "\n".join(said)


def _tell_restored(backup: Backup, restored: Restored, progress: Progress) -> None:
    if restored.told_again is None:
        _say(f"{backup.path} had been restored into this database; the bucket has its files. Nothing was left to do.")
    else:
        files = f"{progress.files:,} files ({decimal(progress.bytes)})"
        _say(f"{backup.path}: {progress.row_count:,} rows and {files} restored.")
        _say(f"Messages that were under way and will be handled when the services start: {restored.told_again}.")
    if restored.missing:
        _say(f"The store did not have {len(restored.missing)} files when the backup was taken: backup.json names them.")
    _say("Start the services with the PHOTOFERRY_SECRET of before.")


def _say(text: str) -> None:
    out.print(text, markup=False, highlight=False, soft_wrap=True)
