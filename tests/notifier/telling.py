"""Telling the notifier what happened, and reading what it made of it."""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID

from chassis.db import Database
from chassis.inbox import AlreadyHandled
from contracts.base import Message, uuid7
from contracts.entitlements import OrderNotReady, OrderReady
from contracts.gateway import PhotoDownloaded
from contracts.notifier import (
    Notification,
    NotificationEvent,
    NotifyClients,
    Reminder,
    ReminderEvent,
    ReminderKind,
    SendReminders,
)
from contracts.orders import Client, Gallery, GalleryOpened, Order, OrderPaid, OrderStatus
from contracts.topology import QUEUES
from services.notifier import handlers
from tests.making import gallery, order
from tests.outbox import emitted

HANDLERS = {
    message: getattr(handlers, queue.split(".")[1])
    for queue, messages in QUEUES.items()
    if queue.startswith("notifier.")
    for message in messages
}


async def tell(db: Database, *messages: Message) -> None:
    """Deliver messages one after the other; a repeated delivery is acknowledged, as on the bus."""
    for message in messages:
        with suppress(AlreadyHandled):
            await HANDLERS[type(message)](message, db)


async def waits_or_is_done(db: Database, task: asyncio.Task[None]) -> bool:
    """Whether the task has come as far as it comes while a lock that it needs is held."""
    return task.done() or bool(await db.pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"))


def client(email: str = "anna@example.com", name: str = "Anna Nowak", locale: str = "en") -> Client:
    """A client who ordered."""
    return Client(name=name, email=email, locale=locale)


def paid(of: Gallery, *filenames: str, **given: Any) -> Order:
    """A paid order in this gallery."""
    names = filenames or ("a.jpg",)
    return order(*names, gallery_id=of.id, **{"status": OrderStatus.PAID, "revision": 2, "client": client(), **given})


def ready(of: Order, revision: int = 1) -> OrderReady:
    """All its photos are there."""
    return OrderReady(order_id=of.id, gallery_id=of.gallery_id, revision=revision)


def not_ready(of: Order, revision: int) -> OrderNotReady:
    """One of its photos is not there any more."""
    return OrderNotReady(order_id=of.id, gallery_id=of.gallery_id, revision=revision)


def pressed(of: Gallery, *orders: Order) -> NotifyClients:
    """The photographer presses *Notify clients*, and sees these orders as ready."""
    return NotifyClients(gallery_id=of.id, order_ids=tuple(one.id for one in orders))


def downloaded(of: Order) -> PhotoDownloaded:
    """The client has fetched a photo."""
    return PhotoDownloaded(order_id=of.id, gallery_id=of.gallery_id, transfer_ids=(uuid7(),), as_zip=False)


def remind(kind: ReminderKind, of: Gallery, *orders: Order) -> SendReminders:
    """The photographer confirms the reminders of these orders."""
    return SendReminders(gallery_id=of.id, kind=kind, order_ids=tuple(one.id for one in orders))


async def due(db: Database, **given: Any) -> Order:
    """An order whose client is to be mailed now."""
    shoot = gallery()
    ordered = paid(shoot, **given)
    await tell(db, GalleryOpened(gallery=shoot), OrderPaid(order=ordered), ready(ordered), pressed(shoot, ordered))
    return ordered


async def mails_of(db: Database, of: Order) -> list[tuple[int, str]]:
    """The attempts at an order's notification, and their states."""
    rows = await db.pool.fetch(
        "SELECT attempt, state FROM mail WHERE order_id = $1 AND kind = 'ready' ORDER BY attempt", of.id
    )
    return [(row["attempt"], row["state"]) for row in rows]


async def reminders_of(db: Database, of: Order) -> list[tuple[str, str]]:
    """The kinds of an order's reminders, and their states."""
    rows = await db.pool.fetch(
        "SELECT kind, state FROM mail WHERE order_id = $1 AND kind <> 'ready' ORDER BY kind", of.id
    )
    return [(row["kind"], row["state"]) for row in rows]


async def told(db: Database, of: Order) -> list[Notification]:
    """All that the others were told of an order's mail, in order."""
    events = [event for event in await emitted(db) if isinstance(event, NotificationEvent)]
    return [event.notification for event in events if event.notification.order_id == of.id]


async def states_told(db: Database, of: Order) -> list[str]:
    """The states alone."""
    return [notification.state.value for notification in await told(db, of)]


async def reminders_told(db: Database, of: Order) -> list[Reminder]:
    """All that the others were told of an order's reminders, in order."""
    events = [event for event in await emitted(db) if isinstance(event, ReminderEvent)]
    return [event.reminder for event in events if event.reminder.order_id == of.id]


def unique_address(local: str = "anna") -> str:
    """An address that no other test writes to."""
    return f"{local}.{uuid7().hex}@example.com"


def anew(message: Message) -> Message:
    """The same message, published once more under another id."""
    return message.model_copy(update={"message_id": uuid7()})


async def known_of(db: Database, gallery_id: UUID) -> dict[str, int]:
    """How many rows about a gallery each table has."""
    row = await db.pool.fetchrow(
        """SELECT (SELECT count(*) FROM gallery WHERE id = $1) AS galleries,
                  (SELECT count(*) FROM client_order WHERE gallery_id = $1) AS orders,
                  (SELECT count(*) FROM readiness WHERE gallery_id = $1) AS readiness,
                  (SELECT count(*) FROM asked WHERE gallery_id = $1) AS asked,
                  (SELECT count(*) FROM downloaded WHERE gallery_id = $1) AS downloaded,
                  (SELECT count(*) FROM mail WHERE gallery_id = $1) AS mails,
                  (SELECT count(*) FROM outbox WHERE gallery_id = $1) AS messages""",
        gallery_id,
    )
    return dict(row or {})
