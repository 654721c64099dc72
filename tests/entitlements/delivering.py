"""Handing messages to the handlers of their queues, as the bus does."""

from collections.abc import Sequence

from chassis.db import Database
from contracts.base import Message
from contracts.entitlements import ConfirmMatch, WithdrawMatch
from contracts.orders import ClientErased, GalleryDeleted, OrderCancelled, OrderPaid, OrderRefunded, PhotoWithdrawn
from contracts.transfers import PhotoUploaded, TransferRemoved, TransferUploaded
from services.entitlements import handlers
from services.entitlements.handlers import PhotoEvent, TransferEvent


async def deliver(db: Database, *messages: Message) -> None:
    """Handle messages, one after the other."""
    for message in messages:
        await _handle(db, message)


async def deliver_together(db: Database, messages: Sequence[Message]) -> None:
    """Handle news of finals that are at hand together, then news of photos."""
    await handlers.follow_transfer([each for each in messages if isinstance(each, TransferEvent)], db)
    await handlers.follow_photo([each for each in messages if isinstance(each, PhotoEvent)], db)


async def _handle(db: Database, message: Message) -> None:
    match message:
        case OrderPaid() | OrderRefunded() | OrderCancelled() | ClientErased():
            await handlers.follow_order(message, db)
        case TransferUploaded() | TransferRemoved():
            await handlers.follow_transfer([message], db)
        case PhotoUploaded() | PhotoWithdrawn():
            await handlers.follow_photo([message], db)
        case ConfirmMatch():
            await handlers.confirm_match(message, db)
        case WithdrawMatch():
            await handlers.withdraw_match(message, db)
        case GalleryDeleted():
            await handlers.forget_gallery(message, db)
        case _:
            raise AssertionError(f"entitlements does not listen to {message.topic}")
