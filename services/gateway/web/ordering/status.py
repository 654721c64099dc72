"""How a placed order is doing: confirmation first, later the way to look it up. No downloads here (S6)."""

from asyncpg import Record
from starlette.requests import Request
from starlette.responses import Response

from contracts.orders import OrderStatus
from services.gateway import auth
from services.gateway.errors import Problem
from services.gateway.guard import Ours
from services.gateway.payments import receipts
from services.gateway.reads import orders
from services.gateway.reads.galleries import PublicGallery
from services.gateway.routes.checkouts import payment_url, placed_in
from services.gateway.routes.public import Gallery
from services.gateway.state import Gateway
from services.gateway.web.explaining import explain
from services.gateway.web.gallery.frame import base_of, render_public
from services.gateway.web.gallery.tiles import tiles
from services.gateway.web.ordering.paying import step_of
from services.gateway.web.rendering import go
from services.gateway.web.routing import public_pages

routes = public_pages()


@routes.get("/orders/{placed_order_id}")
async def show(http: Request, placed_order_id: str, gallery: Gallery, ours: Ours) -> Response:
    """Number, amount, how to pay, what happens next."""
    return await _page(http, gallery, ours, await placed_in(ours, gallery.id, placed_order_id))


@routes.post("/orders/{placed_order_id}/pay")
async def pay(http: Request, placed_order_id: str, gallery: Gallery, ours: Ours) -> Response:
    """To the page of the payment provider; where that cannot be, the order's own page says why."""
    auth.check_origin(http, ours.settings.public_url)
    order = await placed_in(ours, gallery.id, placed_order_id)
    try:
        url = await payment_url(ours, http, order)
    except Problem as problem:
        if problem.status == 409:  # it is paid, or was cancelled: the page says so
            return go(http, f"{base_of(http)}/orders/{order['id']}")
        return await _page(http, gallery, ours, order, problem)
    return render_public(http, gallery, "ordering/leaving.html", url=url)


async def _page(
    http: Request, gallery: PublicGallery, ours: Gateway, order: Record, problem: Problem | None = None
) -> Response:
    return render_public(
        http,
        gallery,
        "ordering/status.html",
        problem.status if problem else 200,
        order=order,
        total={"amount": order["amount"], "currency": order["currency"]},
        photos=tiles(await orders.photos_of(ours.db, order["id"])),
        settled=order["status"] in (OrderStatus.CANCELLED, OrderStatus.REFUNDED) or bool(order["mailed_at"]),
        online=receipts.page_of(order, ours.cashier.servers),
        paying=step_of(order),
        problem=explain(problem, gallery.settings.locale) if problem else None,
    )
