"""Makers of files that transfers would tell of; what a test does not name is made up."""

from typing import Any
from uuid import UUID

from contracts.base import utc_now, uuid7
from contracts.names import match_key
from contracts.transfers import Final, Photo, PhotoUploaded, TransferUploaded


def photo_uploaded(gallery_id: str, filename: str, **given: Any) -> PhotoUploaded:
    """A proof of this name is there."""
    return PhotoUploaded(photo=Photo(**_stored(gallery_id, filename) | {"preview_large_key": "1600.jpg"} | given))


def transfer_uploaded(gallery_id: str, filename: str, **given: Any) -> TransferUploaded:
    """A final of this name is there."""
    return TransferUploaded(transfer=Final(**_stored(gallery_id, filename) | {"version": 1} | given))


def _stored(gallery_id: str, filename: str) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "gallery_id": UUID(gallery_id),
        "upload_id": uuid7(),
        "filename": filename,
        "match_key": match_key(filename),
        "size": 3_000_000,
        "crc32": 1,
        "sha256": "ab" * 32,
        "object_key": f"galleries/{gallery_id}/{uuid7()}",
        "content_type": "image/jpeg",
        "width": 6000,
        "height": 4000,
        "preview_small_key": "400.jpg",
        "stored_at": utc_now(),
    }
