"""Pure decisions: what an order costs, and what may become of it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from contracts.base import Money
from contracts.orders import GallerySettings, OrderLine, OrderStatus
from contracts.prices import cheapest_total
from services.orders.errors import NothingToChange, Refusal

ALLOWED: dict[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.PAID: frozenset({OrderStatus.PLACED}),
    OrderStatus.CANCELLED: frozenset({OrderStatus.PLACED, OrderStatus.PAID}),
    OrderStatus.REFUNDED: frozenset({OrderStatus.PAID}),
}
"""From which states each state can be reached."""

INSTEAD: dict[OrderStatus, str] = {
    OrderStatus.PLACED: "It is not paid: cancel it instead.",
    OrderStatus.PAID: "It is paid already.",
    OrderStatus.CANCELLED: "It is cancelled: ask the client to order anew.",
    OrderStatus.REFUNDED: "It is refunded: ask the client to order anew.",
}


def once_each(lines: Iterable[OrderLine]) -> tuple[OrderLine, ...]:
    """A photo listed twice counts once."""
    return tuple({line.photo_id: line for line in lines}.values())


def check_order(settings: GallerySettings, lines: tuple[OrderLine, ...], withdrawn: set[UUID], at: datetime) -> None:
    """Raises `Refusal` when these lines cannot be ordered at the moment `at`."""
    if settings.order_deadline and at > settings.order_deadline:
        raise Refusal(409, "gallery-closed", "Orders are closed for this gallery; ask the photographer to reopen it.")
    if not lines:
        raise Refusal(422, "empty-order", "Choose at least one photo.", "photo_ids")
    if gone := [line.filename for line in lines if line.photo_id in withdrawn]:
        names = ", ".join(gone)
        raise Refusal(422, "unknown-photo", f"No longer in this gallery: {names}; order without it.", "photo_ids")


def price_order(settings: GallerySettings, photos: int, agreed: Money | None) -> Money:
    """What the order costs.

    Raises `Refusal` when it is free and free orders are not allowed, and when it is not what the client `agreed` to.
    """
    amount = cheapest_total(photos, settings.price_per_photo, settings.bundles)
    if amount == 0 and not settings.allow_free_orders:
        raise Refusal(409, "no-free-orders", "This gallery has no price set; ask the photographer to set one.")
    total = Money(amount=amount, currency=settings.currency)
    if agreed and total != agreed:
        raise Refusal(409, "price-changed", "The price has changed meanwhile; look at it once more, then order.")
    return total


def check_erasure(status: OrderStatus, *, ends_order: bool) -> None:
    """Raises `Refusal` when the order goes on and nobody has agreed that it ends."""
    if status in (OrderStatus.PLACED, OrderStatus.PAID) and not ends_order:
        end = "cancels it" if status is OrderStatus.PLACED else "ends its downloads"
        raise Refusal(409, "order-goes-on", f"Erasing the client of this order {end}: send ends_order if so meant.")


def check_change(status: OrderStatus, wanted: OrderStatus) -> None:
    """Raises `NothingToChange` when the order is in the wanted state, and `Refusal` when it cannot get there."""
    if status is wanted:
        raise NothingToChange
    if status not in ALLOWED[wanted]:
        raise Refusal(409, f"order-{status}", f"The order cannot become {wanted}. {INSTEAD[status]}")
