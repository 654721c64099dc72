"""**Settings** of a gallery."""

from itertools import zip_longest
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from contracts.orders import Bundle
from contracts.prices import cheapest_total
from contracts.transfers import watermark_key
from services.gateway.errors import Problem
from services.gateway.guard import Ours, Studio
from services.gateway.reads import galleries as reads
from services.gateway.routes import galleries, watermark
from services.gateway.routes.schemas import GalleryChanges
from services.gateway.state import Gateway
from services.gateway.web.deletions.page import put_note
from services.gateway.web.forms import Form, posted
from services.gateway.web.rendering import render
from services.gateway.web.routing import studio_pages
from services.gateway.web.settings.reading import shown_settings, typed_settings
from services.gateway.web.waiting.page import settled

routes = studio_pages()

EMPTY_ROWS = 2
"""More rows of the price list than are filled in."""


@routes.get("/galleries/{gallery_id}/settings")
async def show(gallery_id: UUID, http: Request, _: Studio, ours: Ours) -> Response:
    """All that the photographer decides about a gallery."""
    return await _page(http, ours, gallery_id)


@routes.post("/galleries/{gallery_id}/settings")
async def change(gallery_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Save what was changed in the form, and nothing else: somebody else may be changing the rest."""
    form, gallery = await posted(http), await reads.one(ours.db, ours.signer, gallery_id)
    with form:
        typed = typed_settings(form.data, ZoneInfo(ours.settings.time_zone))
        changes = GalleryChanges(**{name: value for name, value in typed.items() if value != gallery[name]})
        written = await galleries.change_gallery(gallery_id, changes, http, studio, ours)
        return settled(http, written, f"/galleries/{gallery_id}/settings?saved=yes")
    return await _page(http, ours, gallery_id, form)


@routes.post("/galleries/{gallery_id}/settings/example")
async def show_example(gallery_id: UUID, http: Request, ours: Ours) -> Response:
    """What clients would pay by the prices in the form."""
    form = await posted(http)
    with form:
        typed = typed_settings(form.data, ZoneInfo(ours.settings.time_zone))
        return render(http, "settings/example.html", examples=_examples(typed), currency=typed["currency"])
    return render(http, "settings/example.html", examples=[], currency="")


@routes.post("/galleries/{gallery_id}/settings/watermark")
async def change_watermark(gallery_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Take a picture as the watermark, or none."""
    form, here = await posted(http), f"/galleries/{gallery_id}/settings?saved=yes"
    with form:
        picture = form.data.get("picture")
        if isinstance(picture, UploadFile) and picture.size:
            written = await watermark.put_watermark(gallery_id, await picture.read(), http, studio, ours)
        else:
            written = await watermark.delete_watermark(gallery_id, http, studio, ours)
        return settled(http, written, here)
    return await _page(http, ours, gallery_id, form)


@routes.post("/galleries/{gallery_id}/delete")
async def delete(gallery_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Delete a gallery for good, when its name is typed."""
    form, gallery = await posted(http), await reads.one(ours.db, ours.signer, gallery_id)
    with form:
        if form.values["confirm"].strip() != gallery["name"]:
            raise Problem(422, "other-name", "This is not the gallery's name.", field="confirm")
        written = await galleries.delete_gallery(gallery_id, http, studio, ours)
        answer = settled(http, written, "/galleries")
        return put_note(answer, gallery_id, gallery["name"], ours.settings.public_url)
    return await _page(http, ours, gallery_id, form)


def _examples(settings: dict[str, Any]) -> list[tuple[int, int]]:
    """(photos, price): one photo, each bundle, and one more than the largest."""
    bundles = [Bundle(**bundle) for bundle in settings["bundles"]]
    largest = max((bundle.photos for bundle in bundles), default=1)
    sizes = sorted({1, *(bundle.photos for bundle in bundles), largest + 1})
    return [(photos, cheapest_total(photos, settings["price_per_photo"], bundles)) for photos in sizes[:6]]


async def _page(http: Request, ours: Gateway, gallery_id: UUID, form: Form | None = None) -> Response:
    gallery = await reads.one(ours.db, ours.signer, gallery_id)
    return render(
        http,
        "settings/page.html",
        422 if form else 200,
        gallery=gallery,
        tab="settings",
        shown=shown_settings(gallery, ZoneInfo(ours.settings.time_zone)),
        form=form or Form(http.state.caller.locale),
        bundle_rows=_bundle_rows(gallery, form),
        examples=_examples(gallery),
        mark=ours.signer.preview(watermark_key(gallery_id)) if gallery["watermark_image"] else None,
        saved="saved" in http.query_params,
    )


def _bundle_rows(gallery: dict[str, Any], form: Form | None) -> list[tuple[str, str]]:
    """(photos, price) of each row as it was typed, or as it is, and empty ones to fill in."""
    if form and "bundle_photos" in form.data:
        photos, prices = (map(str, form.data.getlist(name)) for name in ("bundle_photos", "bundle_price"))
        return list(zip_longest(photos, prices, fillvalue=""))
    shown = shown_settings(gallery, ZoneInfo("UTC"))["bundles"]
    return [(str(bundle["photos"]), bundle["price"]) for bundle in shown] + [("", "")] * EMPTY_ROWS
