"""What the gateway is told by its environment."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from chassis.settings import LinkSettings, StoreSettings


class GatewaySettings(LinkSettings, StoreSettings):
    """See `docs/` and the table of the local stack for the meaning of each variable."""

    signup: Literal["open", "closed"] = "closed"
    rate_limits: Literal["on", "off"] = "on"
    delivery: Literal["direct", "proxy"] = "direct"
    """`proxy`: file bytes go through the gateway, for an object store that is not reachable from outside."""
    max_upload_bytes: int = 200_000_000
    wait_for_view: float = 2.0
    """Seconds that a write waits for its result before it answers `202`."""
    discard_uploads_after_hours: float = 48.0
    time_zone: Annotated[str, AfterValidator(lambda name: ZoneInfo(name).key)] = "Europe/Warsaw"
    """Of the moments on pages, by its name in the IANA data base."""
