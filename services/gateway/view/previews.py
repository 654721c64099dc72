"""Preview URLs are signed once and remembered in the view, so that a listing signs nothing; here they are renewed."""

from chassis.db import Database, Tx
from chassis.periodic import for_ever
from services.gateway.signing import PREVIEW_RENEW, Signer

BATCH = 1_000
EVERY = 600.0
"""Seconds between looks for URLs that run out."""


async def renew_for_ever(db: Database, signer: Signer) -> None:
    """Renew what runs out, until cancelled."""
    await for_ever("renewing preview URLs", lambda: renew(db, signer), every=EVERY)


async def renew(db: Database, signer: Signer) -> None:
    """Renew what runs out; everything when the store has moved."""
    async with db.transaction() as tx:
        await _drop_if_moved(tx, signer.preview_base)
    while await _renew_photos(db, signer) + await _renew_transfers(db, signer):
        pass


async def _drop_if_moved(tx: Tx, base: str) -> None:
    """When the store is somewhere else than before, every URL has run out."""
    moved = await tx.fetchval(
        """INSERT INTO signed_for (base) VALUES ($1)
           ON CONFLICT (one) DO UPDATE SET base = excluded.base WHERE signed_for.base <> excluded.base
           RETURNING true""",
        base,
    )
    if moved:
        await tx.execute("UPDATE photo SET signed_until = '-infinity'")
        await tx.execute("UPDATE transfer SET signed_until = '-infinity'")


async def _renew_photos(db: Database, signer: Signer) -> int:
    async with db.transaction() as tx:
        rows = await tx.fetch(
            """SELECT id, small_key, large_key FROM photo WHERE signed_until < now() + $1 ORDER BY id
               LIMIT $2 FOR UPDATE SKIP LOCKED""",
            PREVIEW_RENEW,
            BATCH,
        )
        await tx.execute(
            """UPDATE photo SET signed_until = $4,
                   shown = photo_shown(photo.id, filename, match_key, width, height, s.small, s.large)
               FROM unnest($1::uuid[], $2::text[], $3::text[]) AS s (id, small, large) WHERE photo.id = s.id""",
            [row["id"] for row in rows],
            [signer.preview(row["small_key"]) for row in rows],
            [signer.preview(row["large_key"]) for row in rows],
            signer.preview_expiry(),
        )
    return len(rows)


async def _renew_transfers(db: Database, signer: Signer) -> int:
    async with db.transaction() as tx:
        rows = await tx.fetch(
            """SELECT id, preview_key FROM transfer WHERE signed_until < now() + $1 ORDER BY id
               LIMIT $2 FOR UPDATE SKIP LOCKED""",
            PREVIEW_RENEW,
            BATCH,
        )
        await tx.execute(
            """UPDATE transfer SET preview_url = s.url, signed_until = $3
               FROM unnest($1::uuid[], $2::text[]) AS s (id, url) WHERE transfer.id = s.id""",
            [row["id"] for row in rows],
            [signer.preview(row["preview_key"]) for row in rows],
            signer.preview_expiry(),
        )
    return len(rows)
