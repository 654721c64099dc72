"""Deciding who is to be mailed or reminded, and telling the others how it goes (S5)."""

from collections.abc import Iterable
from uuid import UUID

from chassis import outbox
from chassis.db import Tx
from contracts.base import Cause
from contracts.notifier import (
    ClientNotified,
    ClientReminded,
    MailState,
    Notification,
    NotificationEvent,
    NotificationFailed,
    NotificationProgressed,
    Reminder,
    ReminderEvent,
    ReminderFailed,
    ReminderKind,
    ReminderProgressed,
)
from mails.writing import Kind
from services.notifier import mails
from services.notifier.mails import Mail

NOTIFICATIONS: dict[MailState, type[NotificationEvent]] = {
    MailState.NONE: NotificationProgressed,
    MailState.QUEUED: NotificationProgressed,
    MailState.SENDING: NotificationProgressed,
    MailState.SENT: ClientNotified,
    MailState.FAILED: NotificationFailed,
    MailState.UNKNOWN: NotificationFailed,
}
REMINDERS: dict[MailState, type[ReminderEvent]] = {
    MailState.NONE: ReminderProgressed,
    MailState.QUEUED: ReminderProgressed,
    MailState.SENDING: ReminderProgressed,
    MailState.SENT: ClientReminded,
    MailState.FAILED: ReminderFailed,
    MailState.UNKNOWN: ReminderFailed,
}


async def settle(tx: Tx, cause: Cause, gallery_id: UUID, order_ids: Iterable[UUID] | None = None) -> None:
    """Bring the queue in line with what is known now of these orders, or of all, of a locked gallery.

    The queue depends on what is known, and the time, not on the order in which it became known (rule 3).
    """
    await announce(tx, await mails.withdraw_not_due(tx, gallery_id, order_ids))
    await announce(tx, await mails.queue_due(tx, cause, gallery_id, order_ids))
    await mails.hold_or_release(tx, gallery_id)
    if order_ids is None:
        await mails.settle_studio(tx, cause, gallery_id)


async def announce(tx: Tx, changed: Iterable[Mail | None]) -> None:
    """Emit how these mails are doing. One that is about no order in particular is nobody else's business."""
    await outbox.emit(tx, *(_event(mail, mail.order_id) for mail in changed if mail and mail.order_id))


def _event(mail: Mail, order_id: UUID) -> NotificationEvent | ReminderEvent:
    common = {
        "order_id": order_id,
        "gallery_id": mail.gallery_id,
        "state": mail.state,
        "changed_at": mail.changed_at,
        "error": mail.error,
        "revision": mail.revision,
    }
    if mail.kind is Kind.READY:
        return NOTIFICATIONS[mail.state](notification=Notification(attempt=mail.attempt or 1, **common))
    return REMINDERS[mail.state](reminder=Reminder(kind=ReminderKind(mail.kind), **common))
