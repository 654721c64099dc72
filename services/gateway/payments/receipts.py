"""What a client may know of the payment of a placed order (a row of `reads.orders.placed`)."""

from collections.abc import Collection
from typing import Literal

from asyncpg import Record

from contracts import money
from contracts.base import Money
from contracts.orders import OrderStatus
from services.gateway.errors import Problem
from services.gateway.payments import registry
from services.gateway.payments.checkouts import no_page
from services.gateway.payments.providers import CheckoutState

State = Literal["waiting", "declined", "held", "paid"]
"""`held`: money came in that does not fit the order, and the photographer looks at it."""

_SHOWN: dict[str, State] = {
    CheckoutState.WAITING: "waiting",
    CheckoutState.FAILED: "declined",
    CheckoutState.PAID: "waiting",  # whether that pays the order is for orders to say
}


def state_of(order: Record) -> State | None:
    """How far the payment is, as far as it is known; None: nothing was heard of one."""
    match order["status"]:
        case OrderStatus.PAID:
            return "paid"
        case OrderStatus.PLACED:
            return "held" if order["held"] else _SHOWN.get(order["checkout"])
        case _:
            return None


def page_of(order: Record, servers: Collection[str]) -> str | None:
    """The provider on whose page the order can be paid now; `servers`: the names of those that are offered."""
    return None if _hindrance(order) else registry.page_of(order["providers"], servers)


def check(order: Record, servers: Collection[str]) -> str:
    """The provider on whose page the order can be paid now. Raises `Problem` 409 that says what to do otherwise."""
    if hindrance := _hindrance(order):
        raise Problem(409, *hindrance)
    if provider := page_of(order, servers):
        return provider
    raise no_page()


def payment(order: Record, servers: Collection[str], api_url: str) -> dict[str, object]:
    """How an order can be paid, and how far that is; `api_url`: the order's own."""
    shown = {"methods": ["by_hand"], "instructions": order["instructions"], "state": state_of(order)}
    if page_of(order, servers) is None:
        return shown
    return {**shown, "methods": ["by_hand", "online"], "checkout_url": f"{api_url}/checkout"}


def _hindrance(order: Record) -> tuple[str, str] | None:
    """Why an order cannot be paid, whatever the studio has connected: a code, and what to do."""
    match order["status"]:
        case OrderStatus.CANCELLED:
            return "order-cancelled", "This order is cancelled: order anew, or write to the photographer."
        case OrderStatus.REFUNDED:
            return "order-refunded", "The money for this order was paid back: order anew, or write to the photographer."
    match state_of(order):
        case "paid":
            return "order-paid", "This order is paid already; there is nothing left to do."
        case "held":
            came = money.shown(Money(amount=order["held"], currency=order["held_in"]), "en")
            return "payment-held", f"The photographer is looking at your payment of {came}; do not pay again."
        case "waiting":
            return "payment-under-way", "Your payment is under way; wait until the bank confirms it, do not pay again."
    if order["amount"] == 0:
        return "nothing-to-pay", "This order costs nothing; there is nothing left to do."
    return None
