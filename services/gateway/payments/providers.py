"""What every payment provider's module has: the one narrow interface between its ways and ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Protocol
from uuid import UUID

from aiohttp import ClientSession
from pydantic import BaseModel, StringConstraints, ValidationError

from contracts.base import ONE_LINE, Money
from contracts.gateway import PaymentNews

TOLERANCE = timedelta(minutes=5)
"""How old, or how far ahead, a webhook's time may be."""


Secret = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[!-~]*$")]
"""A key as a studio enters it."""


Id = Annotated[str, StringConstraints(min_length=1, max_length=255), ONE_LINE]
"""A provider's own name for something."""


class BadWebhook(Exception):
    """It does not come from the provider, or not just now, or cannot be read: `400`, and nothing is kept."""


class ProviderUnreachable(Exception):
    """The provider does not answer, or has no time now: ask again later."""


class ProviderRefused(Exception):
    """The provider will not do it. The text is for the log: it holds no secret."""


class CheckoutLost(ProviderRefused):
    """The provider does not tell, also asked again, where the page of a checkout of this id is."""


class CheckoutState(StrEnum):
    """How far an online payment is, in rising order: what is heard later never takes it back."""

    STARTING = "starting"
    """The provider has not answered yet."""
    OPEN = "open"
    """Its page waits for the client."""
    WAITING = "waiting"
    """The client has done their part; the money is under way."""
    EXPIRED = "expired"
    """Nobody paid in time, or another one has taken its place."""
    FAILED = "failed"
    """Declined; a new one may be started."""
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A webhook as it came. `headers` by their names in lower case."""

    body: bytes
    headers: Mapping[str, str]
    now: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """What a webhook says, or the answer to a look-up, in our words. `news`: None for what changes no payment.

    `refund_id`: `money` is what went back by this refund alone, not in all.
    """

    event_id: str
    kind: str
    """The provider's word for it."""
    news: type[PaymentNews] | None = None
    payment_id: str | None = None
    order_id: UUID | None = None
    money: Money | None = None
    refund_id: str | None = None
    checkout_id: UUID | None = None
    state: CheckoutState | None = None
    """Of the checkout."""
    look_now: bool = False
    """The provider wants to be asked before it is settled."""

    @property
    def held(self) -> Money | None:
        """What the client has paid, while the provider keeps it until it is settled."""
        return self.money if self.state is CheckoutState.WAITING and self.payment_id else None


@dataclass(frozen=True, slots=True)
class Shop:
    """A studio at a provider: what it has entered, and where the provider's servers are."""

    keys: Mapping[str, str] = field(repr=False)
    webhook_secret: str = field(repr=False)
    server: str
    http: ClientSession = field(repr=False)


@dataclass(frozen=True, slots=True)
class Checkout:
    """An online payment of an order that a client has started."""

    id: UUID
    order_id: UUID
    gallery_id: UUID
    studio_id: UUID
    provider: str
    external_id: str | None
    url: str | None
    money: Money
    state: CheckoutState
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a client pays for, as the provider's page shows it."""

    checkout: Checkout
    title: str
    email: str
    locale: str
    back_url: str
    """Where the client goes afterwards, paid or not."""
    webhook_url: str
    client_ip: str


@dataclass(frozen=True, slots=True)
class Started:
    """The provider's name for a checkout, and its page."""

    external_id: str
    url: str


class Provider(Protocol):
    """A payment provider: a module with these."""

    makes_secret: bool
    """Whether Photoferry makes the webhook's secret, and the studio enters it at the provider."""

    @property
    def Keys(self) -> type[BaseModel]:
        """What a studio enters to connect it; `webhook_secret` among it when the provider makes that."""

    def read(self, incoming: Incoming, secrets: Sequence[str]) -> Notice:
        """Verify a webhook against the secrets that are good now, and translate it. Raises `BadWebhook`."""


class PaymentPage(Provider, Protocol):
    """A provider that has a page to pay on, and can be asked what has become of a payment."""

    async def check(self, shop: Shop) -> None:
        """Ask for something harmless with the studio's keys. Raises `ProviderUnreachable`, `ProviderRefused`."""

    async def start(self, shop: Shop, purchase: Purchase) -> Started:
        """Start a checkout; its id is the idempotency key, so that a repeat starts no other.

        Raises `ProviderUnreachable`, `ProviderRefused`, and `CheckoutLost` where a repeat would be in vain.
        """

    async def look_up(self, shop: Shop, checkout: Checkout) -> Notice | None:
        """What has become of a started checkout; None: nothing yet. Raises like `start`, and like `read`."""


def unreadable(error: ValidationError) -> str:
    """Where something is not what the provider's documentation says; none of what stands there."""
    where = ", ".join(".".join(map(str, each["loc"])) or "body" for each in error.errors())
    return f"This cannot be read: {where}"


def order_id_of(text: str | None) -> UUID | None:
    """The order (or checkout) that a provider names; None for what is no id of ours."""
    try:
        return UUID(text or "")
    except ValueError:
        return None
