"""The order form: what was chosen, what it costs, who orders."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import Response

from chassis.db import Tx
from services.gateway import auth, writes
from services.gateway.errors import Problem
from services.gateway.guard import Ours
from services.gateway.reads import baskets as reads
from services.gateway.reads.galleries import PublicGallery, is_open
from services.gateway.routes import public
from services.gateway.routes.public import Gallery
from services.gateway.routes.schemas import NewClient, NewOrder
from services.gateway.view import baskets
from services.gateway.web.forms import Form, posted
from services.gateway.web.gallery.frame import base_of, render_public
from services.gateway.web.gallery.tiles import Tile, tiles
from services.gateway.web.ordering.basket import Offer, digest_of, offer
from services.gateway.web.rendering import go
from services.gateway.web.routing import public_pages
from services.gateway.web.waiting.page import settled

routes = public_pages()


@routes.get("/order")
async def show(http: Request, gallery: Gallery, ours: Ours) -> Response:
    """The form; while an order of this basket is still under way, that order. After the deadline, the photos."""
    if not is_open(gallery.settings, datetime.now(UTC)):
        return go(http, base_of(http))
    if under_way := await reads.ordered_by(ours.db, gallery.id, digest_of(http, gallery.id)):
        return settled(http, writes.come_back(under_way), _status_page(http))
    return await _form(http, gallery, ours, Form(gallery.settings.locale), 200)


@routes.post("/order")
async def order(http: Request, gallery: Gallery, ours: Ours) -> Response:
    """Order what is in the basket, once however often the form is sent, and go to the order."""
    auth.check_origin(http, ours.settings.public_url)
    form = await posted(http)
    if sent := await _sent_before(http, ours, gallery, form):
        return settled(http, sent, _status_page(http))
    with form:
        try:
            return settled(http, await _order(http, gallery, ours, form), _status_page(http))
        except Problem as problem:
            if problem.code == "in-progress" and (sent := await _under_way(http, gallery, ours, form)):
                return settled(http, sent, _status_page(http))
            raise
    return await _form(http, gallery, ours, form, 422)


async def _sent_before(http: Request, ours: Ours, gallery: PublicGallery, form: Form) -> Response | None:
    """What became of this very form when it was sent before, unless it was refused."""
    request = await writes.sent_before(ours, public.orderers(gallery.id), _key(form, digest_of(http, gallery.id)))
    return await writes.answer_of(ours, request) if request and not request.refusals else None


async def _under_way(http: Request, gallery: PublicGallery, ours: Ours, form: Form) -> Response | None:
    """What this form, or the same basket in another tab, is ordering just now."""
    if sent := await _sent_before(http, ours, gallery, form):
        return sent
    request_id = await reads.ordered_by(ours.db, gallery.id, digest_of(http, gallery.id))
    return writes.come_back(request_id) if request_id else None


async def _order(http: Request, gallery: PublicGallery, ours: Ours, form: Form) -> Response:
    digest = digest_of(http, gallery.id)
    photos = tiles(await reads.chosen(ours.db, gallery.id, digest))
    agreed = offer(gallery.settings, len(photos))
    client = NewClient(**{name: form.values.get(name, "") for name in ("name", "email", "phone", "note")})
    if photos and form.values.get("seen") != _seen(photos, agreed):
        raise Problem(409, "choice-changed", "The choice or the price has changed; look at it once more, then order.")

    async def alongside(tx: Tx, request_id: UUID) -> None:
        if photos and not await baskets.order(tx, gallery.id, digest, request_id):
            raise Problem(409, "in-progress", "An order of these photos is in progress; wait for its answer.")

    body = NewOrder(client=client, photo_ids=tuple(UUID(photo.id) for photo in photos))
    return await public.order(
        ours, http, gallery, body, agreed=agreed.total, key=_key(form, digest), alongside=alongside
    )


async def _form(http: Request, gallery: PublicGallery, ours: Ours, form: Form, status: int) -> Response:
    photos = tiles(await reads.chosen(ours.db, gallery.id, digest_of(http, gallery.id)))
    basket = offer(gallery.settings, len(photos))
    return render_public(
        http,
        gallery,
        "ordering/page.html",
        status,
        form=form,
        photos=photos,
        basket=basket,
        seen=_seen(photos, basket),
        key=uuid4(),
    )


def _seen(photos: list[Tile], basket: Offer) -> str:
    """What stands in the form for all that the client was shown: these photos at this price."""
    shown = [sorted(photo.id for photo in photos), basket.total.amount, basket.total.currency]
    return sha256(json.dumps(shown).encode()).hexdigest()


def _key(form: Form, basket: bytes) -> str:
    """The form's idempotency key, of this basket alone; a form without one is a form of its own."""
    try:
        key = UUID(form.values.get("key", ""))
    except ValueError:
        key = uuid4()
    return f"{basket.hex()}:{key}"


def _status_page(http: Request) -> str:
    return f"{base_of(http)}/orders/{{id}}"
