"""What the notifier does with each message: remember it, and settle who is to be mailed."""

from chassis import erasure, inbox, outbox
from chassis.bus import Handlers, subscriber
from chassis.db import Database
from contracts.entitlements import OrderNotReady, OrderReady
from contracts.erasure import NotifierErased
from contracts.gateway import PhotoDownloaded
from contracts.notifier import NotifyClients, SendAgain, SendLinks, SendPasswordReset, SendReminders
from contracts.orders import (
    ClientCorrected,
    ClientErased,
    GalleryChanged,
    GalleryDeleted,
    GalleryOpened,
    LinkRotated,
    OrderCancelled,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
)
from mails.writing import Kind
from services.notifier import mails, store
from services.notifier.notices import announce, settle

router = Handlers()


@subscriber(router, "notifier.follow_gallery")
async def follow_gallery(event: GalleryOpened | GalleryChanged, db: Database) -> None:
    """Know a gallery's settings and studio."""
    async with inbox.once(db, "follow_gallery", event) as tx:
        await store.lock_gallery(tx, event.gallery.id)
        await store.put_gallery(tx, event.gallery)
        await settle(tx, event.as_cause, event.gallery.id)


@subscriber(router, "notifier.follow_order")
async def follow_order(
    event: OrderPlaced | OrderPaid | OrderRefunded | OrderCancelled | ClientCorrected | ClientErased | LinkRotated,
    db: Database,
) -> None:
    """Know an order's state, its client, and which link is theirs; or forget the client."""
    order = event.order
    async with inbox.once(db, "follow_order", event) as tx:
        await store.lock_gallery(tx, order.gallery_id)
        await store.put_order(tx, order)
        await settle(tx, event.as_cause, order.gallery_id, [order.id])
        if order.client.erased:
            await mails.erase(tx, order.gallery_id, order.id)
            await erasure.erase(tx, order.gallery_id, [order.id])
    if order.client.erased:
        db.forgotten.set()


@subscriber(router, "notifier.follow_readiness")
async def follow_readiness(event: OrderReady | OrderNotReady, db: Database) -> None:
    """Know whether an order has all its photos."""
    async with inbox.once(db, "follow_readiness", event) as tx:
        await store.lock_gallery(tx, event.gallery_id)
        await store.put_readiness(tx, event)
        await settle(tx, event.as_cause, event.gallery_id, [event.order_id])


@subscriber(router, "notifier.follow_downloads")
async def follow_downloads(event: PhotoDownloaded, db: Database) -> None:
    """Know who has fetched something."""
    async with inbox.once(db, "follow_downloads", event) as tx:
        await store.lock_gallery(tx, event.gallery_id)
        await store.put_downloaded(tx, event)
        await settle(tx, event.as_cause, event.gallery_id, [event.order_id])


@subscriber(router, "notifier.notify_clients")
async def notify_clients(command: NotifyClients, db: Database) -> None:
    """Mail each of these orders once, as soon as it is ready (S5)."""
    async with inbox.once(db, "notify_clients", command) as tx:
        await store.lock_gallery(tx, command.gallery_id)
        await store.put_asked(tx, command.gallery_id, Kind.READY, command.order_ids)
        await settle(tx, command.as_cause, command.gallery_id, command.order_ids)


@subscriber(router, "notifier.send_again")
async def send_again(command: SendAgain, db: Database) -> None:
    """Send one more mail on purpose; one that is still queued goes out at once instead, one being sent is that mail."""
    async with inbox.once(db, "send_again", command) as tx:
        await store.lock_gallery(tx, command.gallery_id)
        hastened = await mails.hasten(tx, command.as_cause, command.order_id)
        more = hastened or await mails.queue_again(tx, command.as_cause, command.gallery_id, command.order_id)
        await announce(tx, [more])
        await settle(tx, command.as_cause, command.gallery_id, [command.order_id])


@subscriber(router, "notifier.send_links")
async def send_links(command: SendLinks, db: Database) -> None:
    """Mail a client the links of their orders."""
    async with inbox.once(db, "send_links", command) as tx:
        await store.lock_gallery(tx, command.gallery_id)
        await mails.queue_links(tx, command.as_cause, command.gallery_id, command.email, command.order_ids)
        await settle(tx, command.as_cause, command.gallery_id, command.order_ids)


@subscriber(router, "notifier.send_reminders")
async def send_reminders(command: SendReminders, db: Database) -> None:
    """Remind each of these orders' clients once, unless there is nothing to remind of any more."""
    async with inbox.once(db, "send_reminders", command) as tx:
        await store.lock_gallery(tx, command.gallery_id)
        await store.put_asked(tx, command.gallery_id, Kind(command.kind), command.order_ids)
        await settle(tx, command.as_cause, command.gallery_id, command.order_ids)


@subscriber(router, "notifier.send_password_reset")
async def send_password_reset(command: SendPasswordReset, db: Database) -> None:
    """Mail a photographer the link that sets a new password."""
    async with inbox.once(db, "send_password_reset", command) as tx:
        await mails.queue_password_reset(tx, command)


@subscriber(router, "notifier.forget_gallery")
async def forget_gallery(event: GalleryDeleted, db: Database) -> None:
    """Forget a gallery and its clients (rule 9)."""
    async with inbox.once_and_for_all(db, "forget_gallery", event) as tx:
        known = await store.forget_gallery(tx, event.gallery_id)
        await outbox.forget_gallery(tx, event.gallery_id)  # again: a mail may have gone out meanwhile, and told so
        await outbox.emit(tx, NotifierErased(deleted_id=event.gallery_id, counts={"mails": known}))
