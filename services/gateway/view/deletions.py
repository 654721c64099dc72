"""What is kept of deleted galleries: that and when they were deleted, what each service has removed, and how
their personal links are known again."""

import json
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from contracts.erasure import GalleryErased
from contracts.orders import GalleryDeleted


async def begin(tx: Tx, event: GalleryDeleted) -> None:
    """A gallery is deleted, before the view forgets it: whose it was may stand there alone."""
    await tx.execute(
        """INSERT INTO deletion (deleted_id, studio_id, asked_at)
           SELECT $1, studio_id, $3 FROM (
               SELECT $2::uuid AS studio_id UNION ALL SELECT studio_id FROM gallery WHERE id = $1) AS whose
           WHERE studio_id IS NOT NULL LIMIT 1 ON CONFLICT DO NOTHING""",
        event.gallery_id,
        event.studio_id,
        event.occurred_at,
    )
    await tx.execute(
        """INSERT INTO deleted_link (digest, deleted_id)
           SELECT digest, gallery_id FROM client_link WHERE gallery_id = $1 ON CONFLICT DO NOTHING""",
        event.gallery_id,
    )


async def count(tx: Tx, gallery_id: UUID) -> dict[str, int]:
    """What the view has of a gallery that is about to be forgotten."""
    size = await tx.fetchval(
        """SELECT coalesce(sum(size), 0)::bigint FROM (
               SELECT size FROM photo WHERE gallery_id = $1
               UNION ALL SELECT size FROM transfer WHERE gallery_id = $1) AS file""",
        gallery_id,
    )
    return {"bytes": size}


async def finish(tx: Tx, deleted_id: UUID, service: str, at: datetime, counts: dict[str, int]) -> None:
    """A service has removed its part."""
    await tx.execute(
        """INSERT INTO deletion_part (deleted_id, service, finished_at, counts) VALUES ($1, $2, $3, $4)
           ON CONFLICT DO NOTHING""",
        deleted_id,
        service,
        at,
        json.dumps(counts),
    )


async def hear(tx: Tx, event: GalleryErased) -> None:
    """Another service has removed its part."""
    await finish(tx, event.deleted_id, event.service, event.occurred_at, event.counts)
