"""The personal link: **Photos to download** of one order (S6)."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse, RedirectResponse, Response

from services.gateway import auth, cookies, offers, words
from services.gateway.guard import ClientRoute, Order, Ours, order_cookie, order_path
from services.gateway.reads import downloads
from services.gateway.reads.downloads import ClientOrder
from services.gateway.rights import closed_by
from services.gateway.state import Gateway

routes = APIRouter(tags=["personal link"], route_class=ClientRoute)


@routes.get("/api/v1/c/{client_token}")
async def read(client_token: str, ours: Ours, order: Order) -> Response:
    """The order, what can be downloaded, and what is still waiting."""
    return JSONResponse(await shown(ours, order, f"{ours.settings.public_url}/c/{client_token}"))


@routes.head("/c/{client_token}", include_in_schema=False)
@routes.get("/c/{client_token}", status_code=303)
async def enter(client_token: str, ours: Ours, order: Order) -> Response:
    """Exchange the link for a cookie and an address without the secret. Nothing else: mail scanners open links."""
    response, path = RedirectResponse(page_of(order), 303), order_path(str(order.id))
    name, public_url = order_cookie(str(order.id)), ours.settings.public_url
    cookies.put(response, name, client_token, public_url, auth.SESSION_VALID, path)
    return response


def page_of(order: ClientOrder) -> str:
    """Where the page behind an order's personal link is."""
    return order_path(str(order.id))


async def shown(ours: Gateway, order: ClientOrder, base: str) -> dict[str, Any]:
    """The order and its **Photos to download**; `base` is what the files' URLs begin with."""
    closed, files = closed_by(order.policy, order.status), await offers.of_order(ours, order)
    there = {file.photo_id for file in files}
    lines = [
        dict(line) | {"photo_id": str(line["photo_id"]), "state": "ready" if line["photo_id"] in there else "waiting"}
        for line in await downloads.lines_of(ours.db, order.id)
    ]
    return {
        "order": _order(order) | {"lines": lines},
        **offers.shown(files, base),
        "waiting": [] if closed else [line["filename"] for line in lines if line["state"] == "waiting"],
        "reason": words.CLOSED[order.locale][closed] if closed else None,
    }


def _order(order: ClientOrder) -> dict[str, object]:
    return {
        "id": str(order.id),
        "number": order.number,
        "status": order.status,
        "ready": order.ready,
        "total": {"amount": order.amount, "currency": order.currency},
        "client": {"name": order.client},
        "placed_at": order.placed_at.isoformat(),
        "gallery": order.gallery,
        "keep_until": order.keep_until.isoformat() if order.keep_until else None,
        "studio": {"name": order.studio, "email": order.contact},
        "payment_instructions": order.instructions,
    }
