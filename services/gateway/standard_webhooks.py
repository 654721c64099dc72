"""Webhooks of our own, by the Standard Webhooks specification 1.0.0."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from standardwebhooks import Webhook

ROTATION = timedelta(hours=24)
"""How long the old secret of a webhook is good beside a new one."""
TEST = "photoferry.test"
"""The type of a webhook that tells nothing, to try out who shall take it."""


def body(kind: str, at: datetime, data: dict[str, Any]) -> str:
    """As the specification recommends: `{type, timestamp, data}`."""
    return json.dumps({"type": kind, "timestamp": at.isoformat(), "data": data}, ensure_ascii=False)


def signed(event_id: str, text: str, secrets: Iterable[str], now: datetime) -> dict[str, str]:
    """The headers of a webhook that is sent just now, signed by each of the secrets."""
    signatures = (Webhook(secret).sign(event_id, now.astimezone(UTC), text) for secret in secrets)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
