"""What the tables show."""

import pytest

from cli.main import order_cells


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [(1250, "PLN", "12.50 PLN"), (0, "PLN", "0.00 PLN"), (1250, "JPY", "1250 JPY"), (1250, "KWD", "1.250 KWD")],
)
def test_totals_have_the_digits_of_their_currency(amount: int, currency: str, shown: str) -> None:
    order = {
        "id": "one",
        "number": 1,
        "client": {"name": "Ala", "email": "ala@example.com"},
        "total": {"amount": amount, "currency": currency},
        "lines": [],
        "status": "unpaid",
        "ready": False,
        "notification": {"state": "none"},
    }

    assert shown in order_cells(order)
