"""Galleries of a studio."""

from datetime import datetime, timedelta
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contracts.base import utc_now, uuid7
from contracts.orders import ChangeGallery, DeleteGallery, GallerySettings, OpenGallery
from services.gateway import studios, writes
from services.gateway.errors import Problem
from services.gateway.guard import Ours, Studio, studio_router
from services.gateway.reads import galleries
from services.gateway.reads.paging import Cursor, Limit, after, encode
from services.gateway.routes.schemas import GalleryChanges, NewGallery
from services.gateway.state import Gateway
from services.gateway.view.requests import Request as Asked
from services.gateway.writes import Write

routes = studio_router("galleries")

KEPT_AT_LEAST = timedelta(days=8)
"""So that clients are told a week before their photos are deleted."""
KEPT_AT_MOST = timedelta(days=3_653)
"""A year that is mistyped is no date far away."""


@routes.post("/galleries", status_code=201)
async def open_gallery(body: NewGallery, http: Request, studio: Studio, ours: Ours) -> Response:
    """Open a gallery."""
    check_keeping(body.keep_until)
    card = await studios.card(ours.db, studio.studio_id)
    gallery_id, settings = uuid7(), GallerySettings(**body.model_dump())
    write = Write(
        action="gallery_opened",
        subject=str(gallery_id),
        command=lambda: OpenGallery(gallery_id=gallery_id, studio=card, settings=settings),
        gallery_id=gallery_id,
    )
    return await writes.do(ours, http, str(studio.studio_id), write)


@routes.get("/galleries")
async def list_galleries(studio: Studio, ours: Ours, cursor: Cursor = None, limit: Limit = 100) -> dict[str, object]:
    """A studio's galleries, newest first."""
    items = await galleries.of_studio(ours.db, ours.signer, studio.studio_id, after(cursor, UUID)[0], limit)
    return {"items": items[:limit], "next": encode([items[limit - 1]["id"]]) if len(items) > limit else None}


@routes.get("/galleries/{gallery_id}")
async def read_gallery(gallery_id: UUID, _: Studio, ours: Ours) -> dict[str, object]:
    """One gallery."""
    return await galleries.one(ours.db, ours.signer, gallery_id)


@routes.patch("/galleries/{gallery_id}")
async def change_gallery(gallery_id: UUID, body: GalleryChanges, http: Request, studio: Studio, ours: Ours) -> Response:
    """Change some settings."""
    if body.keep_until:
        check_keeping(body.keep_until, (await galleries.settings_of(ours.db, gallery_id)).keep_until)
    changes = body.model_dump(mode="json", exclude_unset=True)
    write = Write(
        action="gallery_changed",
        subject=str(gallery_id),
        command=lambda: ChangeGallery(gallery_id=gallery_id, changes=changes),
        gallery_id=gallery_id,
    )
    return await writes.do(ours, http, str(studio.studio_id), write)


@routes.delete("/galleries/{gallery_id}", status_code=204)
async def delete_gallery(gallery_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Delete a gallery for good: files, previews, orders, personal data, in every service (rule 9)."""
    write = Write(
        action="gallery_deleted",
        subject=None,
        command=lambda: DeleteGallery(gallery_id=gallery_id),
        gallery_id=gallery_id,
    )
    return await writes.do(ours, http, str(studio.studio_id), write)


def check_keeping(until: datetime | None, before: datetime | None = None) -> None:
    """Raises `Problem` 422 for a date too far away, or so soon that nobody could be told; `before` may stay."""
    if until and until > utc_now() + KEPT_AT_MOST and until != before:
        detail = "Keep the gallery for at most 10 years from now, or leave the date out."
        raise Problem(422, "kept-too-long", detail, field="keep_until")
    if until and until < utc_now() + KEPT_AT_LEAST and (before is None or until < before):
        detail = f"Keep the gallery for at least {KEPT_AT_LEAST.days} days from now: clients are told a week before."
        raise Problem(422, "kept-too-short", detail, field="keep_until")


@writes.answers("gallery_opened")
async def _opened(ours: Gateway, asked: Asked) -> Response:
    return JSONResponse(await galleries.one(ours.db, ours.signer, UUID(asked.subject)), 201)


@writes.answers("gallery_changed")
async def _changed(ours: Gateway, asked: Asked) -> Response:
    writes.refuse(asked)
    return JSONResponse(await galleries.one(ours.db, ours.signer, UUID(asked.subject)))


@writes.answers("gallery_deleted")
async def _deleted(_: Gateway, asked: Asked) -> Response:
    writes.refuse(asked)
    return Response(status_code=204)
