"""The basket: on the server, behind a cookie for each gallery, so that choosing needs neither account nor script."""

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from chassis.links import token_digest
from contracts.base import Money
from contracts.orders import Bundle, GallerySettings
from contracts.prices import bundle_in_reach, cheapest_total
from services.gateway import auth, cookies, writes
from services.gateway.errors import Problem
from services.gateway.guard import Ours, path_id
from services.gateway.reads import baskets as reads
from services.gateway.reads import photos
from services.gateway.routes.public import Gallery
from services.gateway.state import Gateway
from services.gateway.view import baskets
from services.gateway.web.forms import posted
from services.gateway.web.gallery.frame import base_of, render_public
from services.gateway.web.rendering import go, is_partial
from services.gateway.web.routing import public_pages

routes = public_pages()


@dataclass(frozen=True, slots=True)
class Offer:
    """So many photos, what they cost, and the bundle that a few more would make."""

    photos: int
    total: Money
    bundle: Bundle | None

    @property
    def missing(self) -> int:
        """How many photos more the bundle has."""
        return self.bundle.photos - self.photos if self.bundle else 0

    @property
    def bundle_is_free(self) -> bool:
        """Whether the missing photos cost nothing more."""
        return self.bundle is not None and self.bundle.price <= self.total.amount


def offer(settings: GallerySettings, count: int) -> Offer:
    """What `count` photos cost in a gallery."""
    prices = (settings.price_per_photo, settings.bundles)
    total = Money(amount=cheapest_total(count, *prices), currency=settings.currency)
    return Offer(count, total, bundle_in_reach(count, *prices))


def digest_of(http: Request, gallery_id: UUID) -> bytes:
    """What the caller's basket is looked up by; without a cookie it finds none."""
    return token_digest(_sent(http, gallery_id))


@routes.post("/chosen/{photo_id}")
async def choose(http: Request, photo_id: str, gallery: Gallery, ours: Ours, photos: int = 0) -> Response:
    """Put a photo into the basket, or take it out; the page goes on where it was, with `photos` of them shown."""
    auth.check_origin(http, ours.settings.public_url)
    form, photo = await posted(http), path_id(photo_id, "photo")
    wanted, cookie = (
        form.values.get("chosen") == "1",
        _sent(http, gallery.id) or secrets.token_urlsafe(32),
    )
    filename = await _put(ours, gallery.id, token_digest(cookie), photo, wanted)
    if is_partial(http):
        count = await reads.count(ours.db, gallery.id, token_digest(cookie))
        shown: dict[str, Any] = {"photo_id": photo, "filename": filename, "chosen": wanted, "shown": photos}
        page = render_public(http, gallery, "ordering/chosen.html", basket=offer(gallery.settings, count), **shown)
    else:
        page = go(http, f"{base_of(http)}?photos={photos}#p-{photo}")
    public_url = ours.settings.public_url
    cookies.put(page, _cookie(gallery.id), cookie, public_url, baskets.KEPT, quote(base_of(http)))
    return page


async def _put(ours: Ours, gallery_id: UUID, digest: bytes, photo_id: UUID, wanted: bool) -> str:
    """Returns the photo's name. Raises `Problem` 404 when it is not in the gallery."""
    names = await photos.names_of(ours.db, gallery_id, [photo_id])
    if photo_id not in names:
        raise Problem(404, "photo-gone", "This photo is no longer in the gallery.")
    async with ours.db.transaction() as tx:
        await writes.check_gallery(tx, gallery_id)
        await (baskets.choose if wanted else baskets.take_out)(tx, gallery_id, digest, photo_id)
    return names[photo_id][0]


def _sent(http: Request, gallery_id: UUID) -> str:
    ours: Gateway = http.app.state.gateway
    return cookies.read(http, _cookie(gallery_id), ours.settings.public_url, quote(base_of(http)))


def _cookie(gallery_id: UUID) -> str:
    return f"photoferry_basket_{gallery_id.hex}"
