"""**Photos to download** for everybody with the gallery's link, where the photographer lets them (S3, second box)."""

from starlette.requests import Request
from starlette.responses import Response

from services.gateway import offers
from services.gateway.guard import Ours
from services.gateway.reads import downloads
from services.gateway.routes.public import Gallery
from services.gateway.web.gallery.frame import base_of, render_public
from services.gateway.web.routing import public_pages

routes = public_pages()


@routes.get("/downloads")
async def show(http: Request, gallery: Gallery, ours: Ours) -> Response:
    """Every finished photo, singly and all in one ZIP."""
    offers.check_anyone(gallery.settings.download_policy, gallery.settings.locale)
    files = await downloads.of_gallery(ours.db, gallery.id)
    return render_public(
        http,
        gallery,
        "anyone/page.html",
        tab="downloads",
        size=sum(file.size for file in files),
        **offers.shown(files, base_of(http)),
    )
