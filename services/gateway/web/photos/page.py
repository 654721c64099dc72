"""**Photos**: the proofs that clients see and order."""

import asyncio
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from services.gateway.errors import Problem
from services.gateway.guard import Ours, Studio, path_id
from services.gateway.reads import galleries, photos
from services.gateway.routes import files
from services.gateway.web.forms import posted
from services.gateway.web.rendering import go, is_partial, render
from services.gateway.web.routing import studio_pages

routes = studio_pages()

SHEET = 120
"""Photos in a sheet: a piece of the contact sheet that is looked up and laid out by itself."""
AT_ONCE = 100
"""Photos whose removal is waited for together."""

First = Annotated[int, Query(ge=0, le=10_000_000)]


@routes.get("/galleries/{gallery_id}/photos")
async def show(http: Request, studio: Studio, ours: Ours) -> Response:
    """The contact sheet: its first sheet; the others come when one gets near them.

    Each sheet has a version, so that scripts know which to look up anew.
    """
    gallery = await galleries.one(ours.db, ours.signer, studio.owned_gallery)
    versions = await photos.sheets(ours.db, studio.owned_gallery, SHEET)
    first = [] if is_partial(http) else await photos.sheet(ours.db, studio.owned_gallery, 0, SHEET)
    return render(http, "photos/page.html", gallery=gallery, tab="photos", versions=versions, first=first, size=SHEET)


@routes.get("/galleries/{gallery_id}/photos/sheet")
async def show_sheet(http: Request, studio: Studio, ours: Ours, first: First = 0) -> Response:
    """The photos of one sheet."""
    shown = await photos.sheet(ours.db, studio.owned_gallery, first, SHEET)
    return render(http, "photos/sheet.html", gallery_id=studio.owned_gallery, photos=shown)


@routes.post("/galleries/{gallery_id}/photos/remove")
async def remove(http: Request, studio: Studio, ours: Ours) -> Response:
    """Remove photos; those that are on orders stay, and are named."""
    ids = [path_id(str(value), "photo") for value in (await posted(http)).data.getlist("photo_id")]
    names = await photos.names_of(ours.db, studio.owned_gallery, ids)
    became: dict[UUID, int] = {}
    for some in _batches(names):
        statuses = await asyncio.gather(*(_remove(photo_id, http, studio, ours) for photo_id in some))
        became |= dict(zip(some, statuses, strict=True))
    if not is_partial(http):
        return go(http, f"/galleries/{studio.owned_gallery}/photos")
    stay = [names[photo_id][0] for photo_id, status in became.items() if status == 409]
    later = any(status == 202 for status in became.values())
    return render(http, "photos/removed.html", stay=stay, removed=len(became) - len(stay), later=later)


async def _remove(photo_id: UUID, http: Request, studio: Studio, ours: Ours) -> int:
    """The status with which that is answered; one that is gone by now is removed."""
    try:
        return (await files.withdraw_photo(photo_id, http, studio, ours)).status_code
    except Problem as problem:
        if problem.status not in (404, 409):
            raise
        return problem.status


def _batches(photo_ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    left = iter(photo_ids)
    while some := list(islice(left, AT_ONCE)):
        yield some
