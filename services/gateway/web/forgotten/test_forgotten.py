"""A forgotten password, in the browser."""

from playwright.async_api import expect

from tests.browser.visiting import Visitors, check
from tests.e2e.people import PASSWORD, Photographer
from tests.e2e.test_forgotten import NEW, link_in, mailed
from tests.e2e.test_ownership import a_reset


async def test_who_has_forgotten_the_password_is_led_from_the_log_in_to_a_new_one(
    visitors: Visitors, photographer: Photographer
) -> None:
    email = photographer.studio["email"]
    page = await visitors.anybody()
    await page.goto("/login")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill("wrong password")
    await page.get_by_role("button", name="Log in").click()
    await page.get_by_role("link", name="Forgotten your password?").click()
    await expect(page.get_by_label("E-mail you log in with")).to_have_value(email)
    await check(page, "forgotten")
    await page.get_by_role("button", name="Send me a link").click()
    await expect(page.get_by_role("status")).to_contain_text(f"If there is an account for {email}, a mail")
    await check(page, "forgotten-sent")

    (mail,) = await mailed(photographer)
    await page.goto(link_in(mail))
    assert page.url == f"{photographer.world.url}/new-password"
    await expect(page.get_by_text(f"For the account {email}.")).to_be_visible()
    await check(page, "new-password")
    await page.get_by_label("New password").fill("short")
    await page.get_by_role("button", name="Set it and log in").click()
    await expect(page.get_by_text("Take at least 10 characters.")).to_be_visible()
    await check(page, "new-password-wrong")
    await page.get_by_label("New password").fill(NEW)
    await page.get_by_role("button", name="Set it and log in").click()
    await expect(page.get_by_role("heading", name="No galleries yet")).to_be_visible()
    await page.get_by_role("button", name="Log out").click()
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(NEW)
    await page.get_by_role("button", name="Log in").click()
    await expect(page.get_by_role("heading", name="No galleries yet")).to_be_visible()
    visitors.forget("422")


async def test_a_link_that_was_used_leads_to_another_in_the_studios_language_and_without_script(
    visitors: Visitors, photographer: Photographer
) -> None:
    await photographer.do("PATCH", "/studio", json={"locale": "pl"})
    link = f"/reset/{await a_reset(photographer)}"
    page = await visitors.anybody(javascript=False, phone=True)
    await page.goto(link)
    await page.get_by_label("Nowe hasło").fill(PASSWORD)
    await page.get_by_role("button", name="Ustaw i zaloguj się").click()
    await page.wait_for_url("**/galleries")
    other = await visitors.anybody(locale="pl-PL")
    await other.goto(link)
    await expect(other.get_by_role("heading", name="Ten link już nie działa.")).to_be_visible()
    await check(other, "new-password-gone")
    await other.get_by_role("link", name="Wyślij mi nowy").click()
    await expect(other.get_by_role("heading", name="Nie pamiętasz hasła?")).to_be_visible()
    await other.get_by_label("E-mail do logowania").fill("anna")
    await other.get_by_role("button", name="Wyślij mi link").click()
    await expect(other.get_by_text("Wpisz e-mail, np. nazwa@example.com")).to_be_visible()
    await check(other, "forgotten-wrong")
    visitors.forget("404", "422")
