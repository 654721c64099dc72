"""Where payment providers say what has happened."""

from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chassis import tracing
from services.gateway.errors import Problem, not_found
from services.gateway.guard import Ours, path_id
from services.gateway.payments import connections
from services.gateway.payments.providers import BadWebhook, Incoming, Notice
from services.gateway.payments.registry import PROVIDERS, offered
from services.gateway.payments.webhooks import Webhook
from services.gateway.state import Gateway

routes = APIRouter(tags=["payments"])

LARGEST = 256_000
"""Bytes."""


@routes.post("/webhooks/{provider}/{studio_id}", max_body_size=LARGEST)
async def receive(provider: str, studio_id: str, http: Request, ours: Ours) -> Response:
    """Verify a webhook over its raw body and commit it; what it says is done afterwards. A repeat changes nothing.

    Of those refused, only when the last one came is kept, and why.
    """
    studio, providers = path_id(studio_id, "webhook"), offered(ours.cashier.servers)
    if provider not in providers:
        raise not_found("webhook")
    if http.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(415, "wrong-content-type", "Send JSON, with the header Content-Type: application/json.")
    incoming = Incoming(await http.body(), http.headers, datetime.now(UTC))
    notice = await _verified(ours, studio, provider, incoming)
    webhook = Webhook(studio, provider, notice, incoming.body)
    with tracing.keeping(webhook.correlation_id):
        await ours.webhooks(webhook)
    if notice.look_now:
        ours.cashier.look_now.set()
    return Response(status_code=200)


async def _verified(ours: Gateway, studio_id: UUID, provider: str, incoming: Incoming) -> Notice:
    """What the provider says to the studio: a new secret is good at once, one that was taken back for a second more.

    Raises `Problem` 400, or 404 where they are not connected.
    """

    async def good(*, anew: bool) -> list[str]:
        shared = await ours.connections.read(studio_id, provider, anew=anew)
        if shared is None:
            raise not_found("webhook")
        return shared.good(incoming.now)

    read = PROVIDERS[provider].read
    with suppress(BadWebhook):
        return read(incoming, await good(anew=False))
    try:
        return read(incoming, await good(anew=True))
    except BadWebhook as error:
        await connections.note_refusal(ours.db, studio_id, provider, str(error))
        raise Problem(400, "bad-webhook", str(error)) from None
