"""Files between the store and a folder, several at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from pathlib import Path

from chassis.object_errors import ObjectMissing
from chassis.objects import ObjectStore
from cli.backup.folder import Noted
from services.transfers.rejections import RejectedImage
from services.transfers.sniffing import recognise

AT_ONCE = 8


async def fetch(store: ObjectStore, wanted: dict[str, Path], fetched: Callable[[str, Noted], None]) -> set[str]:
    """Copy objects to where they are wanted; each file is there as a whole or not at all. Returns what is missing."""
    missing = set()

    async def fetch_one(key: str) -> None:
        path = wanted[key]
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        try:
            await store.download_to(key, part)
        except ObjectMissing:
            missing.add(key)
        else:
            noted = await asyncio.to_thread(Noted.of, part)
            part.replace(path)
            fetched(key, noted)

    await _each(fetch_one, wanted)
    return missing


async def put(
    store: ObjectStore, files: dict[str, Path], noted: dict[str, Noted], done: Callable[[int], None]
) -> set[str]:
    """Copy files into the store, with the type that a picture is by its content. Returns those that are damaged."""
    damaged = set()

    async def put_one(key: str) -> None:
        path = files[key]
        if await asyncio.to_thread(Noted.of, path) != noted[key]:
            damaged.add(key)
            return
        await store.put_file(key, path, _content_type(path))
        done(noted[key].size)

    await _each(put_one, files)
    return damaged


async def damaged(files: dict[str, Path], noted: dict[str, Noted]) -> set[str]:
    """Read files; returns those that are not what was copied."""
    found = set()

    async def look_at(key: str) -> None:
        if await asyncio.to_thread(Noted.of, files[key]) != noted[key]:
            found.add(key)

    await _each(look_at, files)
    return found


def _content_type(path: Path) -> str:
    try:
        return recognise(path).content_type
    except RejectedImage:  # it has arrived and is not looked at yet
        return "application/octet-stream"


async def _each(work: Callable[[str], Awaitable[None]], keys: Collection[str]) -> None:
    left = iter(keys)
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_ONCE, len(keys))):
                group.create_task(_work_through(work, left))
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def _work_through(work: Callable[[str], Awaitable[None]], left: Iterable[str]) -> None:
    for key in left:
        await work(key)
