"""How far a client is with paying online."""

from typing import Literal

from asyncpg import Record

from contracts.orders import OrderStatus
from services.gateway.payments import receipts
from services.gateway.payments.providers import CheckoutState

Step = receipts.State | Literal["begun"]
"""`begun`: the client has been at the payment page, and nothing was heard yet."""


def step_of(order: Record) -> Step | None:
    """Of an unpaid order (a row of `reads.orders.placed`); None: nothing is under way."""
    if order["status"] != OrderStatus.PLACED:
        return None
    return receipts.state_of(order) or ("begun" if order["checkout"] == CheckoutState.OPEN else None)
