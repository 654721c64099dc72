"""Payments that came in through providers, and what a studio does about those that paid nothing."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contracts.payments import AssignPayment, DismissPayment
from services.gateway import auth, writes
from services.gateway.errors import not_found
from services.gateway.guard import Ours, Studio, studio_router
from services.gateway.reads import payments
from services.gateway.reads.paging import Cursor, Limit
from services.gateway.routes.schemas import AssignedOrder, Dismissal
from services.gateway.state import Gateway
from services.gateway.view.requests import Request as Asked
from services.gateway.writes import Write

routes = studio_router("payments")


@routes.get("/payments")
async def list_payments(
    studio: Studio, ours: Ours, problem: bool | None = None, cursor: Cursor = None, limit: Limit = 100
) -> dict[str, object]:
    """A studio's payments, newest first; `problem=true`: those that have paid nothing and are to be looked at."""
    return await payments.of_studio(ours.db, studio.studio_id, problem=problem, cursor=cursor, limit=limit)


@routes.post("/payments/{payment_id}/assign")
async def assign(payment_id: UUID, body: AssignedOrder, http: Request, studio: Studio, ours: Ours) -> Response:
    """Let a payment pay this order, whatever its amount."""
    order = await auth.owned(ours.db, studio.studio_id, "order_id", body.order_id)
    if order is None:
        raise not_found("order")
    command = AssignPayment(id=payment_id, studio_id=studio.studio_id, order_id=body.order_id, gallery_id=order)
    return await _change(payment_id, command, order, http, studio, ours)


@routes.post("/payments/{payment_id}/dismiss")
async def dismiss(payment_id: UUID, body: Dismissal, http: Request, studio: Studio, ours: Ours) -> Response:
    """Take a payment off the list of problems, and say why nothing needs to be done."""
    gallery = await payments.gallery_of(ours.db, payment_id)
    command = DismissPayment(id=payment_id, studio_id=studio.studio_id, reason=body.reason, gallery_id=gallery)
    return await _change(payment_id, command, gallery, http, studio, ours)


async def _change(
    payment_id: UUID,
    command: AssignPayment | DismissPayment,
    gallery_id: UUID | None,
    http: Request,
    studio: auth.Caller,
    ours: Gateway,
) -> Response:
    write = Write("payment", str(payment_id), lambda: command, gallery_id)
    return await writes.do(ours, http, str(studio.studio_id), write)


@writes.answers("payment")
async def _changed(ours: Gateway, asked: Asked) -> Response:
    writes.refuse(asked)
    payment = await payments.one(ours.db, UUID(asked.subject))
    if payment is None:
        raise not_found("payment")
    return JSONResponse(payment)
