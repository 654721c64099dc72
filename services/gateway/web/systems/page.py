"""**Your own systems** among a studio's settings: who is told what happens, and what became of each webhook."""

import json
from typing import Any, get_args
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.gateway.guard import Ours, Studio
from services.gateway.outgoing import deliveries
from services.gateway.outgoing.endpoints import one
from services.gateway.outgoing.news import Kind
from services.gateway.reads.paging import Cursor
from services.gateway.routes import endpoints
from services.gateway.routes.schemas import NewEndpoint
from services.gateway.state import Gateway
from services.gateway.web.forms import Form, posted
from services.gateway.web.rendering import done, go, render
from services.gateway.web.routing import studio_pages

routes = studio_pages()

HERE = "/systems"
PAGE = 20
"""Webhooks."""


@routes.get("/systems")
async def show(http: Request, studio: Studio, ours: Ours) -> Response:
    """Each system, whether webhooks reach it, and the form for another."""
    return await _page(http, studio, ours)


@routes.post("/systems")
async def add(http: Request, studio: Studio, ours: Ours) -> Response:
    """Tell another system from now on; its secret is shown, this once."""
    form = await posted(http)
    with form:
        body = NewEndpoint(url=form.values["url"].strip(), events=form.data.getlist("events"))
        added = await endpoints.add_endpoint(body, http, studio, ours)
        return await _page(http, studio, ours, secret=json.loads(bytes(added.body)))
    return await _page(http, studio, ours, form=form)


@routes.get("/systems/{endpoint_id}")
async def show_deliveries(endpoint_id: UUID, http: Request, _: Studio, ours: Ours, cursor: Cursor = None) -> Response:
    """The webhooks to one system, newest first, each with what became of it."""
    system = await one(ours.db, endpoint_id)
    sent = await deliveries.of_endpoint(ours.db, endpoint_id, cursor, PAGE)
    return render(
        http,
        "systems/deliveries.html",
        here=HERE,
        system=system,
        deliveries=sent["items"],
        following=sent["next"],
        cursor=cursor,
        most=deliveries.MOST_ATTEMPTS,
    )


@routes.post("/systems/{endpoint_id}/rotate-secret")
async def rotate_secret(endpoint_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Make a new secret and show it, this once."""
    rotated = await endpoints.rotate_secret(endpoint_id, studio, ours)
    return await _page(http, studio, ours, secret=rotated | {"rotated": True})


@routes.post("/systems/{endpoint_id}/test")
async def send_test(endpoint_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Send a webhook that tells nothing; what becomes of it is on the system's page."""
    await endpoints.try_endpoint(endpoint_id, studio, ours)
    return go(http, f"{HERE}/{endpoint_id}")


@routes.post("/systems/{endpoint_id}/delete")
async def delete(endpoint_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Tell it nothing more."""
    await endpoints.delete_endpoint(endpoint_id, studio, ours)
    return go(http, HERE)


@routes.post("/systems/deliveries/{delivery_id}/replay")
async def replay(delivery_id: UUID, http: Request, _: Studio, ours: Ours) -> Response:
    """Send a webhook once more."""
    return done(http, f"{HERE}/{await deliveries.replay(ours.db, delivery_id)}")


async def _page(
    http: Request, studio: Studio, ours: Gateway, *, form: Form | None = None, secret: dict[str, Any] | None = None
) -> Response:
    """`form`: what was typed and is wrong; `secret`: that of a system, new, with the system's id."""
    listed = await endpoints.list_endpoints(studio, ours)
    return render(
        http,
        "systems/page.html",
        422 if form else 200,
        here=HERE,
        systems=listed["items"],
        failing=await deliveries.failing(ours.db, studio.studio_id),
        kinds=get_args(Kind),
        form=form or Form(studio.locale),
        secret=secret,
    )
