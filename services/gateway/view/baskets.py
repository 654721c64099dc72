"""Baskets: what clients have chosen in a gallery, kept here so that it survives reloads and works without scripts."""

from datetime import timedelta
from uuid import UUID

from chassis.db import Database, Tx
from chassis.periodic import for_ever

KEPT = timedelta(days=90)
"""How long a basket is kept that nobody uses."""
EVERY = 3600.0
"""Seconds between looks for unused baskets."""


async def choose(tx: Tx, gallery_id: UUID, digest: bytes, photo_id: UUID) -> bool:
    """Put a photo into the basket; False when the gallery has no such photo."""
    done = await tx.execute(
        """INSERT INTO basket AS b (gallery_id, digest, photo_ids)
           SELECT $1, $2, ARRAY[id] FROM photo WHERE id = $3 AND gallery_id = $1
           ON CONFLICT (gallery_id, digest) DO UPDATE
           SET photo_ids = array_remove(b.photo_ids, $3) || $3, used_at = now()""",
        gallery_id,
        digest,
        photo_id,
    )
    return bool(done == "INSERT 0 1")


async def take_out(tx: Tx, gallery_id: UUID, digest: bytes, photo_id: UUID) -> None:
    """Take a photo out of the basket, if it is in."""
    await tx.execute(
        """UPDATE basket SET photo_ids = array_remove(photo_ids, $3), used_at = now()
           WHERE gallery_id = $1 AND digest = $2""",
        gallery_id,
        digest,
        photo_id,
    )


async def order(tx: Tx, gallery_id: UUID, digest: bytes, request_id: UUID) -> bool:
    """A request orders what is in the basket. False while another one of the same basket is under way."""
    claimed = await tx.execute(
        """UPDATE basket SET ordered_by = $3 WHERE gallery_id = $1 AND digest = $2
           AND NOT EXISTS (SELECT FROM request WHERE request.id = ordered_by AND pending > 0)""",
        gallery_id,
        digest,
        request_id,
    )
    return bool(claimed == "UPDATE 1")


async def empty(tx: Tx, request_id: UUID | None, photo_ids: list[UUID]) -> None:
    """The photos that a request has ordered are in the basket no longer; what was chosen meanwhile stays."""
    await tx.execute(
        """UPDATE basket SET ordered_by = NULL, photo_ids = ARRAY(
               SELECT id FROM unnest(photo_ids) WITH ORDINALITY AS c (id, place) WHERE id <> ALL ($2) ORDER BY place)
           WHERE ordered_by = $1""",
        request_id,
        photo_ids,
    )


async def forget_for_ever(db: Database) -> None:
    """Forget the baskets that nobody uses, until cancelled."""
    await for_ever("forgetting unused baskets", lambda: forget_unused(db), every=EVERY)


async def forget_unused(db: Database) -> None:
    """Forget the baskets that nobody has used for `KEPT`."""
    await db.pool.execute("DELETE FROM basket WHERE used_at < now() - $1::interval", KEPT)
