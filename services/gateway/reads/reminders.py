"""Who would be reminded now, and what became of reminders."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import get_args
from uuid import UUID

from asyncpg import Record

from chassis.db import Database
from contracts.notifier import ConfirmedReminder, ReminderKind

AT_ONCE = 500
"""How many are listed, and can be confirmed together; the others come after them."""


@dataclass(frozen=True, slots=True)
class Reminders:
    """The orders that there is something to remind of, each in one of these lists or counts.

    Orders have `id number name email amount currency since state changed_at error`.
    """

    due: list[Record]
    """Those who would be reminded now."""
    more: int
    """So many more are due than are listed."""
    later: int
    """It is not so long ago yet."""
    on_their_way: int
    sent: list[Record]
    failed: list[Record]
    """Did not go out, or nobody can tell whether they did."""


async def of_gallery(db: Database, gallery_id: UUID, days: int) -> dict[ReminderKind, Reminders]:
    """The reminders of a gallery of each kind; due is what is `days` days old."""
    rows = await db.pool.fetch(
        """SELECT r.kind, o.id, o.number, o.client ->> 'name' AS name, o.client ->> 'email' AS email,
               o.amount, o.currency, r.since, r.since <= now() - $2::interval AS old,
               coalesce(m.state, 'none') AS state, m.changed_at, m.error
           FROM remindable r JOIN client_order o ON o.id = r.order_id
           LEFT JOIN reminder m ON m.order_id = r.order_id AND m.kind = r.kind
           WHERE r.gallery_id = $1 ORDER BY o.number""",
        gallery_id,
        timedelta(days=days),
    )
    return {kind: _sorted(row for row in rows if row["kind"] == kind) for kind in get_args(ConfirmedReminder)}


def _sorted(rows: Iterable[Record]) -> Reminders:
    by_state: dict[str, list[Record]] = {}
    for row in rows:
        by_state.setdefault(row["state"], []).append(row)
    due = [row for row in by_state.get("none", []) if row["old"]]
    return Reminders(
        due=due[:AT_ONCE],
        more=len(due[AT_ONCE:]),
        later=len(by_state.get("none", [])) - len(due),
        on_their_way=len(by_state.get("queued", [])) + len(by_state.get("sending", [])),
        sent=by_state.get("sent", []),
        failed=by_state.get("failed", []) + by_state.get("unknown", []),
    )
