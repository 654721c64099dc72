"""Reminders as asked for here: their rows begin with revision 0, the notifier's own news replace them."""

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Tx
from contracts.notifier import MailState, ReminderEvent, ReminderKind


async def put(tx: Tx, event: ReminderEvent) -> None:
    """How a reminder is doing; an older revision changes nothing but the timeline."""
    reminder = event.reminder
    await tx.execute(
        """INSERT INTO reminder (order_id, kind, gallery_id, state, changed_at, error, revision)
           VALUES ($1, $2, $3, $4, $5, CASE WHEN $6::text IS NOT NULL AND NOT erased($1) THEN $6 END, $7)
           ON CONFLICT (order_id, kind) DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at,
               error = excluded.error, revision = excluded.revision
           WHERE reminder.revision < excluded.revision""",
        reminder.order_id,
        reminder.kind,
        reminder.gallery_id,
        reminder.state,
        reminder.changed_at,
        reminder.error,
        reminder.revision,
    )
    if reminder.state is MailState.SENT:
        await tx.execute(
            """INSERT INTO timeline (order_id, at, what, message_id, gallery_id, detail)
               VALUES ($1, $2, 'reminded', $3, $4, $5)""",
            reminder.order_id,
            reminder.changed_at,
            event.message_id,
            reminder.gallery_id,
            reminder.kind,
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
