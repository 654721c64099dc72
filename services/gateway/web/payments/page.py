"""**Payments to look at**: money that came in and paid nothing, with what can be done about it; and all payments."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from services.gateway.errors import not_found
from services.gateway.guard import Ours, Studio, path_id
from services.gateway.payments import connections
from services.gateway.reads import assignable
from services.gateway.reads import payments as reads
from services.gateway.routes import payments
from services.gateway.routes.schemas import AssignedOrder, Dismissal
from services.gateway.state import Gateway
from services.gateway.web.forms import Form, posted
from services.gateway.web.rendering import render
from services.gateway.web.routing import studio_pages
from services.gateway.web.searching import Sought
from services.gateway.web.waiting.page import acted

routes = studio_pages()

HERE = "/payments"
PAGE = 50


@routes.get("/payments")
async def show_payments(
    http: Request,
    studio: Studio,
    ours: Ours,
    show: Literal["open", "all"] = "open",
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """Those to look at, each with its remedies, or all of them, newest first."""
    problem = True if show == "open" else None
    page = await reads.of_studio(ours.db, studio.studio_id, problem=problem, cursor=cursor, limit=PAGE)
    to_look_at = [UUID(each["id"]) for each in page["items"] if each["problem"] and not each["dismissed"]]
    return render(
        http,
        "payments/page.html",
        payments=page["items"],
        following=page["next"],
        counts=await reads.counts(ours.db, studio.studio_id),
        suggested=await assignable.suggested(ours.db, to_look_at),
        connected=bool(await connections.connected(ours.db, studio.studio_id)),
        show=show,
        cursor=cursor,
    )


@routes.get("/payments/{payment_id}/assign")
async def ask_for_order(payment_id: UUID, http: Request, studio: Studio, ours: Ours, q: Sought = "") -> Response:
    """A dialog to choose the order that a payment pays: the likeliest first, or those that a search finds."""
    return await _assigning(payment_id, http, ours, q)


@routes.post("/payments/{payment_id}/assign")
async def assign(payment_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Let the payment pay the order that was chosen."""
    form = await posted(http)
    body = AssignedOrder(order_id=path_id(form.values["order_id"], "order"))
    return acted(http, await payments.assign(payment_id, body, http, studio, ours), HERE)


@routes.get("/payments/{payment_id}/dismiss")
async def ask_for_reason(payment_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """A dialog that asks why nothing needs to be done about a payment."""
    return await _dismissing(payment_id, http, ours, Form(studio.locale))


@routes.post("/payments/{payment_id}/dismiss")
async def dismiss(payment_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Take the payment off the list."""
    form = await posted(http)
    with form:
        written = await payments.dismiss(payment_id, Dismissal(**form.values), http, studio, ours)
        return acted(http, written, HERE)
    return await _dismissing(payment_id, http, ours, form, 422)


async def _assigning(payment_id: UUID, http: Request, ours: Gateway, q: str) -> Response:
    payment, orders = await _payment(ours, payment_id), await assignable.find(ours.db, payment_id, q.strip())
    return render(http, "payments/assign.html", payment=payment, orders=orders, q=q, most=assignable.AT_MOST)


async def _dismissing(payment_id: UUID, http: Request, ours: Gateway, form: Form, status: int = 200) -> Response:
    return render(http, "payments/dismiss.html", status, payment=await _payment(ours, payment_id), form=form)


async def _payment(ours: Gateway, payment_id: UUID) -> dict[str, object]:
    payment = await reads.one(ours.db, payment_id)
    if payment is None:
        raise not_found("payment")
    return payment
