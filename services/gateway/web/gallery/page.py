"""A gallery behind its public link."""

from starlette.requests import Request
from starlette.responses import Response

from services.gateway.routes.public import Gallery
from services.gateway.web.rendering import render
from services.gateway.web.routing import public_pages

routes = public_pages()


@routes.head("")
@routes.get("")
async def show(http: Request, gallery: Gallery) -> Response:
    """The photos to choose from."""
    return render(http, "gallery/page.html", gallery=gallery, studio=gallery.studio.name)
