"""Lines of bank statements that are used: not filled from events, but by who confirms."""

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Tx
from services.gateway.errors import Problem


async def use(tx: Tx, studio_id: UUID, gallery_id: UUID, fingerprints: Sequence[str]) -> None:
    """Keep that these lines have paid. Raises `Problem` 409 when one has before: nothing is paid by it again."""
    kept = await tx.fetch(
        """INSERT INTO bank_line (studio_id, fingerprint, gallery_id)
           SELECT $1, decode(line, 'hex'), $2 FROM unnest($3::text[]) AS line
           ON CONFLICT DO NOTHING RETURNING 1""",
        studio_id,
        gallery_id,
        sorted(fingerprints),
    )
    if len(kept) < len(fingerprints):
        detail = "A line of this statement has paid an order before. Send the file again to see which are left."
        raise Problem(409, "line-used", detail)
