"""What photos cost, and what is said of bundles."""

import pytest

from contracts.orders import Bundle
from contracts.prices import bundle_in_reach, cheapest_total

FIVE, TEN = Bundle(photos=5, price=4500), Bundle(photos=10, price=8000)


@pytest.mark.parametrize(
    ("photos", "total"), [(0, 0), (1, 1200), (3, 3600), (4, 4500), (5, 4500), (6, 5700), (8, 8000), (21, 17200)]
)
def test_the_cheapest_mixture_of_bundles_and_single_photos_is_charged(photos: int, total: int) -> None:
    assert cheapest_total(photos, 1200, (TEN, FIVE)) == total


@pytest.mark.parametrize(
    ("photos", "bundle"),
    [
        (1, FIVE),  # 45.00 instead of 60.00
        (4, FIVE),  # the fifth is free
        (5, TEN),
        (9, TEN),
        (10, None),
    ],
)
def test_the_next_bundle_that_makes_more_photos_cheaper_is_in_reach(photos: int, bundle: Bundle | None) -> None:
    assert bundle_in_reach(photos, 1200, (TEN, FIVE)) == bundle


def test_a_bundle_that_saves_nothing_or_is_far_away_is_not_spoken_of() -> None:
    assert bundle_in_reach(3, 1200, (Bundle(photos=5, price=6000),)) is None
    assert bundle_in_reach(1, 1200, (Bundle(photos=50, price=5000),)) is None
