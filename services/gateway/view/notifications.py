"""Notifications as asked for here: their rows begin with revision 0, the notifier's own news replace them."""

from uuid import UUID

from asyncpg import Record

from chassis.db import Tx, one_row


async def queue_ready(tx: Tx, gallery_id: UUID) -> list[UUID]:
    """Claim a gallery's orders that are paid, ready and not mailed yet (S5); each goes to one press of the button."""
    rows = await tx.fetch(
        """INSERT INTO notification (order_id, gallery_id, state, revision)
           SELECT o.id, o.gallery_id, 'queued', 0 FROM client_order o JOIN readiness r ON r.order_id = o.id
           WHERE o.gallery_id = $1 AND o.status = 'paid' AND r.ready AND NOT o.erased ORDER BY o.id
           ON CONFLICT (order_id) DO UPDATE SET state = excluded.state, asked_at = excluded.asked_at
           WHERE notification.state = 'none' AND notification.sent_at IS NULL
           RETURNING order_id""",
        gallery_id,
    )
    return [row["order_id"] for row in rows]


async def queue_again(tx: Tx, order_id: UUID, gallery_id: UUID) -> None:
    """One more mail to an order's client, on purpose."""
    await tx.execute(
        """INSERT INTO notification (order_id, gallery_id, state, revision) VALUES ($1, $2, 'queued', 0)
           ON CONFLICT (order_id) DO UPDATE
           SET state = excluded.state, error = NULL, asked_at = excluded.asked_at""",
        order_id,
        gallery_id,
    )


async def policy_of(tx: Tx, gallery_id: UUID) -> str:
    """A gallery's download setting."""
    return str(await tx.fetchval("SELECT settings ->> 'download_policy' FROM gallery WHERE id = $1", gallery_id))


async def order_of(tx: Tx, order_id: UUID) -> Record:
    """What decides whether an order's client can be mailed; `has_file`: there is something behind the link."""
    return await one_row(
        tx.fetchrow(
            """SELECT o.number, o.status, o.erased, g.settings ->> 'download_policy' AS policy,
                   CASE WHEN g.settings ->> 'download_policy' = 'anyone'
                       THEN EXISTS (SELECT FROM transfer t WHERE t.gallery_id = o.gallery_id)
                       ELSE EXISTS (SELECT FROM entitlement e WHERE e.order_id = o.id AND e.granted) END AS has_file
               FROM client_order o JOIN gallery g ON g.id = o.gallery_id WHERE o.id = $1""",
            order_id,
        )
    )
