"""A store in which something else happens in the middle of an attempt."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from chassis.objects import ObjectStore, StoredObject
from tests.transfers.desk import Desk

Deed = Callable[[], Awaitable[None]]


class EventfulStore(ObjectStore):
    """Does each deed once: when the upload was read, and when its copy in the gallery was read back."""

    def __init__(self, url: str, *, when_read: Deed | None = None, when_read_back: Deed | None = None) -> None:
        super().__init__(url)
        self._deeds = {"incoming": when_read, "galleries": when_read_back}

    async def download_to(self, key: str, path: Path, limit: int | None = None) -> StoredObject:
        """As every store; then the deed."""
        found = await super().download_to(key, path, limit)
        if deed := self._deeds.pop(key.split("/")[0], None):
            await deed()
        return found


def at(desk: Desk, store: ObjectStore) -> Desk:
    """The same desk, in front of another store."""
    return replace(desk, intake=replace(desk.intake, objects=store))
