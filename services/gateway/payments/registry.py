"""The payment providers there are."""

from collections.abc import Collection

from services.gateway.payments import payu, przelewy24, sandbox, standard, stripe
from services.gateway.payments.providers import PaymentPage, Provider

PAGES: dict[str, PaymentPage] = {
    "stripe": stripe,
    "przelewy24": przelewy24,
    "payu": payu,
    "sandbox": sandbox,
}
"""Those that have a page to pay on; a client is sent to the first one that the studio has connected."""
PROVIDERS: dict[str, Provider] = {**PAGES, "standard": standard}


def offered(servers: Collection[str]) -> dict[str, Provider]:
    """The providers of this installation; `servers`: the names of those whose servers it knows."""
    return {name: provider for name, provider in PROVIDERS.items() if name not in PAGES or name in servers}


def page_of(connected: Collection[str], servers: Collection[str]) -> str | None:
    """The provider on whose page a studio's clients pay, of those that it has `connected`."""
    return next((name for name in PAGES if name in connected and name in servers), None)
