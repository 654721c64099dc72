"""**Client orders**: the orders of a gallery as a table."""

from typing import Annotated, Literal
from uuid import UUID

from asyncpg import Record
from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from services.gateway.auth import Caller
from services.gateway.errors import Problem
from services.gateway.guard import Ours, Studio
from services.gateway.reads import galleries, order_table, payments
from services.gateway.reads import orders as reads
from services.gateway.reads.order_table import Filter
from services.gateway.routes import exports, notifications, orders
from services.gateway.routes.exports import Form, Separator
from services.gateway.routes.schemas import OrderIds, PaidOrders
from services.gateway.state import Gateway
from services.gateway.web.forms import posted
from services.gateway.web.order.actions import with_actions
from services.gateway.web.orders.marked import Marked
from services.gateway.web.rendering import render
from services.gateway.web.routing import studio_pages
from services.gateway.web.searching import Sought
from services.gateway.web.waiting.page import acted

routes = studio_pages()

Page = Annotated[int, Query(ge=1, le=1_000_000)]
ForMany = Literal["cancel", "refund", "notification"]
DONE = {"cancel": orders.cancel, "refund": orders.refund, "notification": notifications.send_again}
"""To one order, by the name of the action."""


@routes.get("/galleries/{gallery_id}/orders")
async def show_orders(
    http: Request, studio: Studio, ours: Ours, show: Filter = "all", q: Sought = "", page: Page = 1
) -> Response:
    """The orders that a filter (`show`) and a search (`q`) find, newest first."""
    gallery = await galleries.one(ours.db, ours.signer, studio.owned_gallery)
    table = await order_table.of_gallery(ours.db, ours.signer, studio.owned_gallery, show, q.strip(), page)
    shown = [with_actions(order, gallery) for order in table.orders]
    return render(
        http,
        "orders/page.html",
        gallery=gallery,
        tab="orders",
        table=table,
        orders=shown,
        open_payments=await payments.to_look_at(ours.db, studio.studio_id),
        show=show,
        q=q,
    )


@routes.post("/galleries/{gallery_id}/orders/mark-paid")
async def mark_paid(http: Request, studio: Studio, ours: Ours) -> Response:
    """Mark the ticked orders as paid, and say what has become of each."""
    form = await posted(http)
    with form:
        ticked = PaidOrders(order_ids=form.data.getlist("order_ids"))
        written = await orders.mark_many_paid(studio.owned_gallery, ticked, http, studio, ours)
        if written.status_code == 202:
            return acted(http, written, f"/galleries/{studio.owned_gallery}/orders")
        marked = await Marked.read(ours.db, studio.owned_gallery, studio.locale, written)
        return render(http, "orders/marked.html", action="mark-paid", marked=marked)
    raise _nothing_ticked()


@routes.get("/galleries/{gallery_id}/orders/ask/{action}")
async def ask(
    action: ForMany, http: Request, studio: Studio, ours: Ours, order_ids: Annotated[tuple[UUID, ...], Query()] = ()
) -> Response:
    """A dialog that says what will be done to how many of the ticked orders."""
    ticked = await _ticked(ours, studio, order_ids)
    return render(http, "orders/ask.html", gallery_id=studio.owned_gallery, action=action, orders=ticked)


@routes.post("/galleries/{gallery_id}/orders/{action}")
async def act(action: ForMany, http: Request, studio: Studio, ours: Ours) -> Response:
    """Do it to each of the ticked orders, and say what has become of each."""
    form = await posted(http)
    with form:
        order_ids = OrderIds(order_ids=form.data.getlist("order_ids")).order_ids
        ticked = await _ticked(ours, studio, order_ids)
        marked = await Marked.each(ticked, studio.locale, lambda order_id: DONE[action](order_id, http, studio, ours))
        return render(http, "orders/marked.html", action=action, marked=marked)
    raise _nothing_ticked()


@routes.get("/galleries/{gallery_id}/orders/filenames")
async def show_filenames(
    http: Request, studio: Studio, ours: Ours, form: Form = "names", separator: Separator = "comma"
) -> Response:
    """The ordered names in a dialog, to be pasted into another program's search."""
    text = await exports.filenames_as_text(ours.db, studio.owned_gallery, form, separator)
    chosen = {"form": form, "separator": separator}
    return render(http, "orders/filenames.html", gallery_id=studio.owned_gallery, text=text, chosen=chosen)


async def _ticked(ours: Gateway, studio: Caller, order_ids: tuple[UUID, ...]) -> list[Record]:
    """Those of the orders that the gallery has. Raises `Problem` 422 when there is none."""
    if found := await reads.named(ours.db, studio.owned_gallery, list(order_ids)):
        return found
    raise _nothing_ticked()


def _nothing_ticked() -> Problem:
    return Problem(422, "nothing-ticked", "Tick at least one order.")
