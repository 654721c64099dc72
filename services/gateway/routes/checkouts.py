"""Where a client goes to pay online."""

from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter
from starlette.requests import Request

from contracts.base import Money, utc_now, uuid7
from services.gateway.errors import not_found
from services.gateway.guard import Ours, PublicRoute, link_erased, path_id
from services.gateway.payments import checkouts, receipts
from services.gateway.payments.providers import Checkout, CheckoutState, Purchase
from services.gateway.reads import orders
from services.gateway.routes.public import Gallery
from services.gateway.state import Gateway

routes = APIRouter(prefix="/api/v1/g/{public_token}", tags=["public link"], route_class=PublicRoute)


@routes.post("/orders/{placed_order_id}/checkout")
async def start(placed_order_id: str, http: Request, gallery: Gallery, ours: Ours) -> dict[str, str]:
    """Start an online payment of an unpaid order: send the client to `url`. It stays the same for hours.

    An `Idempotency-Key` has no effect here.
    """
    order = await placed_in(ours, gallery.id, placed_order_id)
    return {"url": await payment_url(ours, http, order)}


async def placed_in(ours: Gateway, gallery_id: UUID, placed_order_id: str) -> Record:
    """What a client may know of an order of this gallery. Raises `Problem` 404."""
    order = await orders.placed(ours.db, path_id(placed_order_id, "order"))
    if order is None or order["gallery_id"] != gallery_id:
        raise not_found("order")
    if order["erased"]:
        raise link_erased()
    return order


async def payment_url(ours: Gateway, http: Request, order: Record) -> str:
    """The page of a provider on which a client pays an order (a row of `reads.orders.placed`). Raises `Problem`."""
    provider = receipts.check(order, ours.cashier.servers)

    def new() -> Checkout:
        return Checkout(
            id=uuid7(),
            order_id=order["id"],
            gallery_id=order["gallery_id"],
            studio_id=order["studio_id"],
            provider=provider,
            external_id=None,
            url=None,
            money=Money(amount=order["amount"], currency=order["currency"]),
            state=CheckoutState.STARTING,
            started_at=utc_now(),
        )

    def purchase(checkout: Checkout) -> Purchase:
        return Purchase(
            checkout=checkout,
            title=f"{order['gallery']} #{order['number']}",
            email=order["email"],
            locale=order["locale"] or "en",
            back_url=f"{ours.signer.public_url_of(order['gallery_id'])}/orders/{order['id']}",
            webhook_url=f"{ours.signer.public_url}/webhooks/{provider}/{order['studio_id']}",
            client_ip=http.client.host if http.client else "127.0.0.1",
        )

    return await checkouts.url_of(ours.cashier, new, purchase)
