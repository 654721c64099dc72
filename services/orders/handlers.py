"""What orders does with each command: claim, decide, emit."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from chassis import erasure, inbox, outbox
from chassis.bus import Handlers, subscriber
from chassis.db import Database, Tx
from contracts.base import Event, caused_by
from contracts.gateway import PaymentDisputed, PaymentReceived, PaymentRefunded
from contracts.orders import (
    CancelOrder,
    ChangeGallery,
    ChangeStudio,
    Client,
    ClientCorrected,
    ClientErased,
    CommandRefused,
    CorrectClient,
    DeleteGallery,
    EraseClient,
    Gallery,
    GalleryChanged,
    GalleryOpened,
    GallerySettings,
    LinkRotated,
    MarkOrdersPaid,
    OpenGallery,
    Order,
    OrderCancelled,
    OrderCommand,
    OrderEvent,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderRejected,
    OrderStatus,
    OrderUnchanged,
    PhotoWithdrawn,
    PlaceOrder,
    RefundOrder,
    RotateLink,
    WithdrawPhoto,
)
from contracts.payments import AssignPayment, DismissPayment
from services.orders import deleting, payment_store, payments, rules, store
from services.orders.errors import NothingToChange, Refusal, client_erased, currency_in_use, gallery_gone, order_gone

router = Handlers()


@subscriber(router, "orders.open_gallery")
async def open_gallery(command: OpenGallery, db: Database) -> None:
    """Open a gallery."""
    async with inbox.once(db, "open_gallery", command) as tx:
        gallery = Gallery(
            id=command.gallery_id,
            studio=await store.put_studio(tx, command.studio),
            settings=command.settings,
            opened_at=command.occurred_at,
            revision=1,
        )
        await store.add_gallery(tx, gallery)
        await outbox.emit(tx, GalleryOpened(gallery=gallery))


@subscriber(router, "orders.change_gallery", prefetch=1)
async def change_gallery(command: ChangeGallery, db: Database) -> None:
    """Change a gallery's settings."""
    async with inbox.once(db, "change_gallery", command) as tx, _refusing(tx, command.gallery_id, command.gallery_id):
        gallery = await _locked_gallery(tx, command.gallery_id)
        settings = GallerySettings.model_validate(gallery.settings.model_dump() | command.changes)
        if settings.currency != gallery.settings.currency and await store.has_orders(tx, gallery.id):
            raise currency_in_use(gallery.settings.currency)
        changed = await store.change_gallery(tx, command.gallery_id, settings)
        await outbox.emit(tx, GalleryChanged(gallery=changed))


@subscriber(router, "orders.change_studio")
async def change_studio(command: ChangeStudio, db: Database) -> None:
    """Tell the clients of all its galleries how a studio is called and reached now."""
    async with inbox.once(db, "change_studio", command) as tx:
        studio = await store.put_studio(tx, command.studio)
        galleries = await store.rename_studio(tx, studio)
        await outbox.emit(tx, *(GalleryChanged(gallery=gallery) for gallery in galleries))


@subscriber(router, "orders.delete_gallery")
async def delete_gallery(command: DeleteGallery, db: Database) -> None:
    """Delete a gallery, its orders, and every message about them (rule 9)."""
    about = command.gallery_id
    async with inbox.once_and_for_all(db, "delete_gallery", command) as tx, _refusing(tx, about, about):
        if not await deleting.delete(tx, command.gallery_id):
            raise gallery_gone()


@subscriber(router, "orders.place_order")
async def place_order(command: PlaceOrder, db: Database) -> None:
    """Place a client's order, or say why not."""
    async with inbox.once(db, "place_order", command) as tx:
        try:
            async with tx.transaction():  # a refused order gives its number back
                order, is_prepaid = await _placed(tx, command)
        except Refusal as refusal:
            rejected = OrderRejected(order_id=command.order_id, **_reason(command.gallery_id, refusal))
            await outbox.emit(tx, rejected)
        else:
            await outbox.emit(tx, OrderPlaced(order=order), *await _paid_if_free(tx, order))
            if is_prepaid:
                await payments.apply_waiting(tx, order)


@subscriber(router, "orders.change_orders", prefetch=1)
async def change_orders(
    command: MarkOrdersPaid | CancelOrder | RefundOrder | RotateLink | CorrectClient | EraseClient, db: Database
) -> None:
    """What the photographer does to orders, one command after the other: what was said last counts."""
    match command:
        case MarkOrdersPaid():
            await mark_orders_paid(command, db)
        case EraseClient():
            await erase_client(command, db)
        case _:
            await change_order(command, db)


async def mark_orders_paid(command: MarkOrdersPaid, db: Database) -> None:
    """Mark orders as paid by hand (S4); each is answered by its own event."""
    async with inbox.once(db, "mark_orders_paid", command) as tx:
        orders = await store.lock_orders(tx, command.gallery_id, command.order_ids)
        payable: list[UUID] = []
        answers: list[Event] = []
        for order_id in command.order_ids:
            try:
                _check(orders.get(order_id), OrderStatus.PAID)
                payable.append(order_id)
            except NothingToChange:
                answers.append(OrderUnchanged(order=orders[order_id]))
            except Refusal as refusal:
                answers.append(CommandRefused(subject_id=order_id, **_reason(command.gallery_id, refusal)))
        paid = await store.set_status(tx, payable, OrderStatus.PAID)
        await outbox.emit(tx, *answers, *(OrderPaid(order=order) for order in paid))


async def change_order(command: CancelOrder | RefundOrder | RotateLink | CorrectClient, db: Database) -> None:
    """Cancel, refund, replace the personal link, or correct the client of one order."""
    async with inbox.once(db, "change_order", command) as tx, _refusing(tx, command.gallery_id, command.order_id):
        orders = await store.lock_orders(tx, command.gallery_id, [command.order_id])
        try:
            await outbox.emit(tx, await _changed(tx, orders.get(command.order_id), command))
        except NothingToChange:
            await outbox.emit(tx, OrderUnchanged(order=_there(orders.get(command.order_id))))


async def erase_client(command: EraseClient, db: Database) -> None:
    """Forget who placed an order. The order, its lines and payments stay for the books."""
    about = command.order_id
    async with inbox.once(db, "erase_client", command) as tx, _refusing(tx, command.gallery_id, about):
        await payment_store.lock(tx, command.studio_id)
        order = _there((await store.lock_orders(tx, command.gallery_id, [about])).get(about))
        if order.client.erased:
            await outbox.emit(tx, OrderUnchanged(order=order))
        else:
            rules.check_erasure(order.status, ends_order=command.ends_order)
            await _erase(tx, order)
    db.forgotten.set()


@subscriber(router, "orders.withdraw_photo")
async def withdraw_photo(command: WithdrawPhoto, db: Database) -> None:
    """Take a photo out of its gallery, unless somebody ordered it."""
    async with inbox.once(db, "withdraw_photo", command) as tx, _refusing(tx, command.gallery_id, command.photo_id):
        await _locked_gallery(tx, command.gallery_id)  # no order may slip in between the look and the deed
        if await store.is_ordered(tx, command.photo_id):
            raise Refusal(409, "photo-ordered", "This photo is on an order; it stays in the gallery.")
        await store.withdraw_photo(tx, command.photo_id, command.gallery_id)
        await outbox.emit(tx, PhotoWithdrawn(photo_id=command.photo_id, gallery_id=command.gallery_id))


@subscriber(router, "orders.follow_payments", prefetch=64)
async def follow_payments(events: Sequence[PaymentReceived | PaymentRefunded | PaymentDisputed], db: Database) -> None:
    """Orders are paid by payments that fit, and refunded with them (S4, rule 8); others are kept as problems."""
    for studio_id, together in payments.by_studio(events):
        async with inbox.once_each(db, "follow_payments", together) as (tx, fresh):
            await payments.take_in(tx, studio_id, fresh)


@subscriber(router, "orders.change_payments", prefetch=1)
async def change_payments(command: AssignPayment | DismissPayment, db: Database) -> None:
    """What the photographer does about a payment that paid nothing."""
    async with inbox.once(db, "change_payments", command) as tx, _refusing(tx, command.gallery_id, command.id):
        if isinstance(command, AssignPayment):
            await payments.assign(tx, command)
        else:
            await payments.dismiss(tx, command)


async def _placed(tx: Tx, command: PlaceOrder) -> tuple[Order, bool]:
    """The order, and whether something was paid for it before."""
    taken = await store.next_number(tx, command.gallery_id)
    if taken is None:
        raise gallery_gone()
    gallery, lines = taken.gallery, rules.once_each(command.lines)
    withdrawn = await store.withdrawn_among(tx, (line.photo_id for line in lines))
    rules.check_order(gallery.settings, lines, withdrawn, command.occurred_at)
    order = Order(
        id=command.order_id,
        gallery_id=gallery.id,
        studio_id=gallery.studio.id,
        number=taken.number,
        client=command.client,
        status=OrderStatus.PLACED,
        total=rules.price_order(gallery.settings, len(lines), command.agreed_total),
        lines=lines,
        placed_at=command.occurred_at,
        revision=1,
    )
    return order, await store.add_order(tx, order)


async def _paid_if_free(tx: Tx, order: Order) -> list[OrderPaid]:
    """An order that costs nothing has nothing to wait for."""
    if order.total.amount:
        return []
    return [OrderPaid(order=paid) for paid in await store.set_status(tx, [order.id], OrderStatus.PAID)]


async def _erase(tx: Tx, order: Order) -> None:
    erased = ClientErased(order=await store.erase_client(tx, order))
    await outbox.emit(tx, erased)
    with caused_by(erased.as_cause):  # who asked is answered by that alone
        if erased.order.status is not order.status:
            await outbox.emit(tx, OrderCancelled(order=erased.order))
        payments_of_it = await payments.forget_reasons(tx, order.studio_id, order.id)
    await erasure.erase(tx, order.gallery_id, [order.id, *payments_of_it])


async def _changed(tx: Tx, order: Order | None, command: OrderCommand) -> OrderEvent:
    """Do what the command asks to a locked order. Raises `Refusal` or `NothingToChange`."""
    match command:
        case CancelOrder():
            order = _check(order, OrderStatus.CANCELLED)
            return OrderCancelled(order=(await store.set_status(tx, [order.id], OrderStatus.CANCELLED))[0])
        case RefundOrder():
            order = _check(order, OrderStatus.REFUNDED)
            return OrderRefunded(order=(await store.set_status(tx, [order.id], OrderStatus.REFUNDED))[0])
        case CorrectClient():
            client = _corrected(_named(order).client, command.changes)
            return ClientCorrected(order=await store.set_client(tx, command.order_id, client))
        case _:
            return LinkRotated(order=await store.rotate_link(tx, _named(order).id))


def _there(order: Order | None) -> Order:
    if order is None:
        raise order_gone()
    return order


def _named(order: Order | None) -> Order:
    if _there(order).client.erased:
        raise client_erased()
    return _there(order)


def _check(order: Order | None, wanted: OrderStatus) -> Order:
    rules.check_change(_there(order).status, wanted)
    return _there(order)


def _corrected(client: Client, changes: dict[str, str]) -> Client:
    corrected = Client.model_validate(client.model_dump() | changes)
    if corrected == client:
        raise NothingToChange
    return corrected


async def _locked_gallery(tx: Tx, gallery_id: UUID) -> Gallery:
    gallery = await store.lock_gallery(tx, gallery_id)
    if gallery is None:
        raise gallery_gone()
    return gallery


def _reason(gallery_id: UUID | None, refusal: Refusal) -> dict[str, object]:
    return {
        "gallery_id": gallery_id,
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.detail,
        "field": refusal.field,
    }


@asynccontextmanager
async def _refusing(tx: Tx, gallery_id: UUID | None, subject_id: UUID) -> AsyncIterator[None]:
    """Answer a `Refusal` inside the block with an event; the block must not have written anything before it."""
    try:
        yield
    except Refusal as refusal:
        await outbox.emit(tx, CommandRefused(subject_id=subject_id, **_reason(gallery_id, refusal)))
