"""The payment providers that a studio has connected."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Body
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.responses import JSONResponse, Response

from contracts.base import utc_now
from services.gateway.errors import not_found
from services.gateway.guard import Ours, Studio, studio_router
from services.gateway.payments import connections, trial, webhooks
from services.gateway.payments.connections import Secrets, WebhookSecret
from services.gateway.payments.providers import Provider
from services.gateway.payments.registry import PAGES, offered
from services.gateway.payments.webhooks import Webhook
from services.gateway.state import Gateway

routes = studio_router("payments")


@routes.get("/payment-providers")
async def list_providers(studio: Studio, ours: Ours) -> dict[str, object]:
    """Every provider: whether it is connected, and where its webhooks go."""
    since = await connections.connected(ours.db, studio.studio_id)
    items = [
        {**shown(ours, studio.studio_id, name), "connected_at": since.get(name)}
        for name in offered(ours.cashier.servers)
    ]
    return {"items": items, "next": None}


@routes.get("/payment-providers/{provider}")
async def read_provider(provider: str, studio: Studio, ours: Ours) -> dict[str, object]:
    """When a provider was connected (null: it is not), and where its webhooks go; never a secret."""
    known(ours, provider)
    since = await connections.connected(ours.db, studio.studio_id)
    return {**shown(ours, studio.studio_id, provider), "connected_at": since.get(provider)}


@routes.put("/payment-providers/{provider}", status_code=201)
async def connect(provider: str, body: Annotated[dict[str, Any], Body()], studio: Studio, ours: Ours) -> Response:
    """Connect a provider (`201`) or change its keys (`200`). A secret that Photoferry made is in the first answer only.

    `stripe` takes `{secret_key, webhook_secret}`, `przelewy24` `{merchant_id, pos_id?, api_key, crc}`, `payu`
    `{pos_id, client_id, client_secret, second_key}`, `standard` and `sandbox` take `{}`.
    """
    keys = _checked(known(ours, provider), body)
    made = await connect_with(ours, studio.studio_id, provider, keys)
    answer = shown(ours, studio.studio_id, provider) | ({"webhook_secret": made} if made else {})
    return JSONResponse(answer, 200 if made is None else 201)


@routes.post("/payment-providers/{provider}/rotate-secret")
async def rotate_secret(provider: str, studio: Studio, ours: Ours) -> dict[str, object]:
    """A new secret for webhooks, in this answer only; the old one holds for 24 hours more."""

    def rotated(shared: Secrets | None) -> Secrets:
        return _with_our_secret(ours, provider, shared).rotated(connections.new_webhook_secret(), utc_now())

    _, shared = await connections.change(ours.db, ours.signer, studio.studio_id, provider, rotated)
    return {**shown(ours, studio.studio_id, provider), "webhook_secret": shared.webhook_secrets[0].value}


@routes.post("/payment-providers/{provider}/test")
async def try_out(provider: str, studio: Studio, ours: Ours) -> dict[str, object]:
    """Ask a provider that has a page whether it accepts the keys; `409` where it does not. No money moves.

    Where Photoferry has made the secret, a webhook of kind `photoferry.test` is signed by it and taken in as one from
    outside: it shows that webhooks signed so are taken in, not that the provider has the secret or reaches us.
    """
    makes_secret = known(ours, provider).makes_secret
    if provider in PAGES:
        await trial.check(ours.cashier, studio.studio_id, provider)
    event = await _test_event(provider, studio, ours) if makes_secret else {}
    return {"accepted": True, **event}


async def _test_event(provider: str, studio: Studio, ours: Gateway) -> dict[str, object]:
    found = await connections.read(ours.db.pool, ours.signer, studio.studio_id, provider)
    shared = _with_our_secret(ours, provider, found)
    incoming = trial.webhook(shared.webhook_secrets[0].value, utc_now())
    notice = known(ours, provider).read(incoming, shared.good(incoming.now))
    await webhooks.accept(ours.db, [Webhook(studio.studio_id, provider, notice, incoming.body)])
    return {"event_id": notice.event_id, "type": notice.kind}


@routes.delete("/payment-providers/{provider}", status_code=204)
async def disconnect(provider: str, studio: Studio, ours: Ours) -> Response:
    """Refuse the provider's webhooks a second from now on, and forget its keys; payments stay."""
    known(ours, provider)
    await connections.delete(ours.db, studio.studio_id, provider)
    return Response(status_code=204)


async def connect_with(ours: Gateway, studio_id: UUID, provider: str, keys: dict[str, str]) -> str | None:
    """Connect a provider, or change its keys. Returns the webhook's secret at first: "" when the provider made it."""
    given, now = keys.pop("webhook_secret", ""), utc_now()

    def connected(shared: Secrets | None) -> Secrets:
        if shared is None:
            secret = WebhookSecret(value=given or connections.new_webhook_secret())
            return Secrets(webhook_secrets=(secret,), keys=keys)
        return (shared.rotated(given, now) if given else shared).model_copy(update={"keys": keys})

    before, after = await connections.change(ours.db, ours.signer, studio_id, provider, connected)
    if before:
        return None
    return "" if given else after.webhook_secrets[0].value


def _with_our_secret(ours: Gateway, provider: str, shared: Secrets | None) -> Secrets:
    """Raises `Problem` 404 where there is no secret that Photoferry has made."""
    if shared is None or not known(ours, provider).makes_secret:
        raise not_found("secret")
    return shared


def known(ours: Gateway, provider: str) -> Provider:
    """Raises `Problem` 404 for a provider that there is not, or not in this installation."""
    if found := offered(ours.cashier.servers).get(provider):
        return found
    raise not_found("payment provider")


def _checked(provider: Provider, body: dict[str, Any]) -> dict[str, str]:
    try:
        keys: BaseModel = provider.Keys.model_validate(body)
    except ValidationError as error:
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in error.errors()]) from None
    return keys.model_dump()


def shown(ours: Gateway, studio_id: UUID, provider: str) -> dict[str, object]:
    """A provider, and where its webhooks go."""
    return {"provider": provider, "webhook_url": f"{ours.signer.public_url}/webhooks/{provider}/{studio_id}"}
