"""Amounts of providers, whose minor units may have other digits than by ISO 4217."""

from contracts.base import Money
from contracts.money import digits
from services.gateway.payments.providers import BadWebhook, ProviderRefused


def counted(money: Money, their_digits: int) -> int:
    """An amount in minor units of so many digits. Raises `ProviderRefused` for one that is finer."""
    amount, rest = divmod(money.amount * 10**their_digits, 10 ** digits(money.currency))
    if rest:
        raise ProviderRefused(f"It does not take amounts in {money.currency} as fine as this")
    return int(amount)


def uncounted(amount: int, currency: str, their_digits: int) -> Money:
    """What such an amount is in ours. Raises `BadWebhook` for one that is finer: rounded, it might fit an order."""
    ours, rest = divmod(amount * 10 ** digits(currency), 10**their_digits)
    if rest:
        raise BadWebhook("This cannot be read: amount")
    return Money(amount=ours, currency=currency)
