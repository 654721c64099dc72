"""Amounts for people; everywhere else money is integers in minor units (rule 8)."""

from decimal import Decimal

from babel.numbers import format_currency

from contracts.base import Money
from contracts.orders import Locale

_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
"""Digits of the minor unit by ISO 4217, where they are not two."""
MOST_DIGITS = 18
"""Of an amount; whoever types more means no amount."""
_ENGLISH = "#,##0.00 ¤¤"
"""Babel's own English writes `PLN12.50`."""
_DIGITS_OF = {currency: digits for digits, currencies in _DIGITS.items() for currency in currencies.split()}


def digits(currency: str) -> int:
    """How many digits the minor unit of a currency has, by ISO 4217."""
    return _DIGITS_OF.get(currency, 2)


def decimal(amount: int, currency: str) -> Decimal:
    """An amount in minor units as a number of the currency: 1250 PLN is 12.50."""
    return Decimal(amount).scaleb(-digits(currency))


def shown(money: Money, locale: Locale) -> str:
    """An amount in the reader's form: `48.00 PLN`, `48,00 zł`."""
    number = decimal(money.amount, money.currency)
    if locale != "en":
        return format_currency(number, money.currency, locale=locale)
    return format_currency(number, money.currency, _ENGLISH, locale="en", currency_digits=True)


def minor_units(typed: str, currency: str) -> int:
    """What a person typed as an amount of a currency, in minor units: `12.50`, `12,5` and `1 250` of PLN are fine.

    Raises `ValueError` for anything else, also for more digits than the currency has.
    """
    try:
        number = Decimal("".join(typed.split()).replace(",", "."))
        amount = number.scaleb(digits(currency))
    except ArithmeticError:
        raise ValueError("not an amount") from None
    if not amount.is_finite() or amount.adjusted() > MOST_DIGITS or amount != int(amount):
        raise ValueError("not an amount of this currency")
    return int(amount)
