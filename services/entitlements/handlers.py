"""What entitlements does with each message.

One gallery's messages wait for each other. All handlers together hold as many connections as the pool has: one for each
message in hand, but one for all finals; so those who wait in one queue never keep the other queues from the database.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from chassis import inbox
from chassis.bus import Handlers, subscriber
from chassis.db import Database
from contracts.entitlements import ConfirmMatch, WithdrawMatch
from contracts.orders import GalleryDeleted, OrderCancelled, OrderPaid, OrderRefunded, PhotoWithdrawn
from contracts.transfers import PhotoUploaded, TransferRemoved, TransferUploaded
from services.entitlements import matching, store
from services.entitlements.rules import Candidate
from services.entitlements.turn import take_turn, take_turn_for

TransferEvent = TransferUploaded | TransferRemoved

router = Handlers()


@subscriber(router, "entitlements.follow_order", prefetch=2)
async def follow_order(event: OrderPaid | OrderRefunded | OrderCancelled, db: Database) -> None:
    """Give a paid order its rights, and take them from one that no longer is paid (S3)."""
    order = event.order
    async with take_turn(db, "follow_order", event, order.gallery_id) as turn:
        if await store.put_order(turn.tx, order):
            await turn.reconcile(order_id=order.id)


@subscriber(router, "entitlements.follow_transfer", prefetch=64)
async def follow_transfer(events: Sequence[TransferEvent], db: Database) -> None:
    """Match finals with their photos, and hand them to the orders that wait for them (S2); or take them away."""
    for (gallery_id, _), together in _alike(events).items():
        async with take_turn_for(db, "follow_transfer", together, gallery_id) as (turn, fresh):
            removed = [event.transfer_id for event in fresh if isinstance(event, TransferRemoved)]
            left = await store.remove_finals(turn.tx, gallery_id, removed)
            finals = [event.transfer for event in fresh if isinstance(event, TransferUploaded)]
            await turn.settle(await matching.put_finals(turn.tx, finals), left)


@subscriber(router, "entitlements.follow_photo", prefetch=2)
async def follow_photo(event: PhotoUploaded | PhotoWithdrawn, db: Database) -> None:
    """Find the finals that belong to a new photo or may do so; or those that belonged to one that is gone."""
    match event:
        case PhotoUploaded(photo=photo):
            async with take_turn(db, "follow_photo", event, photo.gallery_id) as turn:
                names = await store.put_photo(turn.tx, photo)
                if names is not None:
                    await turn.rematch(names)
                    await turn.suggest_also(Candidate(photo.id, photo.filename, photo.match_key))
        case PhotoWithdrawn():
            async with take_turn(db, "follow_photo", event, event.gallery_id) as turn:
                await turn.rematch(await store.remove_photo(turn.tx, event.gallery_id, event.photo_id))
                misled = await store.unmatched_finals(turn.tx, event.gallery_id, suggested=event.photo_id)
                await turn.suggest_anew({final.id: final.match_key for final in misled})


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
        await store.forget_gallery(tx, event.gallery_id)


def _alike(events: Iterable[TransferEvent]) -> dict[tuple[UUID, UUID], list[TransferEvent]]:
    """Those that can share a turn: of one gallery, and caused by one request, whose id all that follows carries."""
    alike: dict[tuple[UUID, UUID], list[TransferEvent]] = {}
    for event in events:
        gallery_id = event.transfer.gallery_id if isinstance(event, TransferUploaded) else event.gallery_id
        alike.setdefault((gallery_id, event.correlation_id), []).append(event)
    return alike
