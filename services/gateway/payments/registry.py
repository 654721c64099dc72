"""The payment providers there are."""

from services.gateway.payments import standard
from services.gateway.payments.providers import Provider

PROVIDERS: dict[str, Provider] = {"standard": standard}
