"""Orders for other programs: a spreadsheet, and the ordered file names for Lightroom's or Capture One's search."""

from uuid import UUID

from asyncpg import Record

from chassis.db import Database
from services.gateway.reads.orders import FROM, GOES_ON, READY

_ORDERS = f"""
    SELECT o.id, o.number, o.status, {READY} AS ready, n.sent_at,
        o.client ->> 'name' AS name, o.client ->> 'email' AS email, o.client ->> 'phone' AS phone,
        o.client ->> 'note' AS note, l.filenames, o.amount, o.currency, o.placed_at, o.link_rotation, o.erased
    {FROM}
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(filename ORDER BY position), '{{}}') AS filenames FROM order_line
        WHERE order_id = o.id) AS l
    WHERE o.gallery_id = $1 AND o.number > $2 ORDER BY o.number LIMIT $3"""


async def orders_after(db: Database, gallery_id: UUID, number: int, limit: int) -> list[Record]:
    """The next orders of a gallery by number, with all that the export shows."""
    return await db.pool.fetch(_ORDERS, gallery_id, number, limit)


async def ordered_filenames(db: Database, gallery_id: UUID) -> list[str]:
    """The names of all photos on placed or paid orders that somebody is to have, each photo once."""
    rows = await db.pool.fetch(
        f"""SELECT min(l.filename) AS filename FROM order_line l JOIN client_order o ON o.id = l.order_id
           WHERE o.gallery_id = $1 AND {GOES_ON} GROUP BY l.photo_id ORDER BY 1, l.photo_id""",
        gallery_id,
    )
    return [row["filename"] for row in rows]
