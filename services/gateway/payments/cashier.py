"""How the gateway gets at the providers in a studio's name."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from aiohttp import ClientSession

from chassis.db import Database
from contracts.base import utc_now
from services.gateway.payments import connections
from services.gateway.payments.providers import Shop
from services.gateway.settings import GatewaySettings
from services.gateway.signing import Signer


@dataclass(frozen=True, slots=True)
class Cashier:
    """`look_now` is set when a provider waits to be asked about a payment."""

    db: Database
    signer: Signer
    http: ClientSession
    servers: Mapping[str, str]
    look_now: asyncio.Event = field(default_factory=asyncio.Event)

    async def shop(self, studio_id: UUID, provider: str) -> Shop | None:
        """The studio at the provider; None where it is not connected, or is none of this installation's."""
        server = self.servers.get(provider)
        shared = await connections.read(self.db.pool, self.signer, studio_id, provider) if server else None
        if server is None or shared is None:
            return None
        return Shop(shared.keys, shared.good(utc_now())[0], server, self.http)


def servers(settings: GatewaySettings) -> dict[str, str]:
    """Where the servers of each provider with a page to pay on are; those that are not here are not offered."""
    sandbox = {"sandbox": settings.sandbox_url} if settings.sandbox_url else {}
    return {
        "stripe": settings.stripe_url,
        "przelewy24": settings.przelewy24_url,
        "payu": settings.payu_url,
        **sandbox,
    }
