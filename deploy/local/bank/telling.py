"""The bank's webhooks: signed, and tried again until they are taken."""

import asyncio
import json
from datetime import UTC, datetime
from uuid import uuid4

import aiohttp
from standardwebhooks import Webhook

from deploy.local.bank.checkouts import Checkout

PAUSES = (0, 1, 2, 5, 10, 30, 60)
"""Seconds before each try."""


async def tell(checkout: Checkout, kind: str, amount: int, *, times: int = 1, after: float = 0) -> None:
    """Send one event about a payment `times` times, `after` seconds from now."""
    await asyncio.sleep(after)
    event_id, now = f"msg_{uuid4().hex}", datetime.now(UTC)
    data = {
        "payment_id": checkout.payment_id,
        "order_id": str(checkout.order_id),
        "amount": amount,
        "currency": checkout.currency,
    }
    body = json.dumps({"type": kind, "timestamp": now.isoformat(), "data": data})
    for _ in range(times):
        await _deliver(checkout, event_id, body)


async def _deliver(checkout: Checkout, event_id: str, body: str) -> None:
    signing = Webhook(checkout.webhook_secret.get_secret_value())
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as http:
        for pause in PAUSES:
            await asyncio.sleep(pause)
            now = datetime.now(UTC)
            headers = {
                "Content-Type": "application/json",
                "webhook-id": event_id,
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": signing.sign(event_id, now, body),
            }
            try:
                async with http.post(str(checkout.webhook_url), data=body, headers=headers) as answer:
                    if answer.ok:
                        return
            except (aiohttp.ClientError, TimeoutError):
                continue
