"""A gallery behind its public link: photos to look at and to choose from."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from services.gateway.guard import Ours
from services.gateway.reads import baskets
from services.gateway.routes.public import Gallery
from services.gateway.web.gallery.frame import base_of, render_public
from services.gateway.web.gallery.tiles import tiles
from services.gateway.web.ordering.basket import digest_of, offer
from services.gateway.web.routing import public_pages

routes = public_pages()

PAGE = 60
MOST = 5_000
"""Photos that a page shows at once, for who comes back to where they were."""
Shown = Annotated[int, Query(alias="photos", description="how many photos are shown")]


@routes.head("")
@routes.get("")
async def show(http: Request, gallery: Gallery, ours: Ours, shown: Shown = PAGE) -> Response:
    """Welcome, prices, the first photos, and the basket."""
    shown, digest = max(PAGE, min(shown, MOST)), digest_of(http, gallery.id)
    overview = await baskets.overview(ours.db, gallery.id, digest)
    photos = await baskets.choices(ours.db, gallery.id, digest, None, shown)
    return render_public(
        http,
        gallery,
        "gallery/page.html",
        tab="photos",
        overview=overview,
        basket=offer(gallery.settings, overview.chosen),
        **_listing(photos, shown),
    )


@routes.get("/photos")
async def more(http: Request, gallery: Gallery, ours: Ours, after: str | None = None, shown: Shown = PAGE) -> Response:
    """The photos after those that are shown already. The address of the page remembers how many there are now."""
    photos = await baskets.choices(ours.db, gallery.id, digest_of(http, gallery.id), after, PAGE)
    page = render_public(http, gallery, "gallery/tiles.html", **_listing(photos, shown))
    page.headers["HX-Replace-Url"] = f"{base_of(http)}?photos={shown}"
    return page


def _listing(photos: baskets.Choices, shown: int) -> dict[str, Any]:
    following = quote(photos.next) if photos.next else None
    return {"tiles": tiles(photos.photos), "shown": shown, "following": following, "page": PAGE}
