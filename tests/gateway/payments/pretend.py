"""A small HTTP server on loopback that plays a payment provider."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import ClientSession, web

from contracts.base import Money, utc_now, uuid7
from deploy.local.ports import HOST
from services.gateway.payments.providers import Checkout, CheckoutState, Purchase, Shop

Reply = tuple[int, Any]
"""Status, and a document or raw bytes."""


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body's document."""
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        """The body's fields."""
        return dict(parse_qsl(self.body.decode()))


@dataclass
class PretendProvider:
    """Answers by method and path; a list of answers is used up, its last one stays."""

    url: str
    http: ClientSession
    replies: dict[tuple[str, str], list[Reply] | Callable[[Asked], Reply]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def shop(self, keys: dict[str, str], webhook_secret: str) -> Shop:
        """A studio at this provider."""
        return Shop(keys, webhook_secret, self.url, self.http)

    def on(self, method: str, path: str, *replies: Reply) -> None:
        """Answer so from now on."""
        self.replies[method, path] = list(replies)

    async def answer(self, request: web.Request) -> web.Response:
        """One request."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(request.method, request.path, headers, await request.read())
        self.asked.append(asked)
        replies = self.replies.get((asked.method, asked.path), [(404, {"error": {"code": "no such thing"}})])
        if callable(replies):
            status, document = replies(asked)
        else:
            status, document = replies.pop(0) if len(replies) > 1 else replies[0]
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return web.Response(status=status, body=body, content_type="application/json")


@asynccontextmanager
async def pretend_provider() -> AsyncIterator[PretendProvider]:
    """A provider that knows nothing yet."""
    app = web.Application()
    runner = web.AppRunner(app)
    async with ClientSession() as http:
        provider = PretendProvider("", http)
        app.router.add_route("*", "/{path:.*}", provider.answer)
        await runner.setup()
        site = web.TCPSite(runner, HOST, 0)
        await site.start()
        provider.url = f"http://{HOST}:{runner.addresses[0][1]}"
        try:
            yield provider
        finally:
            await runner.cleanup()


def a_checkout(**given: Any) -> Checkout:
    """An open checkout of 12.50 PLN."""
    made = {
        "id": uuid7(),
        "order_id": uuid7(),
        "gallery_id": uuid7(),
        "studio_id": uuid7(),
        "provider": "stripe",
        "external_id": None,
        "url": None,
        "money": Money(amount=1250, currency="PLN"),
        "state": CheckoutState.STARTING,
        "started_at": utc_now(),
    }
    return Checkout(**{**made, **given})


def a_purchase(checkout: Checkout) -> Purchase:
    """What a client buys by it."""
    return Purchase(
        checkout=checkout,
        title="Zażółć #3",
        email="anna@example.com",
        locale="pl",
        back_url="https://photos.example.com/g/token/orders/1",
        webhook_url="https://photos.example.com/webhooks/x/1",
        client_ip="203.0.113.7",
    )
