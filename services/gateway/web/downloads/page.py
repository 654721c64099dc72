"""What is behind an order's personal link: **Photos to download** and **My order** (S6)."""

from starlette.requests import Request
from starlette.responses import Response

from services.gateway import history
from services.gateway.guard import Order, Ours
from services.gateway.routes.client import page_of, shown
from services.gateway.web.rendering import is_partial, render
from services.gateway.web.routing import client_pages

routes = client_pages()


@routes.head("")
@routes.get("")
async def show(http: Request, ours: Ours, order: Order) -> Response:
    """The finished photos. That the page was shown goes into the order's timeline, not that it renewed itself."""
    page = await _page(http, ours, order, "downloads/page.html")
    if http.method == "GET" and not is_partial(http):
        await history.opened(ours, order)
    return page


@routes.get("/mine")
async def show_mine(http: Request, ours: Ours, order: Order) -> Response:
    """What was ordered, and how it is doing."""
    return await _page(http, ours, order, "downloads/mine.html")


async def _page(http: Request, ours: Ours, order: Order, template: str) -> Response:
    base = page_of(order)
    return render(http, template, studio=order.studio, base=base, **await shown(ours, order, base))
