"""Stripe's amounts have minor units of their own: docs.stripe.com/currencies."""

from contracts.base import Money
from services.gateway.payments.minor_units import counted, uncounted
from services.gateway.payments.providers import ProviderRefused

_DIGITS_OF = {
    0: "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF",
    3: "BHD JOD KWD OMR TND",
}
"""Where they are not two. ISO 4217 has none for ISK, and two for MGA."""
_DIGITS = {currency: digits for digits, currencies in _DIGITS_OF.items() for currency in currencies.split()}
_UNSURE = {"UGX"}
"""Stripe's own pages say both whole shillings and hundredths: a hundredfold mistake is worse than no online payment."""


def to_stripe(money: Money) -> int:
    """What Stripe is told to collect. Raises `ProviderRefused` for what it cannot."""
    if money.currency in _UNSURE:
        raise ProviderRefused(f"Stripe's amounts in {money.currency} are not certain")
    amount = counted(money, _digits(money.currency))
    if _digits(money.currency) == 3 and amount % 10:
        raise ProviderRefused(f"Stripe does not take amounts in {money.currency} as fine as this")
    return amount


def from_stripe(amount: int, currency: str) -> Money:
    """What Stripe says it has collected. Raises `BadWebhook`."""
    return uncounted(amount, currency, _digits(currency))


def _digits(currency: str) -> int:
    return _DIGITS.get(currency, 2)
