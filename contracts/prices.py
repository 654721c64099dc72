"""What photos cost (used by who decides and by who shows it)."""

from collections.abc import Iterable

from contracts.orders import Bundle


def cheapest_total(photos: int, price_per_photo: int, bundles: Iterable[Bundle]) -> int:
    """The least that a client can pay for `photos` photos, in minor units.

    A bundle may hold more photos than are ordered, and any bundle may be bought several times.
    """
    offers = [(1, price_per_photo), *((bundle.photos, bundle.price) for bundle in bundles)]
    totals = [0]
    for count in range(1, photos + 1):
        totals.append(min(totals[max(0, count - size)] + price for size, price in offers))
    return totals[photos]
