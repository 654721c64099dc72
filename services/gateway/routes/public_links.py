"""The public link, beside looking and ordering: finals where anyone may have them, lost personal links, the page."""

import asyncio
from datetime import timedelta

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chassis import outbox
from chassis.db import Tx
from contracts.notifier import SendLinks
from services.gateway import offers, writes
from services.gateway.guard import Ours, PublicRoute
from services.gateway.reads import downloads
from services.gateway.routes.public import Gallery
from services.gateway.routes.schemas import ClientEmail
from services.gateway.state import Gateway
from services.gateway.view import history
from services.gateway.view.requests import Request as Asked

routes = APIRouter(tags=["public link"], route_class=PublicRoute)

LINKS_AGAIN_AFTER = timedelta(minutes=10)
RESEND_TAKES = 0.1
"""Seconds that every answer takes, so that its time does not tell whether the address has orders here."""


@routes.get("/api/v1/g/{public_token}/downloads")
async def list_downloads(public_token: str, ours: Ours, gallery: Gallery) -> Response:
    """The finals, where anyone may have them; elsewhere they are behind the personal links (S6)."""
    offers.check_anyone(gallery.settings.download_policy, gallery.settings.locale)
    files = await downloads.of_gallery(ours.db, gallery.id)
    return JSONResponse(offers.shown(files, f"{ours.settings.public_url}/g/{public_token}"))


@routes.post("/api/v1/g/{public_token}/resend-link", status_code=202)
async def resend_link(body: ClientEmail, http: Request, ours: Ours, gallery: Gallery) -> Response:
    """Mail the links of an address's orders here to that address; the answer does not tell whether there are any."""

    async def effect(tx: Tx) -> None:
        orders = await history.claim_links(tx, gallery.id, body.email.lower(), LINKS_AGAIN_AFTER)
        if orders:  # to the address that was ordered with, not to what was typed just now
            order_ids = tuple(order["id"] for order in orders)
            await outbox.emit(tx, SendLinks(gallery_id=gallery.id, email=orders[0]["email"], order_ids=order_ids))

    done = writes.do_here(ours, http, f"g:{gallery.id}", "links_sent", effect, gallery.id)
    response, _ = await asyncio.gather(done, asyncio.sleep(RESEND_TAKES))
    return response


@writes.answers("links_sent", kept=False)
async def _links_sent(_: Gateway, __: Asked) -> Response:
    return JSONResponse({"detail": "If this address has orders here, their links are on the way to it."}, 202)
