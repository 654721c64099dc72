"""A webhook from ourselves, to try out a connection with: signed by its secret, and about no payment."""

import json
from datetime import datetime

from standardwebhooks import Webhook

from contracts.base import uuid7
from services.gateway.payments.providers import Incoming

KIND = "photoferry.test"


def webhook(secret: str, now: datetime) -> Incoming:
    """As a provider by the Standard Webhooks specification would send it just now."""
    event_id, body = f"msg_{uuid7().hex}", json.dumps({"type": KIND, "timestamp": now.isoformat(), "data": {}})
    headers = {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(event_id, now, body),
    }
    return Incoming(body.encode(), headers, now)
