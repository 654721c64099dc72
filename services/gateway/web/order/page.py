"""The page of one order, and what is done to it there and in **Client orders**."""

from typing import Any, Literal
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from contracts.base import utc_now
from services.gateway.auth import Caller
from services.gateway.errors import not_found
from services.gateway.guard import Ours, Studio
from services.gateway.reads import galleries, order_pictures, payments
from services.gateway.reads import orders as reads
from services.gateway.routes import notifications, orders
from services.gateway.routes.schemas import ClientChanges, Erasure, OrderChanges
from services.gateway.state import Gateway
from services.gateway.web.forms import Form, posted
from services.gateway.web.order.actions import Shown, with_actions
from services.gateway.web.rendering import done, render
from services.gateway.web.routing import studio_pages
from services.gateway.web.waiting.page import acted

routes = studio_pages()

Asked = Literal["cancel", "refund", "rotate-link", "client", "erase"]
DIALOGS = {"client": "order/client.html", "erase": "order/erase.html"}
"""Of actions that do not only ask."""
DONE = {
    "mark-paid": orders.mark_paid,
    "cancel": orders.cancel,
    "refund": orders.refund,
    "rotate-link": orders.rotate_link,
}
"""By the name of the action."""


@routes.get("/orders/{order_id}")
async def show_order(order_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """The order with its pictures, its link, its mail and all that has happened to it."""
    return render(http, "order/page.html", tab="orders", printed_at=utc_now(), **await _shown(ours, studio, order_id))


@routes.get("/orders/{order_id}/ask/{action}")
async def ask(order_id: UUID, action: Asked, http: Request, studio: Studio, ours: Ours) -> Response:
    """A dialog that says what an action will do, or that takes corrections of the client's data."""
    order = await _order(ours, order_id)
    template = DIALOGS.get(action, "order/ask.html")
    others = await reads.of_same_client(ours.db.pool, order_id) if action == "erase" else []
    return render(http, template, order=order, action=action, form=Form(studio.locale), others=others)


@routes.post("/orders/{order_id}/client")
async def correct_client(order_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Correct what the client mistyped."""
    form = await posted(http)
    with form:
        changes = OrderChanges(client=ClientChanges(**form.values))
        written = await orders.correct_client(order_id, changes, http, studio, ours)
        return acted(http, written, _page_of(order_id))
    return render(http, "order/client.html", 422, order=await _order(ours, order_id), form=form)


@routes.post("/orders/{order_id}/erase")
async def erase_client(order_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Erase who ordered: the dialog has said what that ends."""
    all_of_client = "all_of_client" in (await posted(http)).values
    erasure = Erasure(ends_order=True, all_of_client=all_of_client)
    return acted(http, await orders.erase_client(order_id, erasure, http, studio, ours), _page_of(order_id))


@routes.post("/orders/{order_id}/notification")
async def send(order_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Mail the client, on purpose."""
    await notifications.send_again(order_id, http, studio, ours)
    return done(http, _page_of(order_id))


@routes.post("/orders/{order_id}/{action}")
async def act(
    order_id: UUID,
    action: Literal["mark-paid", "cancel", "refund", "rotate-link"],
    http: Request,
    studio: Studio,
    ours: Ours,
) -> Response:
    """Do it; refusals are shown as any other."""
    return acted(http, await DONE[action](order_id, http, studio, ours), _page_of(order_id))


async def _shown(ours: Gateway, studio: Caller, order_id: UUID) -> dict[str, Any]:
    gallery = await galleries.one(ours.db, ours.signer, studio.owned_gallery)
    pictures = await order_pictures.of_order(ours.db, order_id)
    order = await _order(ours, order_id)
    files = {
        "ordered": len(pictures),
        "here": sum(bool(picture["finals"]) for picture in pictures),
        "granted": any(line["state"] == "ready" for line in order["lines"]),
    }
    return {
        "order": with_actions(order | {"files": files}, gallery),
        "gallery": gallery,
        "pictures": pictures,
        "payments": await payments.of_order(ours.db, studio.studio_id, order_id),
    }


async def _order(ours: Gateway, order_id: UUID) -> Shown:
    order = await reads.one(ours.db, ours.signer, order_id)
    if order is None:
        raise not_found("order")
    return order


def _page_of(order_id: UUID) -> str:
    return f"/orders/{order_id}"
