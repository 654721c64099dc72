"""How far a client is with paying online."""

from typing import Literal

from asyncpg import Record

from chassis.db import Database
from contracts.orders import OrderStatus
from services.gateway.payments import receipts
from services.gateway.payments.providers import CheckoutState
from services.gateway.reads import payments

Step = Literal["begun", "waiting", "declined", "held"]
"""`begun`: the client has been at the payment page, and nothing was heard yet; `held`: the money came in, and the
photographer has to look at it."""


async def step_of(db: Database, order: Record) -> Step | None:
    """Of an unpaid order (a row of `reads.orders.placed`); None: nothing is under way."""
    if order["status"] != OrderStatus.PLACED:
        return None
    paid = await payments.of_order(db, order["studio_id"], order["id"])
    if any(payment["problem"] and not payment["dismissed"] for payment in paid):
        return "held"
    match receipts.state_of(order):
        case "declined":
            return "declined"
        case "waiting":
            return "waiting"
        case "paid":  # the webhook is here, what orders makes of it is not
            return None if paid else "waiting"
    return "begun" if order["checkout"] == CheckoutState.OPEN else None
