"""A bank's statement: the transfers in it, the orders that they may have paid, and one press that confirms."""

from typing import Any
from uuid import UUID

from fastapi import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from services.gateway.errors import Problem
from services.gateway.guard import Ours, Studio
from services.gateway.reads import galleries
from services.gateway.routes import bank, orders
from services.gateway.routes.schemas import PaidOrders
from services.gateway.state import Gateway
from services.gateway.web.forms import Form, posted
from services.gateway.web.orders.marked import Marked
from services.gateway.web.rendering import locale_of, render
from services.gateway.web.routing import studio_pages
from services.gateway.web.waiting.page import settled

routes = studio_pages()


@routes.get("/galleries/{gallery_id}/bank-statement")
async def ask(gallery_id: UUID, http: Request, _: Studio, ours: Ours) -> Response:
    """Ask for the bank's file."""
    return await _page(http, ours, gallery_id, Form(locale_of(http)))


@routes.post("/galleries/{gallery_id}/bank-statement", max_body_size=bank.LARGEST_BODY)
async def show(gallery_id: UUID, file: UploadFile, http: Request, studio: Studio, ours: Ours) -> Response:
    """What the file says."""
    form = Form(locale_of(http), await http.form())
    with form:
        found = await bank.proposals(ours, studio, gallery_id, file)
        return await _page(http, ours, gallery_id, form, found=found)
    return await _page(http, ours, gallery_id, form)


@routes.post("/galleries/{gallery_id}/bank-statement/confirm")
async def confirm(gallery_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Mark the ticked orders as paid by their lines, and say what has become of each."""
    form = await posted(http)
    with form:
        pairs = [str(ticked).partition(" ") for ticked in form.data.getlist("ticked")]
        if not pairs:
            raise Problem(422, "nothing-ticked", "Tick at least one order.")
        paid = PaidOrders.model_validate(
            {"order_ids": [order_id for order_id, _, _ in pairs], "lines": [line for _, _, line in pairs]}
        )
        written = await orders.mark_many_paid(gallery_id, paid, http, studio, ours)
        if written.status_code == 202:
            return settled(http, written, f"/galleries/{gallery_id}/orders")
        marked = await Marked.read(ours.db, gallery_id, studio.locale, written)
        return await _page(http, ours, gallery_id, form, marked=marked)
    return await _page(http, ours, gallery_id, form)


async def _page(http: Request, ours: Gateway, gallery_id: UUID, form: Form, **shown: Any) -> Response:
    gallery = await galleries.one(ours.db, ours.signer, gallery_id)
    shown = {"found": None, "marked": None, **shown}
    return render(http, "bank/page.html", gallery=gallery, tab="orders", form=form, **shown)
