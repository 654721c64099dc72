"""Paying online, from the client's *Pay now* to the photographer's list, through the pretend bank."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from deploy.local.supervisor import Supervisor
from tests.browser.fixtures import Studio
from tests.browser.visiting import Visitors, check
from tests.e2e.people import ClientOrder, GalleryDesk, Photographer


@pytest.fixture
async def desk(studio: Studio, photographer: Photographer) -> GalleryDesk:
    """A gallery of a photographer who has connected the pretend bank in Settings."""
    desk = await photographer.open_gallery(payment_instructions="Or in cash at school.")
    page = await studio(f"/galleries/{desk.gallery['id']}/settings")
    await page.get_by_role("link", name="Payment providers").click()
    await expect(page.get_by_text("Pretend money: orders count as paid although nobody has paid.")).to_be_visible()
    await page.get_by_role("button", name="Connect: Pretend bank").click()
    await expect(page.get_by_role("button", name="Disconnect: Pretend bank")).to_be_visible()
    await check(page, "providers-sandbox")
    return desk


async def ordered(visitors: Visitors, desk: GalleryDesk, **browser: Any) -> tuple[ClientOrder, Page]:
    """An order of one photo, and its client at the order's page."""
    photos = await desk.add_photos("a.jpg")
    order = await desk.order(*photos.values())
    return order, await visitors.client(desk, f"/orders/{order.id}", **browser)


async def at_the_bank(page: Page, press: str, action: str) -> None:
    """Go to the bank, and do this there."""
    await page.get_by_role("button", name=press).click()
    await expect(page.get_by_text("This is a pretend bank.")).to_be_visible()
    await page.get_by_role("button", name=action, exact=True).click()


async def test_who_declined_tries_again_and_pays(visitors: Visitors, desk: GalleryDesk) -> None:
    order, page = await ordered(visitors, desk, phone=True)
    await expect(page.get_by_text("this is a pretend bank, and no money moves")).to_be_visible()
    await expect(page.get_by_text("Or in cash at school.")).to_be_visible()
    await check(page, "order-pay")
    await at_the_bank(page, "Pay now", "Decline")
    await expect(page.get_by_text("The payment was declined, and no money was taken.")).to_be_visible()
    await check(page, "order-declined")
    await at_the_bank(page, "Try again", "Pay")
    await expect(page.get_by_role("listitem").filter(has_text="Paid")).to_be_visible()
    await expect(page.get_by_role("button", name="Pay now")).to_have_count(0)
    await check(page, "order-paid")
    assert [step["what"] for step in (await order.read())["timeline"]] == ["placed", "paid"]


async def test_who_comes_back_before_the_bank_confirms_is_told_to_wait(
    visitors: Visitors, desk: GalleryDesk, studio: Studio
) -> None:
    _, page = await ordered(visitors, desk)
    await page.get_by_role("button", name="Pay now").click()
    await page.get_by_role("link", name="Back to the shop").click()
    await expect(page.get_by_text("If you have paid: waiting for the bank to confirm it.")).to_be_visible()
    await check(page, "order-pay-begun")
    providers = await studio("/payments/providers")
    await providers.get_by_role("button", name="Disconnect: Pretend bank").click()
    await expect(providers.get_by_text("1 client may be paying there just now")).to_be_visible()
    other = await page.context.new_page()
    await other.goto(page.url)
    await at_the_bank(other, "Not paid yet? To the payment", "Pay")
    for each in (page, other):
        await expect(each.get_by_role("listitem").filter(has_text="Paid")).to_be_visible()


async def test_the_wrong_amount_is_looked_at_and_assigned_with_one_press(
    visitors: Visitors, studio: Studio, desk: GalleryDesk
) -> None:
    order, page = await ordered(visitors, desk)
    orders = await studio(f"{desk.path}/orders")
    await at_the_bank(page, "Pay now", "Pay the wrong amount")
    held = re.compile("Your payment of .* PLN has come in, .* The photographer is looking at it; do not pay again.")
    await expect(page.get_by_text(held)).to_be_visible()
    await check(page, "order-pay-held")
    await orders.get_by_role("link", name="Payments to look at 1").click()
    await expect(orders.get_by_text("(no real money)")).to_be_visible()
    await orders.get_by_role("button", name="Let it pay #1 Anna Nowak, 12.50 PLN").click()
    await expect(orders.get_by_text("Nothing to look at")).to_be_visible()
    await order.until(status="paid")
    await expect(page.get_by_role("listitem").filter(has_text="Paid")).to_be_visible()


async def test_paying_works_without_script(visitors: Visitors, desk: GalleryDesk) -> None:
    _, page = await ordered(visitors, desk, javascript=False)
    await at_the_bank(page, "Pay now", "Send it three times")
    await expect(page.get_by_role("listitem").filter(has_text="Paid")).to_be_visible()


async def test_a_bank_that_does_not_answer_is_said_and_nothing_is_lost(
    visitors: Visitors, desk: GalleryDesk, stack: Supervisor
) -> None:
    _, page = await ordered(visitors, desk)
    bank = stack.servers.bank
    assert bank is not None
    await bank.stop()
    try:
        await page.get_by_role("button", name="Pay now").click()
        await expect(page.get_by_text("The payment page cannot be reached just now.")).to_be_visible()
        await check(page, "order-pay-unreachable")
        visitors.forget("503")
    finally:
        await bank.start()
    await at_the_bank(page, "Pay now", "Pay")
    await expect(page.get_by_role("listitem").filter(has_text="Paid")).to_be_visible()
