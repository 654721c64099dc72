"""Where payment providers say what has happened."""

from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.gateway.errors import Problem, not_found
from services.gateway.guard import Ours, path_id
from services.gateway.payments import connections, webhooks
from services.gateway.payments.providers import BadWebhook, Incoming
from services.gateway.payments.registry import offered

routes = APIRouter(tags=["payments"])

LARGEST = 256_000
"""Bytes."""


@routes.post("/webhooks/{provider}/{studio_id}", max_body_size=LARGEST)
async def receive(provider: str, studio_id: str, http: Request, ours: Ours) -> Response:
    """Verify a webhook over its raw body and commit it; what it says is done afterwards. A repeat changes nothing.

    Of those refused, only when the last one came is kept, and why.
    """
    studio = path_id(studio_id, "webhook")
    providers = offered(ours.cashier.servers)
    shared = await connections.read(ours.db, ours.signer, studio, provider) if provider in providers else None
    if shared is None:
        raise not_found("webhook")
    if http.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(415, "wrong-content-type", "Send JSON, with the header Content-Type: application/json.")
    incoming = Incoming(await http.body(), http.headers, datetime.now(UTC))
    try:
        notice = providers[provider].read(incoming, shared.good(incoming.now))
    except BadWebhook as error:
        await connections.note_refusal(ours.db, studio, provider, str(error))
        raise Problem(400, "bad-webhook", str(error)) from None
    await webhooks.accept(ours.db, studio, provider, notice, incoming.body)
    if notice.look_now:
        ours.cashier.look_now.set()
    return Response(status_code=200)
