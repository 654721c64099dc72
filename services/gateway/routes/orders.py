"""**Client orders**: what a studio does with them."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chassis import erasure, outbox
from chassis.db import Tx
from contracts.orders import (
    CancelOrder,
    CorrectClient,
    EraseClient,
    MarkOrdersPaid,
    OrderCommand,
    RefundOrder,
    RotateLink,
)
from services.gateway import writes
from services.gateway.auth import Caller
from services.gateway.errors import client_erased, not_found
from services.gateway.guard import Ours, Studio, studio_router
from services.gateway.reads import bank_lines as bank_lines_read
from services.gateway.reads import orders
from services.gateway.reads.paging import Cursor, Limit
from services.gateway.routes.schemas import Erasure, OrderChanges, PaidOrders
from services.gateway.state import Gateway
from services.gateway.view import bank_lines
from services.gateway.view.requests import Request as Asked
from services.gateway.writes import Alongside, Write

routes = studio_router("orders")

Status = Annotated[Literal["placed", "paid", "refunded", "cancelled"] | None, Query()]


@routes.get("/galleries/{gallery_id}/orders")
async def list_orders(
    gallery_id: UUID,
    _: Studio,
    ours: Ours,
    status: Status = None,
    ready: bool | None = None,
    notified: bool | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> dict[str, object]:
    """A gallery's orders by number."""
    return await orders.of_gallery(
        ours.db, ours.signer, gallery_id, status=status, ready=ready, notified=notified, cursor=cursor, limit=limit
    )


@routes.get("/orders/{order_id}")
async def read_order(order_id: UUID, _: Studio, ours: Ours) -> dict[str, object]:
    """One order with its timeline. Of an erased client, lines are neither `waiting` nor `ready`, but `none`."""
    return await _order(ours, order_id)


@routes.post("/orders/{order_id}/mark-paid")
async def mark_paid(order_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """The money is here (S4). On a paid order it changes nothing."""
    gallery_id = studio.owned_gallery
    write = Write(
        action="order",
        subject=str(order_id),
        command=lambda: MarkOrdersPaid(gallery_id=gallery_id, order_ids=(order_id,)),
        gallery_id=gallery_id,
    )
    return await writes.do(ours, http, str(studio.studio_id), write)


@routes.post("/galleries/{gallery_id}/orders/mark-paid")
async def mark_many_paid(gallery_id: UUID, body: PaidOrders, http: Request, studio: Studio, ours: Ours) -> Response:
    """The money for many orders is here; answers for each. `lines` of a bank's statement pay once.

    An order that is paid otherwise meanwhile, or cancelled, is answered with a `problem`: the money of its line is
    among the payments to look at, from provider `bank`.
    """
    order_ids = tuple(dict.fromkeys(body.order_ids))
    write = Write(
        action="orders_marked",
        subject=[str(order_id) for order_id in order_ids],
        command=lambda: MarkOrdersPaid(gallery_id=gallery_id, order_ids=order_ids),
        gallery_id=gallery_id,
        answers=len(order_ids),
        alongside=lambda tx, asked: bank_lines.use(tx, studio.studio_id, gallery_id, asked, body.by_line),
    )
    return await writes.do(ours, http, str(studio.studio_id), write)


@routes.post("/orders/{order_id}/cancel")
async def cancel(order_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Call an order off; a paid one loses its downloads."""
    return await _change(CancelOrder, order_id, http, studio, ours)


@routes.post("/orders/{order_id}/refund")
async def refund(order_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """The money went back, and the downloads with it."""
    return await _change(RefundOrder, order_id, http, studio, ours)


@routes.post("/orders/{order_id}/rotate-link")
async def rotate_link(order_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """A new personal link; the old one stops working."""
    return await _change(RotateLink, order_id, http, studio, ours)


@routes.patch("/orders/{order_id}")
async def correct_client(order_id: UUID, body: OrderChanges, http: Request, studio: Studio, ours: Ours) -> Response:
    """Correct what a client mistyped; mails nobody."""
    changes = body.client.model_dump(exclude_unset=True)

    async def unless_erased(tx: Tx, _: UUID) -> None:
        if await erasure.erased(tx, order_id):
            raise client_erased()

    return await _change(CorrectClient, order_id, http, studio, ours, alongside=unless_erased, changes=changes)


@routes.post("/orders/{order_id}/erase")
async def erase_client(order_id: UUID, body: Erasure, http: Request, studio: Studio, ours: Ours) -> Response:
    """Forget who ordered, for good, in every service; number, photos, money and dates stay for the books.

    Whoever has the personal link finds that it is erased. The answer is this order's; the others of `all_of_client`
    follow at once.
    """
    more = {"studio_id": studio.studio_id, "ends_order": body.ends_order}

    async def the_others(tx: Tx, _: UUID) -> None:
        if body.all_of_client:
            rows = await orders.of_same_client(tx, order_id)
            named = ({"order_id": row["id"], "gallery_id": row["gallery_id"]} for row in rows)
            await outbox.emit(tx, *(EraseClient(**each, **more) for each in named))

    return await _change(EraseClient, order_id, http, studio, ours, alongside=the_others, **more)


async def _change(
    command: type[OrderCommand],
    order_id: UUID,
    http: Request,
    studio: Caller,
    ours: Gateway,
    alongside: Alongside | None = None,
    **more: object,
) -> Response:
    gallery_id = studio.owned_gallery
    write = Write(
        action="order",
        subject=str(order_id),
        command=lambda: command(order_id=order_id, gallery_id=gallery_id, **more),
        gallery_id=gallery_id,
        alongside=alongside,
    )
    return await writes.do(ours, http, str(studio.studio_id), write)


@writes.answers("order")
async def _changed(ours: Gateway, asked: Asked) -> Response:
    writes.refuse(asked)
    return JSONResponse(await _order(ours, UUID(asked.subject)))


@writes.answers("orders_marked")
async def _marked(ours: Gateway, asked: Asked) -> Response:
    """Each order's state, or why it could not be paid; and the `problem` of the line that it was to be paid by."""
    statuses = await orders.statuses(ours.db, [UUID(order_id) for order_id in asked.subject])
    problems = await bank_lines_read.problems(ours.db, asked.id)
    errors = {str(refusal.subject_id): {"error": refusal.detail, "code": refusal.code} for refusal in asked.refusals}

    def item(order_id: str) -> dict[str, object]:
        shown = errors.get(order_id) or {"status": statuses[UUID(order_id)]}
        problem = problems.get(UUID(order_id))
        return {"order_id": order_id, **shown, **({"problem": problem} if problem else {})}

    return JSONResponse({"items": [item(order_id) for order_id in asked.subject]})


async def _order(ours: Gateway, order_id: UUID) -> dict[str, object]:
    order = await orders.one(ours.db, ours.signer, order_id)
    if order is None:
        raise not_found("order")
    return order
