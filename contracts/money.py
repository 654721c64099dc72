"""Amounts for people; everywhere else money is integers in minor units (rule 8)."""

from decimal import Decimal

_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
"""Digits of the minor unit by ISO 4217, where they are not two."""
_DIGITS_OF = {currency: digits for digits, currencies in _DIGITS.items() for currency in currencies.split()}


def decimal(amount: int, currency: str) -> Decimal:
    """An amount in minor units as a number of the currency: 1250 PLN is 12.50."""
    return Decimal(amount).scaleb(-_DIGITS_OF.get(currency, 2))
