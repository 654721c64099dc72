"""Amounts between people and minor units."""

from decimal import Decimal

import pytest

from contracts.money import decimal, minor_units


@pytest.mark.parametrize(
    ("typed", "currency", "amount"),
    [("12.50", "PLN", 1250), ("12,5", "PLN", 1250), (" 1 250 ", "PLN", 125_000), ("500", "JPY", 500), ("0", "EUR", 0)],
)
def test_people_type_amounts_as_they_like(typed: str, currency: str, amount: int) -> None:
    assert minor_units(typed, currency) == amount
    assert decimal(amount, currency) == Decimal(typed.replace(" ", "").replace(",", "."))


@pytest.mark.parametrize("typed", ["", "12.505", "NaN", "a", "Infinity"])
def test_what_is_no_amount_of_the_currency_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        minor_units(typed, "PLN")
