"""**Photos to download**: what is behind an order's personal link (S6)."""

from starlette.requests import Request
from starlette.responses import Response

from services.gateway import history
from services.gateway.guard import Order, Ours
from services.gateway.routes.client import page_of, shown
from services.gateway.web.rendering import render
from services.gateway.web.routing import client_pages

routes = client_pages()


@routes.head("")
@routes.get("")
async def show(http: Request, ours: Ours, order: Order) -> Response:
    """The finished photos. That the page was shown goes into the order's timeline, not that it was asked for."""
    page = render(http, "downloads/page.html", studio=order.gallery, **await shown(ours, order, page_of(order)))
    if http.method == "GET":
        await history.opened(ours, order)
    return page
