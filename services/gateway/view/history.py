"""What clients do with their links, in the view: each told once a day."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from asyncpg import Record

from chassis.db import Tx
from contracts.base import uuid7
from contracts.gateway import PhotoDownloaded


async def note_opened(tx: Tx, order_id: UUID, gallery_id: UUID) -> bool:
    """Write into the timeline that the client was here; False when it says so of today already."""
    noted = await tx.execute(
        """INSERT INTO timeline (order_id, at, what, message_id, gallery_id) VALUES ($1, now(), 'opened', $2, $3)
           ON CONFLICT DO NOTHING""",
        order_id,
        uuid7(),
        gallery_id,
    )
    return bool(noted == "INSERT 0 1")


async def claim_downloads(
    tx: Tx, order_id: UUID, gallery_id: UUID, versions: Sequence[tuple[UUID, int]], *, as_zip: bool
) -> tuple[UUID, ...]:
    """Which of these finals (id, version) the order had not downloaded in this way today; from now on it has."""
    rows = await tx.fetch(
        """INSERT INTO download (order_id, gallery_id, transfer_id, version, as_zip, on_day)
           SELECT $1, $2, f.id, f.version, $5, (now() AT TIME ZONE 'UTC')::date
           FROM unnest($3::uuid[], $4::int[]) AS f (id, version) ORDER BY f.id
           ON CONFLICT DO NOTHING RETURNING transfer_id""",
        order_id,
        gallery_id,
        [transfer_id for transfer_id, _ in versions],
        [version for _, version in versions],
        as_zip,
    )
    return tuple(row["transfer_id"] for row in rows)


async def note_downloaded(tx: Tx, event: PhotoDownloaded, detail: str) -> None:
    """Write a download into the order's timeline."""
    await tx.execute(
        """INSERT INTO timeline (order_id, at, what, message_id, gallery_id, detail)
           VALUES ($1, $2, 'downloaded', $3, $4, $5)""",
        event.order_id,
        event.occurred_at,
        event.message_id,
        event.gallery_id,
        detail,
    )


async def claim_links(tx: Tx, gallery_id: UUID, email: str, again_after: timedelta) -> list[Record]:
    """The orders (`id`, `email`; at most 100, the newest first) of an address (lower case) whose links go to it now.

    None when they went to it less than `again_after` ago.
    """
    return await tx.fetch(
        """WITH found AS (
               SELECT id, number, client ->> 'email' AS email FROM client_order
               WHERE gallery_id = $1 AND email = $2 AND NOT erased(id) ORDER BY number DESC LIMIT 100),
           due AS (
               INSERT INTO link_mail (gallery_id, email, sent_at) SELECT $1, $2, now() WHERE EXISTS (SELECT FROM found)
               ON CONFLICT (gallery_id, email) DO UPDATE SET sent_at = excluded.sent_at
               WHERE link_mail.sent_at <= excluded.sent_at - $3::interval RETURNING sent_at)
           SELECT found.id, found.email FROM found, due ORDER BY number DESC""",
        gallery_id,
        email,
        again_after,
    )
