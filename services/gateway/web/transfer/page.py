"""**Photo transfer**: finals beside their proofs, those that match none, and *Notify clients*."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from mails.writing import Kind, Words
from services.gateway.errors import Problem
from services.gateway.guard import Ours, Studio
from services.gateway.mail_drafts import draft
from services.gateway.reads import galleries, transfer_pairs, unmatched
from services.gateway.reads import notifications as reads
from services.gateway.reads.transfer_pairs import Filter
from services.gateway.routes import files, notifications
from services.gateway.routes.schemas import MatchedPhoto
from services.gateway.state import Gateway
from services.gateway.web.forms import posted
from services.gateway.web.rendering import done, render
from services.gateway.web.routing import studio_pages
from services.gateway.web.searching import Sought
from services.gateway.web.waiting.page import acted

routes = studio_pages()

MOST_ORDERS = 20
"""In each list of the pre-flight; the others are in **Client orders**."""
MOST_UNMATCHED = 20
MOST_BY_HAND = 3
"""Shown beside the unmatched, so that a slip can be undone at once; all are among the pairs."""
MOST_FOUND = 6

Page = Annotated[int, Query(ge=1, le=1_000_000)]


@routes.get("/galleries/{gallery_id}/transfer")
async def show(
    http: Request, studio: Studio, ours: Ours, show: Filter = "all", q: Sought = "", page: Page = 1
) -> Response:
    """The finals that a filter (`show`) and a search (`q`) find, what is unmatched, and who can be mailed."""
    gallery_id = studio.owned_gallery
    gallery = await galleries.one(ours.db, ours.signer, gallery_id)
    preflight = await reads.preflight(ours.db, gallery_id, MOST_ORDERS)
    return render(
        http,
        "transfer/page.html",
        gallery=gallery,
        tab="transfer",
        show=show,
        q=q,
        finals=await transfer_pairs.of_gallery(ours.db, gallery_id, show, q.strip(), page),
        unmatched=await unmatched.of_gallery(ours.db, gallery_id, MOST_UNMATCHED, MOST_BY_HAND),
        preflight=preflight,
        mail=await _first_mail(ours, preflight),
    )


async def _first_mail(ours: Gateway, preflight: reads.Preflight) -> Words | None:
    """The first of the mails that would go out now."""
    orders = preflight.will_email.orders
    return await draft(ours, Kind.READY, UUID(orders[0]["id"])) if orders else None


@routes.post("/galleries/{gallery_id}/transfer/notify")
async def notify(http: Request, studio: Studio, ours: Ours) -> Response:
    """Mail everybody whose order is paid and ready (S5)."""
    gallery_id = studio.owned_gallery
    await notifications.notify_clients(gallery_id, http, studio, ours)
    return done(http, _page_of(gallery_id))


@routes.get("/transfers/{transfer_id}/photos")
async def find_photos(transfer_id: UUID, http: Request, studio: Studio, ours: Ours, q: Sought = "") -> Response:
    """Photos to choose from by hand, for a final."""
    found = await unmatched.photos_named(ours.db, studio.owned_gallery, q.strip(), MOST_FOUND)
    return render(http, "transfer/found.html", transfer_id=transfer_id, photos=found, q=q)


@routes.post("/transfers/{transfer_id}/match")
async def match(transfer_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """The final belongs to the chosen photo."""
    form = await posted(http)
    with form:
        chosen = MatchedPhoto(photo_id=form.values.get("photo_id"))
        written = await files.confirm_match(transfer_id, chosen, http, studio, ours)
        return acted(http, written, _page_of(studio.owned_gallery))
    raise Problem(422, "photo-gone", "This photo is no longer in the gallery; choose another one.")


@routes.post("/transfers/{transfer_id}/unmatch")
async def unmatch(transfer_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Undo a match by hand."""
    written = await files.withdraw_match(transfer_id, http, studio, ours)
    return acted(http, written, _page_of(studio.owned_gallery))


@routes.post("/transfers/{transfer_id}/remove")
async def remove(transfer_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Remove a final; those who could download it no longer can."""
    written = await files.remove_transfer(transfer_id, http, studio, ours)
    return acted(http, written, _page_of(studio.owned_gallery))


def _page_of(gallery_id: UUID) -> str:
    return f"/galleries/{gallery_id}/transfer"
