"""Settings of online payments, in the browser."""

import re

from playwright.async_api import Page, expect

from tests.browser.fixtures import Studio
from tests.browser.visiting import Visitors, check
from tests.e2e.people import Photographer, World
from tests.gateway.client import Caller
from tests.gateway.paying import Bank
from tests.waiting import eventually

HERE = "/payments/providers"


async def connect(page: Page, world: World) -> Bank:
    """Connect the provider `standard`; returns a bank that has read secret and address from the page."""
    await page.get_by_role("button", name="Connect: Standard Webhooks").click()
    card = page.get_by_role("region", name="Standard Webhooks")
    secret = await card.get_by_role("status").locator("code").inner_text()
    address = await card.locator("code").last.inner_text()
    assert secret.startswith("whsec_")
    return Bank(Caller(world.http, world.url), secret, address)


async def not_found(bank: Bank) -> bool:
    return (await bank.tell(None)).status == 404


async def test_a_provider_is_connected_by_one_press_and_its_secret_is_shown_once(studio: Studio, world: World) -> None:
    page = await studio("/account")
    await page.get_by_role("link", name="Payment providers").click()
    await expect(page.get_by_role("heading", name="Online payments", level=1)).to_be_visible()
    await check(page, "providers")
    bank = await connect(page, world)
    await check(page, "providers-secret")
    await page.get_by_role("button", name="Copy the secret").click()
    await expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == bank.secret
    await page.goto(HERE)
    await expect(page.get_by_text(re.compile("^Connected"))).to_be_visible()
    assert bank.secret not in await page.content()


async def test_what_webhooks_say_is_listed_and_a_refused_one_says_why(studio: Studio, world: World) -> None:
    page = await studio(HERE)
    bank = await connect(page, world)
    await page.goto(HERE)
    await expect(page.get_by_text("No webhook has come yet.")).to_be_visible()
    await page.get_by_role("button", name="Send a test event: Standard Webhooks").click()
    test = page.get_by_role("row").filter(has_text="photoferry.test")
    await expect(test).to_contain_text("Accepted: the signature is right")
    (await bank.tell(None)).expect(200)
    await expect(page.get_by_role("row").filter(has_text="payment.succeeded")).to_contain_text("No such order")
    (await bank.tell(None, "payment.failed", payment_id="pay_2")).expect(200)
    bank.secret = "whsec_" + "A" * 43 + "="
    (await bank.tell(None)).expect(400)
    await page.goto(HERE)
    await expect(page.get_by_text("A webhook was refused on")).to_be_visible()
    await expect(page.get_by_text("The signature is wrong, or the timestamp")).to_be_visible()
    await expect(page.get_by_role("row").filter(has_text="payment.failed")).to_contain_text("changes no payment")
    await check(page, "providers-webhooks")


async def test_a_new_secret_is_shown_once_and_the_old_one_holds_for_a_day(studio: Studio, world: World) -> None:
    page = await studio(HERE)
    bank = await connect(page, world)
    await page.goto(HERE)
    await page.get_by_role("button", name="New secret: Standard Webhooks").click()
    await expect(page.get_by_role("dialog", name="Make a new secret?")).to_be_visible()
    await check(page, "providers-rotate")
    await page.get_by_role("button", name="Make a new secret: Standard Webhooks").click()
    shown = page.get_by_role("status").locator("code")
    await expect(shown).to_contain_text("whsec_")
    assert await shown.inner_text() != bank.secret
    await expect(page.get_by_text("The secret before the present one still holds until")).to_be_visible()


async def test_it_is_said_with_which_of_several_providers_clients_pay(
    studio: Studio, photographer: Photographer
) -> None:
    await photographer.do("PUT", "/payment-providers/standard", json={})
    page = await studio(HERE, phone=True)
    await expect(page.get_by_text("Clients pay with")).to_have_count(0)
    keys = {"pos_id": "1", "client_id": "2", "client_secret": "s", "second_key": "k"}
    await photographer.do("PUT", "/payment-providers/payu", json=keys)
    await page.reload()
    await expect(page.get_by_text("Clients pay with PayU.")).to_be_visible()
    await expect(page.get_by_text("To have them pay with another one")).to_have_count(0)
    p24 = {"merchant_id": "1", "api_key": "a", "crc": "c"}
    await photographer.do("PUT", "/payment-providers/przelewy24", json=p24)
    await page.reload()
    await expect(page.get_by_text("Clients pay with Przelewy24.")).to_be_visible()
    await expect(page.get_by_text("To have them pay with another one, disconnect Przelewy24.")).to_be_visible()
    await check(page, "providers-several")


async def test_a_provider_is_disconnected_after_a_question(studio: Studio, world: World) -> None:
    page = await studio(HERE, phone=True)
    bank = await connect(page, world)
    await page.get_by_role("button", name="Disconnect: Standard Webhooks").click()
    await check(page, "providers-disconnect")
    await page.get_by_role("button", name="Not now").click()
    (await bank.tell(None)).expect(200)
    await page.get_by_role("button", name="Disconnect: Standard Webhooks").click()
    await page.get_by_role("dialog").get_by_role("button", name="Disconnect").click()
    await expect(page.get_by_role("button", name="Connect: Standard Webhooks")).to_be_visible()
    await eventually(lambda: not_found(bank))
    await expect(page.get_by_role("row").filter(has_text="payment.succeeded").first).to_be_visible()


async def test_keys_are_asked_for_by_their_names_at_the_provider_and_never_shown_again(
    studio: Studio, visitors: Visitors
) -> None:
    page = await studio(HERE)
    card = page.get_by_role("region", name="Przelewy24")
    await card.get_by_label("Merchant number").fill("not a number")
    await card.get_by_label("API key").fill("key-of-the-api")
    await card.get_by_role("button", name="Connect: Przelewy24").click()
    await expect(card.get_by_role("alert")).to_be_focused()
    await expect(card.get_by_label("Merchant number")).to_have_value("not a number")
    await expect(card.get_by_label("API key")).to_have_value("")
    await check(page, "providers-wrong-keys")
    await card.get_by_label("Merchant number").fill("12345")
    await card.get_by_label("API key").fill("key-of-the-api")
    await card.get_by_label("CRC key").fill("crc-of-the-shop")
    await card.get_by_role("button", name="Connect: Przelewy24").click()
    await expect(card.get_by_text(re.compile("^Connected"))).to_be_visible()
    await expect(card.get_by_role("button", name="Test the keys: Przelewy24")).to_be_visible()
    await check(page, "providers-keys")
    await card.get_by_text("Change the keys").click()
    await expect(card.get_by_label("Merchant number")).to_have_value("")
    for secret in ("key-of-the-api", "crc-of-the-shop"):
        assert secret not in await page.content()
    visitors.forget("422")
