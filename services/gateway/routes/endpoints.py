"""Webhooks to a studio's own systems: where to, about what, and what became of each."""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chassis.db import Tx
from contracts.base import uuid7
from services.gateway import writes
from services.gateway.errors import Problem
from services.gateway.guard import Ours, Studio, studio_router
from services.gateway.outgoing import deliveries, endpoints, news
from services.gateway.outgoing.addresses import ALLOWED_BY, NotPublic, check_literal
from services.gateway.reads.paging import Cursor, Limit
from services.gateway.routes.schemas import NewEndpoint
from services.gateway.state import Gateway
from services.gateway.view.requests import Request as Asked

routes = studio_router("webhooks")


@routes.get("/webhook-endpoints")
async def list_endpoints(studio: Studio, ours: Ours) -> dict[str, object]:
    """A studio's endpoints, without their secrets."""
    return {"items": await endpoints.of_studio(ours.db, studio.studio_id), "next": None}


@routes.post("/webhook-endpoints", status_code=201)
async def add_endpoint(body: NewEndpoint, http: Request, studio: Studio, ours: Ours) -> Response:
    """Tell a system of the studio's own what happens; the secret to check signatures by is in this answer only.

    Each webhook is signed by the Standard Webhooks specification, and tried again for three days until it is answered
    2xx; 410 ends all. The same `webhook-id` may come twice.
    """
    _check(ours, body.url)

    async def effect(tx: Tx) -> dict[str, Any]:
        endpoint_id, kinds = uuid7(), list(dict.fromkeys(body.events))
        if not await endpoints.add(tx, endpoint_id, studio.studio_id, body.url, kinds):
            raise Problem(409, "too-many-endpoints", f"There are {endpoints.MOST} endpoints; delete one first.")
        return {"id": str(endpoint_id), "url": body.url, "events": kinds}

    return await writes.do_here(ours, http, str(studio.studio_id), "endpoint_added", effect)


@writes.answers("endpoint_added", kept=False)
async def _added(ours: Gateway, asked: Asked) -> Response:
    secret = ours.signer.endpoint_secret(UUID(asked.subject["id"]), 0)
    return JSONResponse(asked.subject | {"secret": secret}, 201)


@routes.get("/webhook-endpoints/{endpoint_id}")
async def read_endpoint(endpoint_id: UUID, _: Studio, ours: Ours) -> dict[str, Any]:
    """One endpoint, without its secret."""
    return await endpoints.one(ours.db, endpoint_id)


@routes.delete("/webhook-endpoints/{endpoint_id}", status_code=204)
async def delete_endpoint(endpoint_id: UUID, _: Studio, ours: Ours) -> Response:
    """Tell it nothing more, not even what is waiting."""
    await endpoints.delete(ours.db, endpoint_id)
    return Response(status_code=204)


@routes.post("/webhook-endpoints/{endpoint_id}/rotate-secret")
async def rotate_secret(endpoint_id: UUID, _: Studio, ours: Ours) -> dict[str, object]:
    """A new secret, in this answer only; for 24 hours, webhooks are signed by the old one as well."""
    rotation = await endpoints.rotate(ours.db, endpoint_id)
    return {"id": str(endpoint_id), "secret": ours.signer.endpoint_secret(endpoint_id, rotation)}


@routes.post("/webhook-endpoints/{endpoint_id}/test", status_code=202)
async def try_endpoint(endpoint_id: UUID, _: Studio, ours: Ours) -> dict[str, object]:
    """Send a webhook of type `photoferry.test`; what becomes of it is among the deliveries."""
    await endpoints.enable(ours.db, endpoint_id)
    async with ours.db.transaction() as tx:
        await deliveries.add(tx, [news.test(endpoint_id)])
    return {"status": "accepted"}


@routes.get("/webhook-endpoints/{endpoint_id}/deliveries")
async def list_deliveries(
    endpoint_id: UUID, _: Studio, ours: Ours, cursor: Cursor = None, limit: Limit = 100
) -> dict[str, Any]:
    """What was sent, newest first; of each the last answer and, in `attempts`, what came of the newest 20 tries.

    `tries`, `status`, `answer` and `tried_at` begin anew with a replay, `attempts` do not.
    """
    return await deliveries.of_endpoint(ours.db, endpoint_id, cursor, limit)


@routes.post("/webhook-deliveries/{delivery_id}/replay", status_code=202)
async def replay(delivery_id: UUID, _: Studio, ours: Ours) -> dict[str, object]:
    """Send a webhook once more, with the same id, also to an endpoint that had answered 410."""
    await deliveries.replay(ours.db, delivery_id)
    return {"status": "accepted"}


def _check(ours: Gateway, url: str) -> None:
    """Raises `Problem` 422 for a URL that this installation sends nothing to."""
    if ours.settings.private_endpoints:
        return
    otherwise = f"to allow others, the operator sets {ALLOWED_BY}."
    if not url.lower().startswith("https:"):
        detail = f"Give a URL that begins with https: clients' names are sent there; {otherwise}"
        raise Problem(422, "no-https", detail, field="url")
    try:
        check_literal(url)
    except NotPublic:
        detail = f"Give an address that can be reached from everywhere; {otherwise}"
        raise Problem(422, "not-public", detail, field="url") from None
