"""**Photos**: the proofs that clients see and order."""

from starlette.requests import Request
from starlette.responses import Response

from services.gateway.guard import Ours, Studio
from services.gateway.reads import galleries
from services.gateway.web.rendering import render
from services.gateway.web.routing import studio_pages

routes = studio_pages()


@routes.get("/galleries/{gallery_id}/photos")
async def show(http: Request, studio: Studio, ours: Ours) -> Response:
    """The contact sheet."""
    gallery = await galleries.one(ours.db, ours.signer, studio.owned_gallery)
    return render(http, "photos/page.html", gallery=gallery, tab="photos")
