"""Messages of the notifier service: who was mailed or reminded, and how it went (S5)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field

from contracts.base import MOST, PERSONAL, Command, Email, Event, Frozen
from contracts.orders import Locale


class MailState(StrEnum):
    """`none`: withdrawn before it went out, because the order is not to be mailed any more.

    `unknown`: the mail may have gone out; only a person may send it again (rule 6).
    """

    NONE = "none"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


class ReminderKind(StrEnum):
    """`unpaid`: the order is still to be paid. `not_downloaded`: its client was mailed and has fetched nothing.

    `last_days`: the gallery is about to be deleted, and its client has not fetched all; goes by itself only.
    """

    UNPAID = "unpaid"
    NOT_DOWNLOADED = "not_downloaded"
    LAST_DAYS = "last_days"


ConfirmedReminder = Literal[ReminderKind.UNPAID, ReminderKind.NOT_DOWNLOADED]
"""A kind that the photographer may ask for."""


class NotifyClients(Command):
    """The photographer pressed *Notify clients*: mail each of these orders once, as soon as it is ready."""

    topic: ClassVar[str] = "notifier.notify_clients.v1"

    gallery_id: UUID
    order_ids: tuple[UUID, ...] = Field(max_length=MOST)


class SendAgain(Command):
    """The photographer pressed *Send again*: one more mail to this client, on purpose."""

    topic: ClassVar[str] = "notifier.send_again.v1"

    order_id: UUID
    gallery_id: UUID


class SendLinks(Command):
    """A client asked for the links of their orders in a gallery: one mail with all of them."""

    topic: ClassVar[str] = "notifier.send_links.v1"

    gallery_id: UUID
    email: Email
    order_ids: tuple[UUID, ...] = Field(min_length=1, max_length=100)

    @property
    def names_people_of(self) -> tuple[UUID, ...]:
        return self.order_ids

    def without_people(self) -> None:
        return None


class SendReminders(Command):
    """The photographer wants these orders' clients reminded: at most one mail for an order and kind, ever."""

    topic: ClassVar[str] = "notifier.send_reminders.v1"

    gallery_id: UUID
    kind: ReminderKind
    order_ids: tuple[UUID, ...] = Field(max_length=1_000)


class SendPasswordReset(Command):
    """A photographer has forgotten the password: one mail with a link that sets a new one, unless it has expired.

    The link's token is derived from `reset_id` and the secret that the services share; a later reset ends the earlier.
    """

    topic: ClassVar[str] = "notifier.send_password_reset.v1"

    reset_id: UUID
    email: Email
    locale: Locale
    expires_at: datetime


class Notification(Frozen):
    """The state of an order's mail as of `revision`."""

    order_id: UUID
    gallery_id: UUID
    state: MailState
    attempt: int
    """1 for the first mail, one more for each *Send again*."""
    changed_at: datetime
    error: Annotated[str, PERSONAL] | None = None
    revision: int


class NotificationEvent(Event):
    """Something happened to an order's mail; `notification` is all of it."""

    notification: Notification

    @property
    def about_gallery(self) -> UUID:
        return self.notification.gallery_id

    @property
    def names_people_of(self) -> tuple[UUID, ...]:
        return (self.notification.order_id,) if self.notification.error else ()  # which may quote the address

    def without_people(self) -> Self:
        return self.model_copy(update={"notification": self.notification.model_copy(update={"error": None})})


class NotificationProgressed(NotificationEvent):
    """A mail was queued, is being sent just now, or was withdrawn from the queue (`none`)."""

    topic: ClassVar[str] = "notifier.notification_progressed.v1"


class ClientNotified(NotificationEvent):
    """The mail server took the mail."""

    topic: ClassVar[str] = "notifier.client_notified.v1"


class NotificationFailed(NotificationEvent):
    """The mail did not go out (`failed`), or nobody can tell whether it did (`unknown`)."""

    topic: ClassVar[str] = "notifier.notification_failed.v1"


class Reminder(Frozen):
    """The state of an order's reminder of one kind as of `revision`."""

    order_id: UUID
    gallery_id: UUID
    kind: ReminderKind
    state: MailState
    changed_at: datetime
    error: Annotated[str, PERSONAL] | None = None
    revision: int


class ReminderEvent(Event):
    """Something happened to a reminder; `reminder` is all of it."""

    reminder: Reminder

    @property
    def about_gallery(self) -> UUID:
        return self.reminder.gallery_id

    @property
    def names_people_of(self) -> tuple[UUID, ...]:
        return (self.reminder.order_id,) if self.reminder.error else ()  # which may quote the address

    def without_people(self) -> Self:
        return self.model_copy(update={"reminder": self.reminder.model_copy(update={"error": None})})


class ReminderProgressed(ReminderEvent):
    """A reminder was queued, is being sent just now, or was withdrawn from the queue (`none`)."""

    topic: ClassVar[str] = "notifier.reminder_progressed.v1"


class ClientReminded(ReminderEvent):
    """The mail server took the reminder."""

    topic: ClassVar[str] = "notifier.client_reminded.v1"


class ReminderFailed(ReminderEvent):
    """The reminder did not go out (`failed`), or nobody can tell whether it did (`unknown`)."""

    topic: ClassVar[str] = "notifier.reminder_failed.v1"
