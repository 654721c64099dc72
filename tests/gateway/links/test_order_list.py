"""**Client orders**: which of a gallery's orders are listed, and page by page."""

from typing import Any

import pytest

from contracts.notifier import MailState
from contracts.orders import OrderStatus
from tests.gateway.links.scene import Scene, Shoot


@pytest.fixture(scope="module")
async def shoot(scene: Scene) -> Shoot:
    """A gallery with an order in every state, by number:

    1 placed, 2 paid, 3 ready, 4 ready and mailed, 5 ready but its mail failed, 6 ready and then refunded, 7 cancelled.
    """
    shoot, elsewhere = await scene.open_gallery(), await scene.open_gallery()
    await shoot.order("1.jpg", status=OrderStatus.PLACED)
    _, ready, mailed, failed, refunded, cancelled = [await shoot.order("1.jpg") for _ in range(6)]
    await shoot.is_ready(ready, mailed, failed, refunded)
    await shoot.mailed(mailed, MailState.SENT)
    await shoot.mailed(failed, MailState.FAILED, "550 no such user")
    await shoot.becomes(refunded, OrderStatus.REFUNDED)
    await shoot.becomes(cancelled, OrderStatus.CANCELLED)
    await elsewhere.order("1.jpg")
    return shoot


async def page(shoot: Shoot, query: str) -> dict[str, Any]:
    """A page of the gallery's orders."""
    found: dict[str, Any] = (await shoot.scene.studio.get(f"{shoot.api}/orders?{query}")).expect(200)
    return found


def numbers(page: dict[str, Any]) -> list[int]:
    """Of the orders on a page."""
    return [order["number"] for order in page["items"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7]),
        ("status=placed", [1]),
        ("status=paid", [2, 3, 4, 5]),
        ("status=refunded", [6]),
        ("status=cancelled", [7]),
        ("ready=true", [3, 4, 5]),
        ("ready=false", [1, 2, 6, 7]),
        ("notified=true", [4]),
        ("notified=false", [1, 2, 3, 5, 6, 7]),
        ("status=paid&ready=true&notified=false", [3, 5]),
        ("status=placed&ready=true", []),
    ],
)
async def test_the_list_shows_the_orders_that_are_asked_for(shoot: Shoot, query: str, expected: list[int]) -> None:
    assert numbers(await page(shoot, query)) == expected


@pytest.mark.parametrize(("which", "expected"), [("", [[1, 2, 3], [4, 5, 6], [7]]), ("status=paid&", [[2, 3, 4], [5]])])
async def test_the_list_comes_in_pages_to_its_end(shoot: Shoot, which: str, expected: list[list[int]]) -> None:
    pages = [await page(shoot, f"{which}limit=3")]
    while pages[-1]["next"]:
        pages.append(await page(shoot, f"{which}limit=3&cursor={pages[-1]['next']}"))
    assert [numbers(each) for each in pages] == expected


async def test_a_page_that_is_just_full_is_the_last(shoot: Shoot) -> None:
    assert (await page(shoot, "status=paid&limit=4"))["next"] is None


async def test_a_listed_order_is_the_order_without_its_timeline(shoot: Shoot) -> None:
    listed = (await page(shoot, "notified=true"))["items"][0]
    whole = (await shoot.scene.studio.get(f"/api/v1/orders/{listed['id']}")).expect(200)
    assert whole.pop("timeline")
    assert listed == whole


@pytest.mark.parametrize(
    "query", ["status=lost", "ready=maybe", "notified=2", "limit=0", "limit=501", "cursor=nonsense"]
)
async def test_a_question_that_makes_no_sense_is_refused_by_its_name(shoot: Shoot, query: str) -> None:
    problem = (await shoot.scene.studio.get(f"{shoot.api}/orders?{query}")).expect(422)
    assert [error["field"] for error in problem["errors"]] == [query.partition("=")[0]]
