"""What entitlements does with each message.

One gallery's messages wait for each other. All handlers together hold no more connections than the pool has: one for
all finals, one for all photos, and else one for each message in hand; so those who wait in one queue never keep the
other queues from the database.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from chassis import erasure, inbox, outbox
from chassis.bus import Handlers, subscriber
from chassis.db import Database
from contracts.entitlements import ConfirmMatch, WithdrawMatch
from contracts.erasure import EntitlementsErased
from contracts.orders import ClientErased, GalleryDeleted, OrderCancelled, OrderPaid, OrderRefunded, PhotoWithdrawn
from contracts.transfers import PhotoUploaded, TransferRemoved, TransferUploaded
from services.entitlements import matching, store
from services.entitlements.turn import take_turn, take_turn_for

TransferEvent = TransferUploaded | TransferRemoved
PhotoEvent = PhotoUploaded | PhotoWithdrawn
E = TypeVar("E", bound=TransferEvent | PhotoEvent)

router = Handlers()


@subscriber(router, "entitlements.follow_order", prefetch=2)
async def follow_order(event: OrderPaid | OrderRefunded | OrderCancelled | ClientErased, db: Database) -> None:
    """Give a paid order its rights, and take them from one that no longer is paid (S3), or nobody's any more."""
    order = event.order
    async with take_turn(db, "follow_order", event, order.gallery_id) as turn:
        if await store.put_order(turn.tx, order):
            await turn.reconcile(order_id=order.id)
        if order.client.erased:  # its client stands in no table here, but maybe in a dead message
            await erasure.erase(turn.tx, order.gallery_id, [order.id])
    if order.client.erased:
        db.forgotten.set()


@subscriber(router, "entitlements.follow_transfer", prefetch=64)
async def follow_transfer(events: Sequence[TransferEvent], db: Database) -> None:
    """Match finals with their photos, and hand them to the orders that wait for them (S2); or take them away."""
    for (gallery_id, _), together in _alike(events).items():
        async with take_turn_for(db, "follow_transfer", together, gallery_id) as (turn, fresh):
            removed = [event.transfer_id for event in fresh if isinstance(event, TransferRemoved)]
            left = await store.remove_finals(turn.tx, gallery_id, removed)
            finals = [event.transfer for event in fresh if isinstance(event, TransferUploaded)]
            await turn.settle(await matching.put_finals(turn.tx, finals), left)


@subscriber(router, "entitlements.follow_photo", prefetch=64)
async def follow_photo(events: Sequence[PhotoEvent], db: Database) -> None:
    """Find the finals that belong to new photos or may do so; and those that belonged to photos that are gone."""
    for (gallery_id, _), together in _alike(events).items():
        async with take_turn_for(db, "follow_photo", together, gallery_id) as (turn, fresh):
            removed = [event.photo_id for event in fresh if isinstance(event, PhotoWithdrawn)]
            left = await store.remove_photos(turn.tx, gallery_id, removed)
            photos = [event.photo for event in fresh if isinstance(event, PhotoUploaded)]
            new, found = await store.put_photos(turn.tx, gallery_id, photos)
            await turn.rematch([*left, *found])
            await turn.suggest_others(new, removed)


@subscriber(router, "entitlements.confirm_match", prefetch=1)
async def confirm_match(command: ConfirmMatch, db: Database) -> None:
    """Remember that finals of this name belong to this photo."""
    gallery_id, name = command.gallery_id, command.transfer_key
    async with take_turn(db, "confirm_match", command, gallery_id) as turn:
        await store.put_confirmed_match(
            turn.tx, gallery_id, name, command.photo_id, command.photo_key, command.occurred_at
        )
        await turn.rematch([name])
        await turn.answer(command.transfer_id, name)


@subscriber(router, "entitlements.withdraw_match", prefetch=1)
async def withdraw_match(command: WithdrawMatch, db: Database) -> None:
    """Finals of this name belong to the photo of the same name again, if there is one."""
    gallery_id, name = command.gallery_id, command.transfer_key
    async with take_turn(db, "withdraw_match", command, gallery_id) as turn:
        await store.put_confirmed_match(turn.tx, gallery_id, name, None, None, command.occurred_at)
        await turn.rematch([name])
        await turn.answer(command.transfer_id, name)


@subscriber(router, "entitlements.forget_gallery", prefetch=1)
async def forget_gallery(event: GalleryDeleted, db: Database) -> None:
    """Delete all that is known of a gallery (rule 9)."""
    async with inbox.once_and_for_all(db, "forget_gallery", event) as tx:
        entitlements = await store.forget_gallery(tx, event.gallery_id)
        await outbox.emit(tx, EntitlementsErased(deleted_id=event.gallery_id, counts={"entitlements": entitlements}))


def _alike(events: Iterable[E]) -> dict[tuple[UUID, UUID], list[E]]:
    """Those that can share a turn: of one gallery, and caused by one request, whose id all that follows carries."""
    alike: dict[tuple[UUID, UUID], list[E]] = {}
    for event in events:
        gallery_id = event.gallery_id if isinstance(event, TransferRemoved | PhotoWithdrawn) else event.about_gallery
        alike.setdefault((gallery_id, event.correlation_id), []).append(event)
    return alike
