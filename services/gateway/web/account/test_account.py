"""The account page, in the browser."""

from playwright.async_api import expect

from tests.browser.fixtures import Studio
from tests.browser.visiting import Visitors, check
from tests.e2e.people import PASSWORD


async def test_a_studio_gets_another_name_and_language(studio: Studio) -> None:
    page = await studio("/account")
    await check(page, "account")
    await page.get_by_label("Name of your studio").fill("<b>Nowe</b> Studio")
    await page.get_by_label("E-mail for clients").fill("hello@example.com")
    await page.get_by_label("Language").select_option("Polski")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name="Konto")).to_be_visible()
    await expect(page.get_by_role("link", name="<b>Nowe</b> Studio")).to_be_visible()
    await check(page, "account-polish")


async def test_a_wrong_present_password_is_said_beside_its_field(studio: Studio, visitors: Visitors) -> None:
    page = await studio("/account")
    await page.get_by_label("New password").fill("a much longer one")
    await page.get_by_label("Present password").fill("wrong")
    await page.get_by_role("button", name="Change the log-in").click()
    await expect(page.get_by_text("This is not your present password.")).to_be_visible()
    await check(page, "account-wrong-password")
    await page.get_by_label("New password").fill("a much longer one")
    await page.get_by_label("Present password").fill(PASSWORD)
    await page.get_by_role("button", name="Change the log-in").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    visitors.forget("422")


async def test_a_token_is_shown_once_and_works_until_it_is_deleted(studio: Studio) -> None:
    page = await studio("/account")
    await page.get_by_label("Name of the program").fill("My <script>")
    await page.get_by_role("button", name="Make a token").click()
    token = await page.locator("code").inner_text()
    await check(page, "account-token")
    me = await page.request.get("/api/v1/studio", headers={"Authorization": f"Bearer {token}", "Cookie": ""})
    assert me.status == 200
    await page.get_by_role("button", name="Delete the token My <script>").click()
    await expect(page.get_by_text(token)).to_have_count(0)
    gone = await page.request.get("/api/v1/studio", headers={"Authorization": f"Bearer {token}", "Cookie": ""})
    assert gone.status == 401


async def test_logging_out_everywhere_ends_the_log_in_of_every_browser(studio: Studio) -> None:
    here, there = await studio("/account"), await studio("/account")
    await here.get_by_role("button", name="Log out everywhere").click()
    await expect(here.get_by_role("heading", name="Log in")).to_be_visible()
    for page in (here, there):
        await page.goto("/galleries")
        await expect(page.get_by_role("heading", name="Log in")).to_be_visible()
