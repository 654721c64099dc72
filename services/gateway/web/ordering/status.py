"""How a placed order is doing: confirmation first, later the way to look it up. No downloads here (S6)."""

from starlette.requests import Request
from starlette.responses import Response

from contracts.orders import OrderStatus
from services.gateway.errors import not_found
from services.gateway.guard import Ours, path_id
from services.gateway.reads import orders
from services.gateway.routes.public import Gallery
from services.gateway.web.gallery.frame import render_public
from services.gateway.web.gallery.tiles import tiles
from services.gateway.web.routing import public_pages

routes = public_pages()


@routes.get("/orders/{placed_order_id}")
async def show(http: Request, placed_order_id: str, gallery: Gallery, ours: Ours) -> Response:
    """Number, amount, how to pay, what happens next."""
    order = await orders.placed(ours.db, path_id(placed_order_id, "order"))
    if order is None or order["gallery_id"] != gallery.id:
        raise not_found("order")
    photos = tiles(await orders.photos_of(ours.db, order["id"]))
    settled = order["status"] in (OrderStatus.CANCELLED, OrderStatus.REFUNDED) or order["mailed_at"]
    total = {"amount": order["amount"], "currency": order["currency"]}
    return render_public(
        http, gallery, "ordering/status.html", order=order, total=total, photos=photos, settled=bool(settled)
    )
