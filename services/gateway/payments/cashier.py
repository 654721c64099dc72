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
        """The studio at the provider; None where it is not connected."""
        shared = await connections.read(self.db, self.signer, studio_id, provider)
        if shared is None:
            return None
        secret = shared.good(utc_now())[0]
        return Shop(shared.keys, secret, self.servers.get(provider, ""), self.http)


def servers(settings: GatewaySettings) -> dict[str, str]:
    """Where each provider's servers are."""
    return {"stripe": settings.stripe_url}
