"""Payments to look at, in the browser: found as they come, and settled with one press."""

import json

import pytest
from playwright.async_api import Locator, Page, expect

from services.gateway.payments import przelewy24
from tests.browser.fixtures import Studio
from tests.browser.school import School
from tests.browser.visiting import check
from tests.e2e.people import Photographer, World
from tests.gateway.client import Caller, StudioClient
from tests.gateway.paying import JSON, Bank


@pytest.fixture
async def bank(photographer: Photographer, world: World) -> Bank:
    """A payment system that the photographer has connected."""
    return await Bank.connect(StudioClient(world.http, world.url, {"Authorization": f"Bearer {photographer.token}"}))


def card(page: Page, payment_id: str) -> Locator:
    """What is shown of a payment."""
    return page.get_by_role("main").get_by_role("listitem").filter(has_text=payment_id)


async def test_a_payment_of_the_wrong_amount_is_counted_live_and_assigned_with_one_press(
    studio: Studio, bank: Bank
) -> None:
    school = await School.begin(studio.photographer)
    order = await school.places("Ewa Mazur", 0)
    orders = await studio(f"{school.desk.path}/orders")
    await expect(orders.get_by_role("heading", name="1 order")).to_be_visible()
    await expect(orders.get_by_role("link", name="Payments to look at")).to_have_count(0)
    (await bank.tell(order.id, amount=1251)).expect(200)
    await orders.get_by_role("link", name="Payments to look at 1").click()
    await expect(orders.get_by_text("The order costs 12.50 PLN, but 12.51 PLN came in.")).to_be_visible()
    await check(orders, "payments-to-look-at")
    page = await studio(f"/orders/{order.id}")
    payments = page.get_by_role("region", name="Payments")
    await expect(payments).to_contain_text("12.51 PLN")
    await expect(payments).to_contain_text("Wrong amount")
    await expect(page.get_by_role("listitem").filter(has_text="Payment problem")).to_contain_text("Wrong amount")
    await check(page, "order-payment-problem")
    await orders.get_by_role("button", name="Let it pay #1 Ewa Mazur, 12.50 PLN").click()
    await expect(orders.get_by_text("Nothing to look at")).to_be_visible()
    await expect(payments).to_contain_text("Received")
    await order.until(status="paid")
    await orders.get_by_role("link", name="All 1").click()
    await expect(card(orders, "pay_1")).to_contain_text("#1 Ewa Mazur")
    await check(orders, "payments-all")


async def test_whose_money_it_is_is_found_by_amount_or_by_name(studio: Studio, bank: Bank) -> None:
    school = await School.begin(studio.photographer)
    for name, photos in (("Ewa Mazur", (0,)), ("Jan Lis", (0, 1)), ("Ola Żak", (0,))):
        await school.places(name, *photos)
    page = await studio("/payments")
    (await bank.tell(None)).expect(200)
    (await bank.tell(None, payment_id="pay_2", amount=999)).expect(200)
    await expect(card(page, "pay_1").get_by_role("button", name="Let it pay")).to_have_count(2)
    await card(page, "pay_2").get_by_role("button", name="Choose an order").click()
    dialog = page.get_by_role("dialog", name="Which order does 9.99 PLN pay?")
    await expect(dialog.get_by_role("listitem")).to_have_count(3)
    await check(page, "payments-assign")
    await dialog.get_by_label("Find by name, e-mail or number").fill("nobody")
    await expect(dialog.get_by_text("Nothing found for “nobody” among unpaid orders.")).to_be_visible()
    await dialog.get_by_label("Find by name, e-mail or number").fill("lis")
    await expect(dialog.get_by_role("listitem")).to_have_count(1)
    await dialog.get_by_role("button", name="Let it pay #2").click()
    await expect(card(page, "pay_2")).to_have_count(0)
    await card(page, "pay_1").get_by_role("button", name="Let it pay #3 Ola Żak, 12.50 PLN").click()
    await expect(page.get_by_text("Nothing to look at")).to_be_visible()
    await school.orders["Jan"].until(status="paid")
    await school.orders["Ola"].until(status="paid")


async def test_who_paid_twice_is_paid_back_and_anything_else_is_dismissed_with_a_reason(
    studio: Studio, bank: Bank
) -> None:
    school = await School.begin(studio.photographer)
    paid, cancelled = await school.pays("Ewa Mazur", 0), await school.places("Jan Lis", 0)
    await cancelled.act("cancel")
    page = await studio("/payments", phone=True)
    (await bank.tell(paid.id)).expect(200)
    (await bank.tell(cancelled.id, payment_id="pay_2")).expect(200)
    (await bank.tell(None, "payment.refunded", payment_id="pay_3")).expect(200)
    await expect(card(page, "pay_1")).to_contain_text("so 12.50 PLN came in twice. Pay it back at the provider")
    await expect(card(page, "pay_2")).to_contain_text("The order was cancelled, but 12.50 PLN came in.")
    await expect(card(page, "pay_3")).to_contain_text("went back to the client, but only")
    await check(page, "payments-remedies")
    (await bank.tell(paid.id, "payment.refunded")).expect(200)
    await expect(card(page, "pay_1")).to_have_count(0)
    await paid.until(status="paid")
    await card(page, "pay_2").get_by_role("button", name="Dismiss").click()
    dialog = page.get_by_role("dialog", name="Dismiss the payment of 12.50 PLN?")
    await dialog.get_by_role("button", name="Dismiss").click()
    await expect(dialog.get_by_text("Say in a few words why nothing needs to be done.")).to_be_visible()
    await check(page, "payments-dismiss")
    await dialog.get_by_label("Why nothing needs to be done").fill("Paid back in <b>cash</b>")
    await dialog.get_by_role("button", name="Dismiss").click()
    await expect(card(page, "pay_2")).to_have_count(0)
    await page.get_by_role("link", name="All 3").click()
    await expect(card(page, "pay_2")).to_contain_text("Order cancelled · Paid back in <b>cash</b>")
    studio.visitors.forget("422")


async def test_what_a_provider_may_still_hold_is_said(studio: Studio, photographer: Photographer, world: World) -> None:
    keys = {"merchant_id": "1", "api_key": "a", "crc": "bar"}
    webhook_url = (await photographer.do("PUT", "/payment-providers/przelewy24", json=keys))["webhook_url"]
    said = {"merchantId": 1, "posId": 1, "sessionId": "gone", "amount": 1250, "originAmount": 1250, "currency": "PLN"}
    said |= {"orderId": 7, "methodId": 1, "statement": "p24"}
    body = json.dumps(said | {"sign": przelewy24.sign(said, "bar")}).encode()
    (await Caller(world.http, world.url).call("POST", webhook_url, headers=JSON, data=body)).expect(200)
    page = await studio("/payments")
    await expect(page.get_by_text("The provider may hold the money until it is confirmed")).to_be_visible()
    await expect(page.get_by_text("No such order")).to_be_visible()


async def test_of_a_dispute_no_more_is_promised_than_is_heard_of(studio: Studio, bank: Bank) -> None:
    school = await School.begin(studio.photographer)
    order = await school.places("Ewa Mazur", 0)
    (await bank.tell(order.id)).expect(200)
    (await bank.tell(order.id, "payment.disputed")).expect(200)
    page = await studio("/payments")
    await expect(page.get_by_text("note the refund on the order")).to_be_visible()
    await expect(page.get_by_text("The provider may hold the money")).to_have_count(0)
