"""What stands behind a link for downloading: the list of files, and the archive of some or all of them."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from contracts.orders import DownloadPolicy, Locale
from services.gateway import words
from services.gateway.errors import Problem, not_found
from services.gateway.guard import path_id
from services.gateway.reads import downloads
from services.gateway.reads.downloads import ClientOrder, Download
from services.gateway.rights import closed_by
from services.gateway.state import Gateway
from services.gateway.zip.layout import Layout
from services.gateway.zip.names import safe_name, unique_names
from services.gateway.zip.records import Entry
from services.gateway.zip.response import zip_response


async def of_order(ours: Gateway, order: ClientOrder) -> list[Download]:
    """Every final that an order's personal link gives (S3)."""
    if closed_by(order.policy, order.status):
        return []
    if order.policy is DownloadPolicy.ANYONE:
        return await downloads.of_gallery(ours.db, order.gallery_id)
    return await downloads.of_order(ours.db, order.id)


def shown(files: Sequence[Download], base: str) -> dict[str, Any]:
    """`downloads` and `zip_url`, as the API shows them; `base`: what the files' URLs begin with."""
    names = unique_names(file.filename for file in files)
    return {
        "downloads": [
            {
                "transfer_id": str(file.id),
                "filename": name,
                "size": file.size,
                "preview": file.preview_url,
                "url": f"{base}/files/{file.id}",
            }
            for file, name in zip(files, names, strict=True)
        ],
        "zip_url": f"{base}/photos.zip" if files else None,
    }


async def chosen(
    ours: Gateway, gallery_id: UUID, allowed: Sequence[Download], wanted: str | None, refusal: str
) -> list[Download]:
    """The allowed files of those in `wanted` (`id,id`; all without it). `Problem` 404 and, with `refusal`, 403."""
    ids = None if wanted is None else {path_id(part, "file") for part in wanted.split(",")}
    if ids and not await downloads.all_exist(ours.db, gallery_id, list(ids)):
        raise not_found("file")
    files = [file for file in allowed if ids is None or file.id in ids]
    if not files or (ids and len(files) < len(ids)):
        raise not_allowed(refusal)
    return files


def not_allowed(detail: str) -> Problem:
    """The file is there, and not for who asks; `detail` says why."""
    return Problem(403, "not-allowed", detail)


def check_anyone(policy: DownloadPolicy, locale: Locale) -> None:
    """Raises `Problem` 403 unless a public link gives finals, saying where they are instead (S6)."""
    if policy is not DownloadPolicy.ANYONE:
        raise not_allowed(words.ANYONE_ONLY[locale][policy])


def archive(
    ours: Gateway,
    http: Request,
    name: str,
    files: Sequence[Download],
    begun: Callable[[], Awaitable[None]] | None = None,
) -> Response:
    """The files as a ZIP, or the part of it that is asked for; `begun` is called when its first bytes are there."""
    entries = (Entry(file.filename, file.size, file.crc32, file.object_key, file.stored_at) for file in files)
    filename = safe_name(re.sub(r"[/\\]", "_", f"{name}.zip"))
    return zip_response(http.method, http.headers, Layout.of(entries), filename, ours.objects, begun)
