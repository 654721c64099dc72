"""A studio's own picture as the watermark of a gallery's proofs."""

import struct
import zlib
from typing import Annotated
from uuid import UUID

from fastapi import Body
from starlette.requests import Request
from starlette.responses import Response

from contracts.transfers import watermark_key
from services.gateway.errors import Problem
from services.gateway.guard import Ours, Studio, studio_router
from services.gateway.routes.galleries import change_gallery
from services.gateway.routes.schemas import GalleryChanges

routes = studio_router("galleries")

LARGEST = 900_000
"""Bytes."""
WIDEST = 4_000
"""Pixels, either way."""


@routes.put("/galleries/{gallery_id}/watermark")
async def put_watermark(
    gallery_id: UUID,
    picture: Annotated[bytes, Body(media_type="image/png")],
    http: Request,
    studio: Studio,
    ours: Ours,
) -> Response:
    """Burn this PNG into the previews of proofs that are uploaded from now on."""
    _check(picture)
    key = watermark_key(gallery_id)
    await ours.signer.store.put_file(key, picture, "image/png")
    try:
        return await change_gallery(gallery_id, GalleryChanges(watermark_image=True), http, studio, ours)
    except Problem:
        await ours.signer.store.remove([key])  # the gallery is just being deleted, and its files may be gone already
        raise


@routes.delete("/galleries/{gallery_id}/watermark")
async def delete_watermark(gallery_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Burn no picture in any more."""
    return await change_gallery(gallery_id, GalleryChanges(watermark_image=False), http, studio, ours)


def _check(picture: bytes) -> None:
    """Raises `Problem` 422 for what is no whole PNG of a bearable size (PNG specification, 11.2.2)."""
    if len(picture) > LARGEST:
        raise Problem(422, "watermark-too-large", "The picture has over 900 kB; export it smaller.", field="picture")
    if picture[:8] != b"\x89PNG\r\n\x1a\n" or len(picture) < 24:
        raise Problem(422, "no-png", "Choose a PNG picture.", field="picture")
    width, height = struct.unpack(">II", picture[16:24])
    if not (0 < width <= WIDEST and 0 < height <= WIDEST):
        raise Problem(422, "watermark-too-large", "Choose a picture of at most 4,000 by 4,000 pixels.", field="picture")
    if not _is_whole(picture):
        raise Problem(422, "broken-png", "This PNG picture is damaged; export it once more.", field="picture")


def _is_whole(picture: bytes) -> bool:
    """Whether all of a PNG's chunks are there, unharmed, up to its end (PNG specification, 5.3)."""
    at = 8
    while at + 12 <= len(picture):
        size, kind = struct.unpack_from(">I4s", picture, at)
        end = at + 8 + size
        if picture[end : end + 4] != zlib.crc32(picture[at + 4 : end]).to_bytes(4):
            return False
        if kind == b"IEND":
            return True
        at = end + 4
    return False
