"""Whether every service would start with these settings, and whether they are meant for clients."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from chassis.settings import ServiceSettings
from cli.doctor.findings import Finding, broken, fine, look
from services.gateway.settings import GatewaySettings
from services.notifier.settings import NotifierSettings
from services.transfers.settings import TransfersSettings

S = TypeVar("S", bound=ServiceSettings)
CATCHER = "smtp://mail:1025"


@dataclass(frozen=True, slots=True)
class Settings:
    """Those of the services, as far as they can be read."""

    gateway: GatewaySettings | None
    transfers: TransfersSettings | None
    notifier: NotifierSettings | None


def read() -> tuple[Settings, list[Finding]]:
    """The settings of all services, and what is wrong with them."""
    wrong: dict[str, str] = {}
    settings = Settings(_read(GatewaySettings, wrong), _read(TransfersSettings, wrong), _read(NotifierSettings, wrong))
    found = [broken(f"{name}: {why}", "docs/settings.md says what it is for") for name, why in sorted(wrong.items())]
    found += _gateway(settings.gateway) if settings.gateway else []
    if settings.notifier and settings.notifier.mail_from.endswith("@localhost"):
        found.append(look("mails come from nobody", "set PHOTOFERRY_MAIL_FROM to an address of your domain"))
    if settings.gateway and settings.notifier and _are_caught(settings.gateway, settings.notifier):
        found.append(broken("mails are caught, and reach no client", "set PHOTOFERRY_SMTP_URL to your mail server"))
    return settings, found or [fine("settings")]


def _read(kind: type[S], wrong: dict[str, str]) -> S | None:
    try:
        return kind()
    except ValidationError as error:
        wrong |= {f"PHOTOFERRY_{str(each['loc'][0]).upper()}": _why(each) for each in error.errors()}
        return None


def _why(error: ErrorDetails) -> str:
    """Pydantic speaks of the items of a secret."""
    if error["type"] == "too_short":
        return f"has less than {error['ctx']['min_length']} characters"
    return error["msg"].removeprefix("Value error, ")


def _are_caught(gateway: GatewaySettings, notifier: NotifierSettings) -> bool:
    """Whether links are for the public, and mails go to what deploy/compose has until it is told of a mail server."""
    return gateway.public_url.startswith("https:") and notifier.smtp_url.get_secret_value() == CATCHER


def _gateway(settings: GatewaySettings) -> Iterator[Finding]:
    if not settings.public_url.startswith("https:"):
        yield look(f"links begin with {settings.public_url}", "clients need https: set PHOTOFERRY_PUBLIC_URL")
    if settings.signup == "open":
        yield look("anybody can sign up as a studio", "PHOTOFERRY_SIGNUP=closed, unless you want that")
    if settings.rate_limits == "off":
        yield look("passwords can be tried as fast as one likes", "unset PHOTOFERRY_RATE_LIMITS")
    elif settings.public_url.startswith("https:") and not settings.trusted_proxies:
        yield look(
            "all clients share the rate limit of the proxy that has the certificate",
            "PHOTOFERRY_TRUSTED_PROXIES is the address of that proxy",
        )
    if settings.sandbox_url:
        yield look("orders can be paid without money", "unset PHOTOFERRY_SANDBOX_URL")
    if settings.private_endpoints:
        yield look("studios can reach addresses inside your network", "unset PHOTOFERRY_PRIVATE_ENDPOINTS")
