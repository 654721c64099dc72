"""Galleries in the view."""

from uuid import UUID

from chassis.db import Tx
from contracts.orders import Gallery

OF_A_GALLERY = (
    "photo",
    "transfer",
    "new_version",
    "removed_file",
    "transfer_match",
    "client_order",
    "order_line",
    "client_link",
    "entitlement",
    "readiness",
    "notification",
    "reminder",
    "timeline",
    "upload",
    "download",
    "link_mail",
    "basket",
    "payment",
    "webhook_news",
    "webhook_delivery",
    "checkout",
    "bank_line",
)
"""Every table with rows that belong to one gallery."""


async def put(tx: Tx, gallery: Gallery, public_digest: bytes) -> None:
    """Insert or renew a gallery; an older revision changes nothing."""
    await tx.execute(
        """INSERT INTO gallery (id, studio_id, public_digest, settings, studio, opened_at, revision)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT (id) DO UPDATE SET settings = excluded.settings, studio = excluded.studio,
               revision = excluded.revision
           WHERE gallery.revision < excluded.revision""",
        gallery.id,
        gallery.studio.id,
        public_digest,
        gallery.settings.model_dump_json(),
        gallery.studio.model_dump_json(),
        gallery.opened_at,
        gallery.revision,
    )


async def forget(tx: Tx, gallery_id: UUID, *, keep_request: UUID | None) -> None:
    """Delete everything about a gallery but the request that asked for it."""
    await tx.execute(  # the rows stay: a repeat is known by them
        """UPDATE webhook w SET body = '' FROM gallery g WHERE g.id = $1 AND w.studio_id = g.studio_id AND (
               order_id IN (SELECT id FROM client_order WHERE gallery_id = $1)
               OR (provider, payment_id) IN (SELECT provider, payment_id FROM payment WHERE gallery_id = $1))""",
        gallery_id,
    )
    for table in OF_A_GALLERY:
        await tx.execute(f"DELETE FROM {table} WHERE gallery_id = $1", gallery_id)  # names are ours
    await tx.execute("DELETE FROM request WHERE gallery_id = $1 AND id IS DISTINCT FROM $2", gallery_id, keep_request)
    await tx.execute("DELETE FROM gallery WHERE id = $1", gallery_id)
