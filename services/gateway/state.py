"""What every route of the gateway works with."""

from dataclasses import dataclass

from chassis.db import Database
from chassis.together import Together
from services.gateway.live import Announcer, Listener
from services.gateway.payments.cashier import Cashier
from services.gateway.payments.connections import Remembered
from services.gateway.payments.webhooks import Webhook
from services.gateway.reads.photos import PublicListings
from services.gateway.settings import GatewaySettings
from services.gateway.signing import Signer
from services.gateway.zip.objects import ObjectReader


@dataclass(frozen=True, slots=True)
class Gateway:
    """Built once at the start, found at `request.app.state.gateway`."""

    settings: GatewaySettings
    db: Database
    signer: Signer
    listener: Listener
    announcer: Announcer
    objects: ObjectReader
    listings: PublicListings
    cashier: Cashier
    connections: Remembered
    webhooks: Together[Webhook]
    """Those that come at the same moment are committed together."""
