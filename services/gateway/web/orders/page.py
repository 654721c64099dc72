"""**Client orders**: the orders of a gallery as a table."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from services.gateway.errors import Problem
from services.gateway.guard import Ours, Studio
from services.gateway.reads import galleries, order_table, payments
from services.gateway.reads.order_table import Filter
from services.gateway.routes import exports, orders
from services.gateway.routes.exports import Form, Separator
from services.gateway.routes.schemas import OrderIds
from services.gateway.web.forms import posted
from services.gateway.web.order.actions import with_actions
from services.gateway.web.orders.marked import Marked
from services.gateway.web.rendering import render
from services.gateway.web.routing import studio_pages
from services.gateway.web.searching import Sought
from services.gateway.web.waiting.page import acted

routes = studio_pages()

Page = Annotated[int, Query(ge=1, le=1_000_000)]


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
        ticked = OrderIds(order_ids=form.data.getlist("order_ids"))
        written = await orders.mark_many_paid(studio.owned_gallery, ticked, http, studio, ours)
        if written.status_code == 202:
            return acted(http, written, f"/galleries/{studio.owned_gallery}/orders")
        marked = await Marked.read(ours.db, studio.owned_gallery, studio.locale, written)
        return render(http, "orders/marked.html", marked=marked)
    raise Problem(422, "nothing-ticked", "Tick at least one order.")


@routes.get("/galleries/{gallery_id}/orders/filenames")
async def show_filenames(
    http: Request, studio: Studio, ours: Ours, form: Form = "names", separator: Separator = "comma"
) -> Response:
    """The ordered names in a dialog, to be pasted into another program's search."""
    text = await exports.filenames_as_text(ours.db, studio.owned_gallery, form, separator)
    chosen = {"form": form, "separator": separator}
    return render(http, "orders/filenames.html", gallery_id=studio.owned_gallery, text=text, chosen=chosen)
