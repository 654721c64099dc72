"""Pure decisions: what an order costs, and what may become of it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from contracts.orders import Bundle, GallerySettings, OrderLine, OrderStatus
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


def cheapest_total(photos: int, price_per_photo: int, bundles: Iterable[Bundle]) -> int:
    """The least that a client can pay for `photos` photos, in minor units.

    A bundle may hold more photos than are ordered, and any bundle may be bought several times.
    """
    offers = [(1, price_per_photo), *((bundle.photos, bundle.price) for bundle in bundles)]
    totals = [0]
    for count in range(1, photos + 1):
        totals.append(min(totals[max(0, count - size)] + price for size, price in offers))
    return totals[photos]


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


def price_order(settings: GallerySettings, photos: int) -> int:
    """What the order costs, in minor units. Raises `Refusal` when it would be free and free orders are not allowed."""
    total = cheapest_total(photos, settings.price_per_photo, settings.bundles)
    if total == 0 and not settings.allow_free_orders:
        raise Refusal(409, "no-free-orders", "This gallery has no price set; ask the photographer to set one.")
    return total


def check_change(status: OrderStatus, wanted: OrderStatus) -> None:
    """Raises `NothingToChange` when the order is in the wanted state, and `Refusal` when it cannot get there."""
    if status is wanted:
        raise NothingToChange
    if status not in ALLOWED[wanted]:
        raise Refusal(409, f"order-{status}", f"The order cannot become {wanted}. {INSTEAD[status]}")
