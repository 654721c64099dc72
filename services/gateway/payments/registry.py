"""The payment providers there are."""

from services.gateway.payments import standard, stripe
from services.gateway.payments.providers import PaymentPage, Provider

PAGES: dict[str, PaymentPage] = {"stripe": stripe}
"""Those that have a page to pay on; a client is sent to the first one that the studio has connected."""
PROVIDERS: dict[str, Provider] = {**PAGES, "standard": standard}
