"""Certificates: what was removed of galleries that are deleted."""

from typing import Any
from uuid import UUID

from services.gateway.errors import not_found
from services.gateway.guard import Ours, Studio, studio_router
from services.gateway.reads import deletions
from services.gateway.reads.paging import Cursor, Limit

routes = studio_router("deletions")


@routes.get("/deletions")
async def list_deletions(studio: Studio, ours: Ours, cursor: Cursor = None, limit: Limit = 100) -> dict[str, Any]:
    """A studio's deleted galleries, the last one first, by id alone: what they were called is deleted, too."""
    return await deletions.of_studio(ours.db, studio.studio_id, cursor, limit)


@routes.get("/deletions/{deleted_id}")
async def read_deletion(deleted_id: UUID, _: Studio, ours: Ours) -> dict[str, Any]:
    """What was removed of a gallery, and when by which service; finished when all have said so.

    `backups_kept_days`: after so many days no backup has it any more, where the operator says.
    """
    deletion = await deletions.one(ours.db, deleted_id)
    if deletion is None:
        raise not_found("deletion")
    return {**deletion, "backups_kept_days": ours.settings.backups_kept_days}
