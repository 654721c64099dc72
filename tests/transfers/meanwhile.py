"""A store in which something else happens in the middle of an attempt."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from chassis.objects import ObjectStore, StoredObject
from tests.transfers.desk import Desk

Deed = Callable[[], Awaitable[None]]


class EventfulStore(ObjectStore):
    """Does the deeds once: one when the upload was read, the other when its copy is in the gallery."""

    def __init__(self, url: str, *, when_read: Deed | None = None, when_copied: Deed | None = None) -> None:
        super().__init__(url)
        self.when_read = when_read
        self.when_copied = when_copied

    async def download_to(self, key: str, path: Path, limit: int | None = None) -> StoredObject:
        """As every store; then the deed."""
        found = await super().download_to(key, path, limit)
        deed, self.when_read = self.when_read, None
        if deed:
            await deed()
        return found

    async def copy(self, source: str, target: str, *, etag: str, content_type: str) -> None:
        """As every store; then the deed."""
        await super().copy(source, target, etag=etag, content_type=content_type)
        deed, self.when_copied = self.when_copied, None
        if deed:
            await deed()


def at(desk: Desk, store: ObjectStore) -> Desk:
    """The same desk, in front of another store."""
    return replace(desk, intake=replace(desk.intake, objects=store))
