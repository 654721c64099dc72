"""The projection: every event that the pages and the API show, into the view; and the answers to waiting requests."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import UUID

from prometheus_client import Histogram

from chassis import inbox, outbox
from chassis.bus import Handlers, subscriber
from chassis.db import Database, Tx
from contracts.base import Event, utc_now
from contracts.entitlements import EntitlementsGranted, EntitlementsRevoked, OrderNotReady, OrderReady, TransferMatched
from contracts.erasure import EntitlementsErased, NotifierErased, OrdersErased, TransfersErased
from contracts.notifier import (
    ClientNotified,
    ClientReminded,
    NotificationFailed,
    NotificationProgressed,
    ReminderFailed,
    ReminderProgressed,
)
from contracts.orders import (
    ClientCorrected,
    ClientErased,
    CommandRefused,
    GalleryChanged,
    GalleryDeleted,
    GalleryOpened,
    LinkRotated,
    OrderCancelled,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderRejected,
    OrderUnchanged,
    PhotoWithdrawn,
)
from contracts.payments import PaymentNoted
from contracts.transfers import PhotoUploaded, TransferRefused, TransferRemoved, TransferUploaded, UploadRejected
from services.gateway.live import Announcer, Change
from services.gateway.outgoing import news
from services.gateway.signing import Signer
from services.gateway.view import (
    bank_lines,
    baskets,
    deletions,
    erasing,
    files,
    galleries,
    orders,
    payments,
    reminders,
    requests,
    uploads,
)

E = TypeVar("E", bound=Event)
OrderNews = (
    OrderPlaced
    | OrderPaid
    | OrderRefunded
    | OrderCancelled
    | ClientCorrected
    | ClientErased
    | LinkRotated
    | OrderUnchanged
)

router = Handlers()

PREFETCH = 64
VIEW_LAG = Histogram(
    "photoferry_view_lag_seconds",
    "Time from an event to its being in the view",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800),
)


def _gallery_of(event: Event) -> UUID | None:
    return event.about_gallery


@asynccontextmanager
async def _projecting(db: Database, live: Announcer, consumer: str, event: Event, change: Change) -> AsyncIterator[Tx]:
    """One event into the view, once; after the commit, tell who waits for it and who watches the gallery."""
    async with _projecting_each(db, live, consumer, [event], lambda _: change) as (tx, _):
        yield tx


@asynccontextmanager
async def _projecting_each(
    db: Database,
    live: Announcer,
    consumer: str,
    events: Sequence[E],
    change: Callable[[E], Change],
    place: Callable[[E], UUID | None] = _gallery_of,
) -> AsyncIterator[tuple[Tx, list[E]]]:
    """The same for several events together: yields those that are left to project."""
    async with inbox.once_each(db, consumer, events) as (tx, fresh):
        yield tx, fresh
        answered = await requests.answer(tx, fresh)
    for event in fresh:
        _tell(live, event, place(event), change(event), answered)


def _tell(live: Announcer, event: Event, place: UUID | None, change: Change, answered: set[UUID]) -> None:
    """An event is in the view, and committed."""
    VIEW_LAG.observe(max(0.0, (utc_now() - event.occurred_at).total_seconds()))
    live.announce(place, change, event.causation_id if event.causation_id in answered else None)


@subscriber(router, "gateway.project_gallery")
async def project_gallery(event: GalleryOpened | GalleryChanged, db: Database, live: Announcer, signer: Signer) -> None:
    """A gallery's settings."""
    async with _projecting(db, live, "project_gallery", event, Change("gallery", event.gallery.id)) as tx:
        await galleries.put(tx, event.gallery, signer.public_digest(event.gallery.id))


@subscriber(router, "gateway.forget_gallery")
async def forget_gallery(event: GalleryDeleted, db: Database, live: Announcer) -> None:
    """Delete all that the view has of a gallery (rule 9)."""
    async with inbox.once_and_for_all(db, "forget_gallery", event) as tx:
        answered = await requests.answer(tx, [event])
        await outbox.emit(tx, *await uploads.discard_of_gallery(tx, event.gallery_id))
        await deletions.begin(tx, event)
        removed = await deletions.count(tx, event.gallery_id)
        await deletions.finish(tx, event.gallery_id, "gateway", utc_now(), removed)
        await galleries.forget(tx, event.gallery_id, keep_request=event.causation_id)
    _tell(live, event, event.gallery_id, Change("gallery", event.gallery_id), answered)


@subscriber(router, "gateway.project_erasure")
async def project_erasure(
    event: OrdersErased | TransfersErased | EntitlementsErased | NotifierErased, db: Database, live: Announcer
) -> None:
    """What other services have removed of a deleted gallery."""
    async with _projecting(db, live, "project_erasure", event, Change("gallery", event.deleted_id)) as tx:
        await deletions.hear(tx, event)


@subscriber(router, "gateway.project_order", prefetch=PREFETCH)
async def project_order(events: Sequence[OrderNews], db: Database, live: Announcer, signer: Signer) -> None:
    """Orders, their links and their timelines; what was ordered is in no basket any more."""

    def change(event: OrderNews) -> Change:
        return Change("order", event.order.id)

    async with _projecting_each(db, live, "project_order", events, change) as (tx, fresh):
        for event in fresh:
            if event.order.client.erased:
                await erasing.forget_client(tx, event.order)
        await orders.put(tx, [(event.order, signer.client_digest(event.order)) for event in fresh])
        await orders.note(tx, fresh)
        for event in fresh:
            if isinstance(event, OrderPlaced):
                await baskets.empty(tx, event.causation_id, [line.photo_id for line in event.order.lines])
            if isinstance(event, OrderUnchanged):
                await bank_lines.left_over(tx, event)
        await news.note(tx, fresh)
    if any(event.order.client.erased for event in events):
        db.forgotten.set()


@subscriber(router, "gateway.project_payment", prefetch=PREFETCH)
async def project_payment(events: Sequence[PaymentNoted], db: Database, live: Announcer) -> None:
    """Payments, and in their orders' timelines what is wrong with them.

    The whole studio is told: what is to be looked at may belong to no gallery.
    """

    def change(event: PaymentNoted) -> Change:
        return Change("payment", event.payment.id)

    def studio(event: PaymentNoted) -> UUID:
        return event.payment.studio_id

    async with _projecting_each(db, live, "project_payment", events, change, studio) as (tx, fresh):
        await payments.put(tx, fresh)


@subscriber(router, "gateway.project_answer")
async def project_answer(
    event: OrderRejected | CommandRefused | TransferRefused, db: Database, live: Announcer
) -> None:
    """What only the one who asked wants to know."""
    async with _projecting(db, live, "project_answer", event, Change("answer", event.message_id)) as tx:
        if isinstance(event, CommandRefused):
            await bank_lines.left_over(tx, event)


@subscriber(router, "gateway.project_photo", prefetch=PREFETCH)
async def project_photo(
    events: Sequence[PhotoUploaded | PhotoWithdrawn], db: Database, live: Announcer, signer: Signer
) -> None:
    """Proofs in the **Photos** tab, or no longer."""

    def change(event: PhotoUploaded | PhotoWithdrawn) -> Change:
        return Change("photo", event.photo.id if isinstance(event, PhotoUploaded) else event.photo_id)

    async with _projecting_each(db, live, "project_photo", events, change) as (tx, fresh):
        await files.put_photos(tx, [event.photo for event in fresh if isinstance(event, PhotoUploaded)], signer)
        for event in fresh:
            if isinstance(event, PhotoWithdrawn):
                await files.withdraw_photo(tx, event.photo_id, event.gallery_id)


@subscriber(router, "gateway.project_transfer", prefetch=PREFETCH)
async def project_transfer(
    events: Sequence[TransferUploaded | TransferRemoved], db: Database, live: Announcer, signer: Signer
) -> None:
    """Finals in the **Photo transfer** tab, or no longer."""

    def change(event: TransferUploaded | TransferRemoved) -> Change:
        return Change("transfer", event.transfer.id if isinstance(event, TransferUploaded) else event.transfer_id)

    async with _projecting_each(db, live, "project_transfer", events, change) as (tx, fresh):
        uploaded = [event for event in fresh if isinstance(event, TransferUploaded)]
        await files.put_transfers(tx, [event.transfer for event in uploaded], signer)
        await files.note_versions(tx, uploaded)
        for event in fresh:
            if isinstance(event, TransferRemoved):
                await files.remove_transfer(tx, event.transfer_id, event.gallery_id)


@subscriber(router, "gateway.project_rejection")
async def project_rejection(event: UploadRejected, db: Database, live: Announcer) -> None:
    """An upload that was not taken in."""
    async with _projecting(db, live, "project_rejection", event, Change("upload", event.upload_id)) as tx:
        await files.reject_upload(tx, event)


@subscriber(router, "gateway.project_match", prefetch=PREFETCH)
async def project_match(events: Sequence[TransferMatched], db: Database, live: Announcer) -> None:
    """Which photos finals belong to."""
    async with _projecting_each(
        db, live, "project_match", events, lambda event: Change("transfer", event.transfer_id)
    ) as (tx, fresh):
        await files.put_matches(tx, fresh)


@subscriber(router, "gateway.project_entitlements", prefetch=PREFETCH)
async def project_entitlements(
    events: Sequence[EntitlementsGranted | EntitlementsRevoked], db: Database, live: Announcer
) -> None:
    """Which orders may download which finals."""
    async with _projecting_each(
        db, live, "project_entitlements", events, lambda event: Change("entitlements", event.gallery_id)
    ) as (tx, fresh):
        await orders.put_entitlements(tx, fresh)


@subscriber(router, "gateway.project_readiness", prefetch=PREFETCH)
async def project_readiness(events: Sequence[OrderReady | OrderNotReady], db: Database, live: Announcer) -> None:
    """Whether orders have all their finals."""
    async with _projecting_each(
        db, live, "project_readiness", events, lambda event: Change("order", event.order_id)
    ) as (tx, fresh):
        await orders.put_readiness(tx, fresh)
        await news.note(tx, fresh)


@subscriber(router, "gateway.project_notification", prefetch=PREFETCH)
async def project_notification(
    events: Sequence[NotificationProgressed | ClientNotified | NotificationFailed], db: Database, live: Announcer
) -> None:
    """How orders' mails are doing."""
    async with _projecting_each(
        db, live, "project_notification", events, lambda event: Change("notification", event.notification.order_id)
    ) as (tx, fresh):
        await orders.put_notifications(tx, fresh)
        await news.note(tx, fresh)


@subscriber(router, "gateway.project_reminder", prefetch=PREFETCH)
async def project_reminder(
    events: Sequence[ReminderProgressed | ClientReminded | ReminderFailed], db: Database, live: Announcer
) -> None:
    """How reminders are doing."""
    async with _projecting_each(
        db, live, "project_reminder", events, lambda event: Change("notification", event.reminder.order_id)
    ) as (tx, fresh):
        await reminders.put(tx, fresh)
