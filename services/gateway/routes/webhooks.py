"""Where payment providers say what has happened."""

from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from chassis import tracing
from services.gateway.errors import Problem, not_found
from services.gateway.guard import Handler, path_id
from services.gateway.payments import connections
from services.gateway.payments.providers import BadWebhook, Incoming, Notice
from services.gateway.payments.registry import PROVIDERS, offered
from services.gateway.payments.webhooks import Webhook
from services.gateway.state import Gateway


class PlainRoute(APIRoute):
    """Hands over the request as it is: to look for what a function declares costs more than to verify a webhook."""

    def get_route_handler(self) -> Handler:
        """The function itself."""
        return self.endpoint


routes = APIRouter(tags=["payments"], route_class=PlainRoute)

LARGEST = 256_000
"""Bytes."""
TEXT = {"type": "string"}
PATH = [{"name": name, "in": "path", "required": True, "schema": TEXT} for name in ("provider", "studio_id")]


@routes.post("/webhooks/{provider}/{studio_id}", max_body_size=LARGEST, openapi_extra={"parameters": PATH})
async def receive(http: Request) -> Response:
    """Verify a webhook over its raw body and commit it; what it says is done afterwards. A repeat changes nothing.

    Of those refused, only when the last one came is kept, and why.
    """
    ours: Gateway = http.app.state.gateway
    provider, studio_id = http.path_params["provider"], http.path_params["studio_id"]
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
