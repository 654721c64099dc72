"""Reminders as asked for here: their rows begin with revision 0, the notifier's own news replace them."""

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Tx
from contracts.notifier import MailState, ReminderEvent, ReminderKind


async def put(tx: Tx, events: Sequence[ReminderEvent]) -> None:
    """How reminders are doing; an older revision changes nothing but the timeline."""
    await tx.executemany(
        """INSERT INTO reminder (order_id, kind, gallery_id, state, changed_at, error, revision)
           VALUES ($1, $2, $3, $4, $5, CASE WHEN $6::text IS NOT NULL AND NOT erased($1) THEN $6 END, $7)
           ON CONFLICT (order_id, kind) DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at,
               error = excluded.error, revision = excluded.revision
           WHERE reminder.revision < excluded.revision""",
        [
            (one.order_id, one.kind, one.gallery_id, one.state, one.changed_at, one.error, one.revision)
            for one in (event.reminder for event in events)
        ],
    )
    await tx.executemany(
        """INSERT INTO timeline (order_id, at, what, message_id, gallery_id, detail)
           VALUES ($1, $2, 'reminded', $3, $4, $5) ON CONFLICT DO NOTHING""",
        [
            (one.order_id, one.changed_at, event.message_id, one.gallery_id, one.kind)
            for event in events
            if (one := event.reminder).state is MailState.SENT
        ],
    )


async def queue(tx: Tx, gallery_id: UUID, kind: ReminderKind, order_ids: Sequence[UUID]) -> list[UUID]:
    """Claim those of the orders that can be reminded and were not yet; each goes to one press of the button."""
    rows = await tx.fetch(
        """INSERT INTO reminder (order_id, kind, gallery_id, state, changed_at, revision)
           SELECT order_id, kind, gallery_id, 'queued', now(), 0 FROM remindable
           WHERE gallery_id = $1 AND kind = $2 AND order_id = ANY ($3) ORDER BY order_id
           ON CONFLICT (order_id, kind) DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at
           WHERE reminder.state = 'none'
           RETURNING order_id""",
        gallery_id,
        kind,
        list(order_ids),
    )
    return [row["order_id"] for row in rows]
