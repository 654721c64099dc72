"""The public link: one for all clients of a gallery. They look, choose and order here; finals are elsewhere (S6)."""

import hmac
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chassis.links import token_digest
from contracts.base import Money, uuid7
from contracts.orders import Client, OrderLine, PlaceOrder
from services.gateway import auth, cookies, writes
from services.gateway.errors import Problem, not_found
from services.gateway.guard import Ours, PublicRoute, access_cookie, check_pass, link_erased, path_id
from services.gateway.payments import receipts
from services.gateway.reads import galleries, orders, photos
from services.gateway.reads.galleries import PublicGallery
from services.gateway.reads.paging import Cursor, Limit, raw_json
from services.gateway.routes.schemas import AccessCode, NewOrder
from services.gateway.state import Gateway
from services.gateway.view.requests import Request as Asked
from services.gateway.writes import Write

routes = APIRouter(prefix="/api/v1/g/{public_token}", tags=["public link"], route_class=PublicRoute)
listing = APIRouter(prefix="/api/v1/g/{public_token}", tags=["public link"])


async def _gallery(request: Request) -> PublicGallery:
    gallery: PublicGallery = request.state.gallery
    return gallery


Gallery = Annotated[PublicGallery, Depends(_gallery)]


@routes.post("/access")
async def access(public_token: str, body: AccessCode, http: Request, gallery: Gallery, ours: Ours) -> Response:
    """Exchange the access code for a pass, as a cookie and for the header `Photoferry-Access`.

    An `Idempotency-Key` has no effect here: the same code gives the same pass.
    """
    subject = f"code:{gallery.id}:{auth.address_of(http)}"
    if ours.settings.rate_limits == "on":
        await auth.count_try(ours.db, subject)
    code = gallery.settings.access_code or ""
    if not hmac.compare_digest(code.encode(), body.code.strip().encode()):
        raise Problem(403, "wrong-access-code", "This is not the code; ask the photographer for it.", field="code")
    await auth.forget_tries(ours.db, subject)
    issued = ours.signer.access_pass(gallery.id, code)
    response = JSONResponse({"access": issued})
    cookies.put(response, access_cookie(gallery.id), issued, ours.settings.public_url, auth.SESSION_VALID)
    return response


@routes.get("")
async def read(gallery: Gallery) -> dict[str, object]:
    """What a client needs to know of the gallery."""
    settings = gallery.settings
    return {
        "name": settings.name,
        "welcome": settings.welcome,
        "currency": settings.currency,
        "price_per_photo": settings.price_per_photo,
        "bundles": settings.bundles,
        "policy": settings.download_policy,
        "open": galleries.is_open(settings, datetime.now(UTC)),
        "order_deadline": settings.order_deadline,
        "locale": settings.locale,
        "studio": gallery.studio.name,
    }


@listing.get("/photos")
async def list_photos(public_token: str, http: Request, cursor: Cursor = None, limit: Limit = 100) -> Response:
    """The proofs that clients choose from, by name."""
    ours: Gateway = http.app.state.gateway
    found = await ours.listings.page(token_digest(public_token), cursor, limit)
    if found is None:
        raise not_found("gallery")
    check_pass(http, ours, found.gallery_id, found.access_code)
    return raw_json(found.body)


@routes.post("/orders", status_code=201)
async def place_order(body: NewOrder, http: Request, gallery: Gallery, ours: Ours) -> Response:
    """Order photos. The answer holds no personal link: that comes by mail."""
    return await order(ours, http, gallery, body)


async def order(
    ours: Gateway,
    http: Request,
    gallery: PublicGallery,
    body: NewOrder,
    *,
    agreed: Money | None = None,
    key: str | None = None,
    alongside: writes.Alongside | None = None,
) -> Response:
    """Order photos at the price that the client has `agreed` to; for `key` and `alongside` see `writes.Write`."""
    lines = await _lines(ours, gallery.id, tuple(dict.fromkeys(body.photo_ids)))
    order_id, client = (
        uuid7(),
        Client(**({"locale": gallery.settings.locale} | body.client.model_dump(exclude_unset=True))),
    )
    write = Write(
        action="order_placed",
        subject=str(order_id),
        command=lambda: PlaceOrder(
            order_id=order_id, gallery_id=gallery.id, client=client, lines=lines, agreed_total=agreed
        ),
        gallery_id=gallery.id,
        alongside=alongside,
        key=key,
    )
    return await writes.do(ours, http, orderers(gallery.id), write)


def orderers(gallery_id: UUID) -> str:
    """Whose idempotency keys those of a gallery's clients are."""
    return f"g:{gallery_id}"


@routes.get("/orders/{placed_order_id}")
async def read_placed(placed_order_id: str, gallery: Gallery, ours: Ours) -> dict[str, object]:
    """How a placed order is doing, for who has its unguessable id. Still no personal link."""
    row = await orders.placed(ours.db, path_id(placed_order_id, "order"))
    if row is None or row["gallery_id"] != gallery.id:
        raise not_found("order")
    if row["erased"]:
        raise link_erased()
    return _receipt(ours, row)


async def _lines(ours: Gateway, gallery_id: UUID, photo_ids: tuple[UUID, ...]) -> tuple[OrderLine, ...]:
    """The ordered photos by name. Raises `Problem` 422 naming those that are not there."""
    if not photo_ids:
        raise Problem(422, "empty-order", "Choose at least one photo.", field="photo_ids")
    names = await photos.names_of(ours.db, gallery_id, list(photo_ids))
    if unknown := [str(photo_id) for photo_id in photo_ids if photo_id not in names]:
        detail = f"Not in this gallery: {', '.join(unknown)}; order without it."
        raise Problem(422, "unknown-photo", detail, field="photo_ids")
    return tuple(
        OrderLine(photo_id=photo_id, filename=names[photo_id][0], match_key=names[photo_id][1])
        for photo_id in photo_ids
    )


@writes.answers("order_placed")
async def _placed(ours: Gateway, asked: Asked) -> Response:
    writes.refuse(asked)
    row = await orders.placed(ours.db, UUID(asked.subject))
    if row is None:
        raise not_found("order")
    return JSONResponse(_receipt(ours, row), 201)


def _receipt(ours: Gateway, row: Record) -> dict[str, object]:
    """What a client may know of an order without the personal link."""
    url = f"{ours.signer.public_api_of(row['gallery_id'])}/orders/{row['id']}"
    return {
        "id": str(row["id"]),
        "number": row["number"],
        "total": {"amount": row["amount"], "currency": row["currency"]},
        "status": row["status"],
        "status_url": url,
        "payment": receipts.payment(row, ours.cashier.servers, url),
    }
