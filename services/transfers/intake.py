"""From the bytes of an upload to a checked file with its previews in the store. Slow, so outside of transactions."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from chassis.object_errors import BadParts, ObjectChanged, ObjectMissing
from chassis.objects import ObjectStore, StoredObject
from chassis.retries import BrokenDependency
from contracts.base import utc_now
from contracts.names import match_key
from contracts.transfers import Multipart, RegisterUpload, StoredFile, Tab, watermark_key
from services.transfers import layout, rejections
from services.transfers.checksums import Checksums, checksums
from services.transfers.workshop import Examined, Workshop

SMALL, LARGE = 400, 1600
SIZES = {Tab.PHOTOS: (SMALL, LARGE), Tab.TRANSFERS: (SMALL,)}
"""Longest sides of the previews, in pixels."""


class WrongBytes(BrokenDependency):
    """The store has, or gives, other bytes than those that were checked."""


@dataclass(frozen=True)
class Intake:
    """What it takes: the store, decoders, and a folder for what is being looked at."""

    objects: ObjectStore
    workshop: Workshop
    scratch: Path

    async def take_in(self, upload: RegisterUpload, folder: str) -> StoredFile:
        """Check what arrived, and put it with its previews into `folder` of the store.

        Raises `RejectedImage` when it cannot be taken in, and `BrokenDependency` when trying again will help.
        """
        with TemporaryDirectory(dir=self.scratch) as room:
            path = Path(room) / "original"
            arrived = await self._fetch(upload, path)
            sums = await checksums(path)
            mark = await self._fetch_mark(upload, Path(room) / "watermark")
            examined = await self.workshop.examine(path, SIZES[upload.tab], _watermark(upload), mark)
            await self._keep(upload.object_key, arrived.etag, examined, folder)
            await self._read_back(folder, path, sums)
        return _stored(upload, folder, sums, examined)

    async def _fetch(self, upload: RegisterUpload, path: Path) -> StoredObject:
        try:
            found = await self._arrived(upload.object_key, upload.multipart)
            self._check_size(found.size, upload.size)
            fetched = await self.objects.download_to(upload.object_key, path, limit=found.size)
        except (ObjectMissing, BadParts) as error:
            raise rejections.never_arrived() from error
        if (fetched.size, fetched.etag) != (found.size, found.etag):
            raise ObjectChanged(f"{upload.object_key} was overwritten before it was read")
        return fetched

    async def _fetch_mark(self, upload: RegisterUpload, path: Path) -> Path | None:
        if not upload.watermark_image or upload.tab is not Tab.PHOTOS:
            return None
        try:
            await self.objects.download_to(watermark_key(upload.gallery_id), path)
        except ObjectMissing as error:
            raise rejections.watermark_missing() from error
        return path

    async def _arrived(self, key: str, multipart: Multipart | None) -> StoredObject:
        if multipart is None:
            return await self.objects.stat(key)
        parts = {part.number: part.etag for part in multipart.parts}
        try:
            return await self.objects.complete_multipart(key, multipart.id, parts)
        except BadParts:
            await self.objects.abort_multipart(key, multipart.id)  # nobody else will: the upload is decided
            raise

    def _check_size(self, size: int, announced: int) -> None:
        if not size:
            raise rejections.empty()
        if size != announced:
            raise rejections.another_size(size, announced)
        if size > self.workshop.limits.size:
            raise rejections.too_large(size, self.workshop.limits.size)

    async def _keep(self, arrived_key: str, etag: str, examined: Examined, folder: str) -> None:
        original, content_type = layout.original_key(folder), examined.format.content_type
        await asyncio.gather(
            self.objects.copy(arrived_key, original, etag=etag, content_type=content_type),
            *(
                self.objects.put_file(layout.preview_key(folder, size), preview, "image/jpeg")
                for size, preview in examined.previews.items()
            ),
        )

    async def _read_back(self, folder: str, path: Path, sums: Checksums) -> None:
        """A file counts only once it was read back from where it stays."""
        key = layout.original_key(folder)
        await self.objects.download_to(key, path)
        if await checksums(path) != sums:
            raise WrongBytes(f"{key} is not what was checked")


def _watermark(upload: RegisterUpload) -> str | None:
    """Finals are what was paid for: their previews stay clean."""
    return upload.watermark if upload.tab is Tab.PHOTOS else None


def _stored(upload: RegisterUpload, folder: str, sums: Checksums, examined: Examined) -> StoredFile:
    return StoredFile(
        gallery_id=upload.gallery_id,
        upload_id=upload.upload_id,
        filename=upload.filename,
        match_key=match_key(upload.filename),
        size=sums.size,
        crc32=sums.crc32,
        sha256=sums.sha256,
        object_key=layout.original_key(folder),
        content_type=examined.format.content_type,
        width=examined.width,
        height=examined.height,
        preview_small_key=layout.preview_key(folder, SMALL),
        stored_at=utc_now(),
    )
