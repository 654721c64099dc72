"""What every payment provider's module has: the one narrow interface between its ways and ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from pydantic import BaseModel

from contracts.base import Money
from contracts.gateway import PaymentNews

TOLERANCE = timedelta(minutes=5)
"""How old, or how far ahead, a webhook's time may be."""


class BadWebhook(Exception):
    """It does not come from the provider, or not just now, or cannot be read: `400`, and nothing is kept."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A webhook as it came. `headers` by their names in lower case."""

    body: bytes
    headers: Mapping[str, str]
    now: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """What a webhook says, in our words. `news`: None for what changes no payment."""

    event_id: str
    kind: str
    """The provider's word for it."""
    news: type[PaymentNews] | None = None
    payment_id: str | None = None
    order_id: UUID | None = None
    money: Money | None = None


class Provider(Protocol):
    """A payment provider: a module with these."""

    makes_secret: bool
    """Whether Photoferry makes the webhook's secret, and the studio enters it at the provider."""

    @property
    def Keys(self) -> type[BaseModel]:
        """What a studio enters to connect it; `webhook_secret` among it when the provider makes that."""

    def read(self, incoming: Incoming, secrets: Sequence[str]) -> Notice:
        """Verify a webhook against the secrets that are good now, and translate it. Raises `BadWebhook`."""


def order_id_of(text: str | None) -> UUID | None:
    """The order that a provider names; None for what is no id of ours."""
    try:
        return UUID(text or "")
    except ValueError:
        return None
