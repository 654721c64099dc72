"""What transfers does with each message."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from prometheus_client import Counter

from chassis import inbox, outbox
from chassis.bus import Handlers, subscriber
from chassis.db import Database, Tx
from chassis.inbox import AlreadyHandled
from chassis.objects import ObjectStore
from contracts.base import Event, utc_now
from contracts.orders import GalleryDeleted, PhotoWithdrawn
from contracts.transfers import (
    DiscardUploads,
    Final,
    Photo,
    PhotoUploaded,
    RegisterUpload,
    RemoveTransfer,
    StoredFile,
    Tab,
    TransferRefused,
    TransferRemoved,
    TransferUploaded,
    UploadRejected,
)
from services.transfers import layout, rejections, store
from services.transfers.attempts import Attempt, attempt_at, spare
from services.transfers.intake import LARGE, Intake
from services.transfers.processors import usable_processors
from services.transfers.rejections import RejectedImage
from services.transfers.settings import TransfersSettings

WORKERS = usable_processors()
SLOT_OPEN = timedelta(hours=48)
"""Whoever has the URL of a slot may fill it again, also after what it held was taken in."""

UPLOADS = Counter("photoferry_uploads_total", "Uploads by what became of them", ["tab", "outcome"])
"""`outcome`: `stored`, or the code of the reason why not."""
for _tab in Tab:
    UPLOADS.labels(_tab.value, "stored")  # from nothing to the first one is no increase to Prometheus

router = Handlers()


@subscriber(router, "transfers.register_upload", prefetch=WORKERS)
async def register_upload(command: RegisterUpload, db: Database, intake: Intake, settings: TransfersSettings) -> None:
    """Check an uploaded file and take it in, or say why not."""
    async with attempt_at(db, command) as attempt:
        try:
            file = await intake.take_in(command, attempt.folder)
            async with _settling(db, command) as tx:
                await outbox.emit(tx, await _taken_in(tx, command.tab, file, attempt, settings))
            UPLOADS.labels(command.tab.value, "stored").inc()
        except RejectedImage as rejection:
            async with _settling(db, command) as tx:
                await outbox.emit(tx, _rejected(command, rejection))
            UPLOADS.labels(command.tab.value, rejection.code).inc()


@subscriber(router, "transfers.discard_uploads")
async def discard_uploads(command: DiscardUploads, db: Database, objects: ObjectStore) -> None:
    """Sweep what was put into slots that nobody completed."""
    for upload in command.uploads:
        if upload.multipart_id:
            await objects.abort_multipart(upload.object_key, upload.multipart_id)
    async with inbox.once(db, "discard_uploads", command) as tx:
        await _empty_slots(tx, [upload.object_key for upload in command.uploads])


@subscriber(router, "transfers.remove_transfer")
async def remove_transfer(command: RemoveTransfer, db: Database, settings: TransfersSettings) -> None:
    """Remove a final; downloads of it that have begun may end."""
    about = {"transfer_id": command.transfer_id, "gallery_id": command.gallery_id}
    async with inbox.once(db, "remove_transfer", command) as tx:
        folder = await store.remove(tx, command.gallery_id, Tab.TRANSFERS, command.transfer_id)
        if folder is None:
            refusal = {"status": 404, "code": "transfer-not-found", "detail": "This final does not exist any more."}
            await outbox.emit(tx, TransferRefused(**about, **refusal))
        else:
            await store.doom(tx, [folder], utc_now() + timedelta(seconds=settings.keep_replaced))
            await outbox.emit(tx, TransferRemoved(**about))


@subscriber(router, "transfers.remove_photo")
async def remove_photo(event: PhotoWithdrawn, db: Database) -> None:
    """Remove the files of a proof that left its gallery; its name is free again."""
    async with inbox.once(db, "remove_photo", event) as tx:
        if folder := await store.remove(tx, event.gallery_id, Tab.PHOTOS, event.photo_id):
            await store.doom(tx, [folder], utc_now())


@subscriber(router, "transfers.forget_gallery")
async def forget_gallery(event: GalleryDeleted, db: Database) -> None:
    """Delete all files of a gallery; what an upload in hand still writes goes with its attempt (rule 9)."""
    async with inbox.once_and_for_all(db, "forget_gallery", event) as tx:
        folder = layout.gallery_folder(event.gallery_id)
        await store.forget_gallery(tx, event, folder)
        await store.doom(tx, [folder], utc_now())


@asynccontextmanager
async def _settling(db: Database, command: RegisterUpload) -> AsyncIterator[Tx]:
    """A transaction that decides what becomes of an upload, and removes what arrived. Raises `AlreadyHandled`."""
    async with inbox.once(db, "register_upload", command) as tx:
        if not await store.settle(tx, command.upload_id, command.gallery_id):
            raise AlreadyHandled(f"what becomes of the upload {command.upload_id} is decided")
        yield tx
        await _empty_slots(tx, [command.object_key])


async def _empty_slots(tx: Tx, object_keys: list[str]) -> None:
    """Remove what arrived in slots, now and once more when nobody can fill them again."""
    for due_at in (utc_now(), utc_now() + SLOT_OPEN):
        await store.doom(tx, object_keys, due_at)


async def _taken_in(tx: Tx, tab: Tab, file: StoredFile, attempt: Attempt, settings: TransfersSettings) -> Event:
    """The checked file gets its name. Raises `RejectedImage` when another proof has it."""
    await spare(tx, attempt)
    named = await store.take_name(tx, tab, file, attempt.folder)
    if tab is Tab.PHOTOS:
        if named.id != file.upload_id:
            raise rejections.name_taken(named.filename)
        large = layout.preview_key(attempt.folder, LARGE)
        return PhotoUploaded(photo=Photo(id=named.id, preview_large_key=large, **file.model_dump()))
    if named.folder != attempt.folder:
        await store.doom(tx, [named.folder], utc_now() + timedelta(seconds=settings.keep_replaced))
        named = await store.replace(tx, named.id, file.filename, attempt.folder)
    return TransferUploaded(transfer=Final(id=named.id, version=named.version, **file.model_dump()))


def _rejected(command: RegisterUpload, rejection: RejectedImage) -> UploadRejected:
    return UploadRejected(
        upload_id=command.upload_id,
        gallery_id=command.gallery_id,
        tab=command.tab,
        filename=command.filename,
        code=rejection.code,
        reason=rejection.reason,
    )
