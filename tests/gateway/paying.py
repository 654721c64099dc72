"""A payment system that calls our webhook, with the specification's own library."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook

from contracts.base import uuid7
from tests.gateway.client import Answer, Caller, StudioClient


@dataclass
class Bank:
    """Connected to a studio by a secret."""

    client: Caller
    secret: str
    url: str
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})

    @classmethod
    async def connect(cls, studio: StudioClient) -> "Bank":
        """A new connection of the studio's."""
        made = (await studio.put("/api/v1/payment-providers/standard", b"{}", headers=JSON)).expect(201)
        return cls(Caller(studio.http, studio.url), made["webhook_secret"], made["webhook_url"])

    async def say(
        self,
        body: dict[str, Any] | str,
        *,
        event_id: str | None = None,
        at: datetime | None = None,
        forged: dict[str, str] | None = None,
    ) -> Answer:
        """Sign a body and send it; `forged` are other headers than it would have."""
        text = body if isinstance(body, str) else json.dumps(body)
        event_id, at = event_id or f"msg_{uuid7().hex}", at or datetime.now(UTC)
        signed = {
            "webhook-id": event_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(event_id, at, text),
            **(forged or {}),
        }
        return await self.client.call("POST", self.url, headers={**self.headers, **signed}, data=text.encode())

    async def tell(self, order_id: str | None, kind: str = "payment.succeeded", **given: Any) -> Answer:
        """What happened to a payment: 12.50 PLN unless it is said otherwise."""
        sent = {name: given.pop(name) for name in ("event_id", "at") if name in given}
        data = {"payment_id": "pay_1", "order_id": order_id, "amount": 1250, "currency": "PLN", **given}
        return await self.say({"type": kind, "timestamp": f"{datetime.now(UTC):%FT%TZ}", "data": data}, **sent)


JSON = {"Content-Type": "application/json"}
