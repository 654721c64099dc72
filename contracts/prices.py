"""What photos cost together: one arithmetic, for those who show a price and for the one who charges it."""

from collections.abc import Sequence

from contracts.orders import Bundle

IN_REACH = 10
"""How many photos more a client may still want to hear of a bundle."""


def cheapest_total(photos: int, price_per_photo: int, bundles: Sequence[Bundle]) -> int:
    """The least that a client can pay for `photos` photos, in minor units.

    A bundle may hold more photos than are ordered, and any bundle may be bought several times.
    """
    offers = [(1, price_per_photo), *((bundle.photos, bundle.price) for bundle in bundles)]
    totals = [0]
    for count in range(1, photos + 1):
        totals.append(min(totals[max(0, count - size)] + price for size, price in offers))
    return totals[photos]


def bundle_in_reach(photos: int, price_per_photo: int, bundles: Sequence[Bundle]) -> Bundle | None:
    """The smallest bundle of more photos than these that is cheaper than adding the missing ones singly.

    Its price may be no more than what the photos cost already: the missing ones are free then.
    """
    total = cheapest_total(photos, price_per_photo, bundles)
    for bundle in sorted(bundles, key=lambda bundle: bundle.photos):
        more = bundle.photos - photos
        if 0 < more <= IN_REACH and bundle.price < total + more * price_per_photo:
            return bundle
    return None
