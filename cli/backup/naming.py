"""Which files of the store the database names: these belong to a backup of it."""

from dataclasses import dataclass

import asyncpg

from contracts.transfers import Tab, watermark_key
from services.transfers import layout
from services.transfers.intake import SIZES


@dataclass(frozen=True)
class Named:
    """Keys of the files that the database names."""

    lasting: frozenset[str]
    """Never written again, so one copy serves all backups."""
    changing: frozenset[str]
    """A gallery's own watermark, and what has arrived and is not taken in yet."""


async def named(connection: asyncpg.Connection) -> Named:
    """As of the snapshot, or of now. Files that both the view and transfers know may be of different versions."""
    files = await connection.fetch("SELECT tab, folder FROM transfers.file")
    shown = await connection.fetch(
        """SELECT unnest(ARRAY[small_key, large_key]) AS key FROM gateway.photo
           UNION ALL SELECT unnest(ARRAY[object_key, preview_key]) FROM gateway.transfer"""
    )
    marked = await connection.fetch("SELECT id FROM gateway.gallery WHERE (settings ->> 'watermark_image')::bool")
    arrived = await connection.fetch(
        """SELECT object_key AS key FROM gateway.upload u WHERE status = 'processing' AND multipart_id IS NULL
               AND NOT EXISTS (SELECT FROM transfers.upload settled WHERE settled.id = u.id)"""
    )
    stored = (key for file in files for key in _objects(Tab(file["tab"]), file["folder"]))
    return Named(
        frozenset([*stored, *(row["key"] for row in shown)]),
        frozenset([*(watermark_key(row["id"]) for row in marked), *(row["key"] for row in arrived)]),
    )


def _objects(tab: Tab, folder: str) -> list[str]:
    return [layout.original_key(folder), *(layout.preview_key(folder, size) for size in SIZES[tab])]


async def arriving_in_parts(connection: asyncpg.Connection) -> int:
    """How many uploads are registered whose parts nobody can read before transfers has joined them."""
    number: int = await connection.fetchval(
        """SELECT count(*) FROM gateway.upload u WHERE status = 'processing' AND multipart_id IS NOT NULL
               AND NOT EXISTS (SELECT FROM transfers.upload settled WHERE settled.id = u.id)"""
    )
    return number
