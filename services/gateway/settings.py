"""What the gateway is told by its environment."""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from chassis.settings import LinkSettings, StoreSettings


class GatewaySettings(LinkSettings, StoreSettings):
    """Who may come in, how files travel, how long things are waited for."""

    signup: Literal["open", "closed"] = "closed"
    """`open`: anybody can sign up as a studio; `closed`: nobody can."""
    rate_limits: Literal["on", "off"] = "on"
    """`off`: neither wrong log-ins and access codes nor many requests are slowed down; for tests and benchmarks."""
    address_rate: float = Field(default=100, gt=0)
    """Requests a second for which one address (of IPv6: a /64 network) is answered by each process of the gateway, when
    it goes on for long; a whole school may have one address. More are answered `429` with `Retry-After`."""
    address_burst: int = Field(default=1_000, gt=0)
    """Requests of one address that are answered at once after a pause."""
    token_rate: float = Field(default=100, gt=0)
    """The same for one API token or log-in, wherever it is used from."""
    token_burst: int = Field(default=1_000, gt=0)
    """The same for one API token or log-in."""
    entrance_rate: float = Field(default=2, gt=0)
    """The same for log-ins, sign-ups, access codes and requests for lost links and passwords, by address."""
    entrance_burst: int = Field(default=100, gt=0)
    """The same for log-ins, sign-ups, access codes and requests for lost links and passwords, by address."""
    delivery: Literal["direct", "proxy"] = "direct"
    """`direct`: clients reach the object store by presigned URLs; `proxy`: file bytes go through the gateway, for an
    object store that is not reachable from outside."""
    max_upload_bytes: int = 200_000_000
    """No slots are given out for larger files; transfers is told the same."""
    wait_for_view: float = 2.0
    """Seconds that a write waits for its result before it answers `202`."""
    discard_uploads_after_hours: float = 48.0
    """When slots that nobody completed are closed, and what they hold is removed."""
    private_endpoints: bool = False
    """Whether webhooks to studios' own systems may go by `http:` and to addresses inside the operator's network."""
    sandbox_url: str | None = None
    """A pretend bank, without a slash at the end: its payments pay orders although no money moves. The local stack has
    one; it is refused together with a public URL of https, which real clients use."""
    stripe_url: str = "https://api.stripe.com"
    """Stripe's servers, without a slash at the end."""
    przelewy24_url: str = "https://secure.przelewy24.pl"
    """Przelewy24's servers; its sandbox is `https://sandbox.przelewy24.pl`."""
    payu_url: str = "https://secure.payu.com"
    """PayU's servers; its sandbox is `https://secure.snd.payu.com`."""
    backups_kept_days: int | None = Field(default=None, ge=1)
    """After how many days no backup has what was deleted; certificates of deletion say so. Unset: they do not."""
    look_for_payments_every: float = 60.0
    """Seconds between looks for online payments that were started and never heard of again."""

    @field_validator("sandbox_url")
    @classmethod
    def _for_trying_out_only(cls, url: str | None, info: ValidationInfo) -> str | None:
        if url and info.data.get("public_url", "").startswith("https:"):
            raise ValueError("no pretend bank where the public URL is https: unset PHOTOFERRY_SANDBOX_URL")
        return url
