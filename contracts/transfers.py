"""Messages of the transfers service: the files of both tabs."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from contracts.base import MOST, PERSONAL, Command, Event, Frozen, Refused
from contracts.names import Filename, KnownFilename, MatchKey


class Tab(StrEnum):
    """Where a file goes: **Photos** (proofs) or **Photo transfer** (finals) (S1)."""

    PHOTOS = "photos"
    TRANSFERS = "transfers"


class UploadedPart(Frozen):
    """One part of a multipart upload, as the store confirmed it."""

    number: int = Field(ge=1, le=10_000)
    etag: str


class Multipart(Frozen):
    """The store's id of a multipart upload, and its parts."""

    id: str
    parts: tuple[UploadedPart, ...]


class StoredFile(Frozen):
    """What every stored file has: a name, what it is matched by, and where its bytes are."""

    gallery_id: UUID
    upload_id: UUID
    filename: KnownFilename
    match_key: MatchKey
    size: int
    """Bytes."""
    crc32: int
    sha256: str
    """Hex."""
    object_key: str
    content_type: str
    width: int
    """Pixels, as shown (orientation applied)."""
    height: int
    preview_small_key: str
    """Object key of the 400 px preview."""
    stored_at: datetime


class Photo(StoredFile):
    """A proof: what clients see and order. It never changes."""

    id: UUID
    preview_large_key: str
    """Object key of the 1600 px preview."""


class Final(StoredFile):
    """A finished file as of `version`: what clients receive. A new version keeps the id."""

    id: UUID
    version: int = Field(ge=1)


def watermark_key(gallery_id: UUID) -> str:
    """Where a gallery's own picture for the watermark is in the store: a PNG."""
    return f"galleries/{gallery_id}/watermark.png"


class RegisterUpload(Command):
    """The bytes of one upload are in the store at `object_key`: check them and take them in."""

    topic: ClassVar[str] = "transfers.register_upload.v1"

    upload_id: UUID
    gallery_id: UUID
    tab: Tab
    filename: Filename
    size: int
    """Bytes, as announced when the slot was asked for."""
    object_key: str
    multipart: Multipart | None = None
    watermark: Annotated[str, PERSONAL] | None = None
    watermark_image: bool = False


class DiscardedUpload(Frozen):
    """An upload slot that was never completed."""

    object_key: str
    multipart_id: str | None = None


class DiscardUploads(Command):
    """Sweep what was put into slots that nobody completed."""

    topic: ClassVar[str] = "transfers.discard_uploads.v1"

    uploads: tuple[DiscardedUpload, ...] = Field(max_length=MOST)


class RemoveTransfer(Command):
    """Remove a final."""

    topic: ClassVar[str] = "transfers.remove_transfer.v1"

    transfer_id: UUID
    gallery_id: UUID


class PhotoUploaded(Event):
    """A proof is checked, stored and has its previews."""

    topic: ClassVar[str] = "transfers.photo_uploaded.v1"

    photo: Photo

    @property
    def about_gallery(self) -> UUID:
        return self.photo.gallery_id


class TransferUploaded(Event):
    """A final, or a new version of one, is checked and stored."""

    topic: ClassVar[str] = "transfers.transfer_uploaded.v1"

    transfer: Final

    @property
    def about_gallery(self) -> UUID:
        return self.transfer.gallery_id


class TransferRemoved(Event):
    """A final is gone. Its id never comes back."""

    topic: ClassVar[str] = "transfers.transfer_removed.v1"

    transfer_id: UUID
    gallery_id: UUID


class UploadRejected(Event):
    """An uploaded file was not taken in; `reason` is a sentence for the photographer."""

    topic: ClassVar[str] = "transfers.upload_rejected.v1"

    upload_id: UUID
    gallery_id: UUID
    tab: Tab
    filename: KnownFilename
    code: str
    reason: Annotated[str, PERSONAL]


class TransferRefused(Refused):
    """A final that transfers will not remove, because there is none of this id."""

    topic: ClassVar[str] = "transfers.transfer_refused.v1"

    transfer_id: UUID
