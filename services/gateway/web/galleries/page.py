"""A studio's galleries."""

from starlette.requests import Request
from starlette.responses import Response

from services.gateway.guard import Ours, Studio
from services.gateway.reads import galleries as reads
from services.gateway.routes import galleries
from services.gateway.routes.schemas import NewGallery
from services.gateway.web.forms import Form, posted
from services.gateway.web.rendering import render
from services.gateway.web.routing import studio_pages
from services.gateway.web.waiting.page import settled

routes = studio_pages()


@routes.get("/galleries")
async def show(http: Request, studio: Studio, ours: Ours) -> Response:
    """Every gallery as a card; for who has none, how to begin."""
    shown = await reads.of_studio(ours.db, ours.signer, studio.studio_id, None, 500)
    return render(http, "galleries/page.html", galleries=shown)


@routes.get("/galleries/new")
async def show_new(http: Request, studio: Studio) -> Response:
    """The form for a new gallery: what cannot be guessed, nothing else."""
    return render(http, "galleries/new.html", form=Form(studio.locale))


@routes.post("/galleries")
async def open_gallery(http: Request, studio: Studio, ours: Ours) -> Response:
    """Open a gallery and go to its photos."""
    form = await posted(http)
    with form:
        body = NewGallery(**form.values, locale=studio.locale)
        return settled(http, await galleries.open_gallery(body, http, studio, ours), "/galleries/{id}/photos")
    return render(http, "galleries/new.html", 422, form=form)
