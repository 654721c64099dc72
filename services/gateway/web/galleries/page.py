"""A studio's galleries."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from services.gateway import cookies
from services.gateway.guard import Ours, Studio
from services.gateway.reads import galleries as reads
from services.gateway.routes import galleries
from services.gateway.routes.schemas import NewGallery
from services.gateway.web.deletions.page import NOTE, note_of
from services.gateway.web.forms import Form, posted
from services.gateway.web.rendering import is_partial, render
from services.gateway.web.routing import studio_pages
from services.gateway.web.searching import Sought
from services.gateway.web.settings.reading import typed_price
from services.gateway.web.waiting.page import settled
from services.gateway.web.wording import words

routes = studio_pages()

Page = Annotated[int, Query(ge=1, le=1_000_000)]
PAGE = 48
"""Galleries."""
SAMPLE_CURRENCY = {"en": "EUR", "pl": "PLN"}


@routes.get("/galleries")
async def show(http: Request, studio: Studio, ours: Ours, q: Sought = "", page: Page = 1) -> Response:
    """A page of the galleries as cards, or of those with `q` in their names; for who has none, how to begin."""
    pages = max(1, -(-await reads.count(ours.db, studio.studio_id, q) // PAGE))
    page = min(page, pages)
    found = await reads.of_studio(ours.db, ours.signer, studio.studio_id, None, PAGE, q, skip=(page - 1) * PAGE)
    public_url = ours.settings.public_url
    deleted = None if is_partial(http) else note_of(http, public_url)
    answer = render(
        http, "galleries/page.html", galleries=found[:PAGE], query=q, page=page, pages=pages, deleted=deleted
    )
    if deleted:
        cookies.drop(answer, NOTE, public_url)
    return answer


@routes.get("/galleries/new")
async def show_new(http: Request, studio: Studio) -> Response:
    """The form for a new gallery: what cannot be guessed, nothing else."""
    return render(http, "galleries/new.html", form=Form(studio.locale))


@routes.post("/galleries")
async def open_gallery(http: Request, studio: Studio, ours: Ours) -> Response:
    """Open a gallery and go to its photos."""
    form = await posted(http)
    with form:
        currency = form.values["currency"].strip().upper()
        price = typed_price(form.values["price_per_photo"], currency, "price_per_photo")
        body = NewGallery(name=form.values["name"], currency=currency, price_per_photo=price, locale=studio.locale)
        return settled(http, await galleries.open_gallery(body, http, studio, ours), "/galleries/{id}/photos")
    return render(http, "galleries/new.html", 422, form=form)


@routes.post("/galleries/sample")
async def open_sample(http: Request, studio: Studio, ours: Ours) -> Response:
    """Open a gallery to try things in; its first page draws photos and uploads them as any others."""
    name = words(studio.locale).gettext("Sample gallery")
    body = NewGallery(name=name, currency=SAMPLE_CURRENCY[studio.locale], price_per_photo=1200, locale=studio.locale)
    return settled(http, await galleries.open_gallery(body, http, studio, ours), "/galleries/{id}/photos?samples=12")
