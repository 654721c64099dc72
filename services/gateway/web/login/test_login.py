"""Signing up and logging in, in the browser."""

from uuid import uuid4

import pytest
from playwright.async_api import expect

from tests.browser.visiting import Visitors, check
from tests.e2e.people import PASSWORD, Photographer


async def test_who_signs_up_is_led_to_the_first_gallery(visitors: Visitors) -> None:
    page = await visitors.anybody()
    await page.goto("/")
    await check(page, "login")
    await page.get_by_role("link", name="Sign up").click()
    await page.get_by_label("Name of your studio").fill("Studio Kadr")
    await page.get_by_label("E-mail").fill(f"{uuid4().hex}@studio.example.com")
    await page.get_by_label("Password").fill(PASSWORD)
    await check(page, "signup")
    await page.get_by_role("button", name="Sign up").click()
    await expect(page.get_by_role("heading", name="No galleries yet")).to_be_visible()
    await check(page, "galleries-empty")


async def test_a_wrong_sign_up_says_beside_each_field_what_to_do(visitors: Visitors) -> None:
    page = await visitors.anybody(locale="pl-PL")
    await page.goto("/signup")
    await page.get_by_label("E-mail").fill("anna@")
    await page.get_by_label("Hasło").fill("krótkie")
    await page.get_by_role("button", name="Załóż konto").click()
    await expect(page.get_by_label("E-mail")).to_have_value("anna@")
    await expect(page.get_by_text("Wpisz e-mail, np. nazwa@example.com")).to_be_visible()
    await check(page, "signup-wrong")
    visitors.forget("422")


async def test_who_is_not_logged_in_is_asked_to_and_then_led_on(visitors: Visitors, photographer: Photographer) -> None:
    page = await visitors.anybody()
    await page.goto("/galleries/new")
    await page.get_by_label("E-mail").fill(photographer.studio["email"])
    await page.get_by_label("Password").fill("wrong password")
    await page.get_by_role("button", name="Log in").click()
    await expect(page.get_by_text("E-mail or password is wrong.")).to_be_visible()
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()
    await expect(page.get_by_role("heading", name="Open a gallery")).to_be_visible()
    await page.get_by_role("button", name="Log out").click()
    await expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    visitors.forget("422")


async def test_whose_log_in_has_ended_comes_back_to_the_page_where_the_button_was(
    visitors: Visitors, photographer: Photographer
) -> None:
    desk = await photographer.open_gallery()
    page = await visitors.anybody()
    await visitors.log_in(page, photographer)
    await page.goto(f"/galleries/{desk.id}/settings?saved=yes")
    await page.context.clear_cookies()
    await page.get_by_role("button", name="Save").click()
    await page.get_by_label("E-mail").fill(photographer.studio["email"])
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()
    await expect(page.get_by_role("heading", name="Who may download finished photos")).to_be_visible()
    visitors.forget_any("401")


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example"])
async def test_nobody_is_sent_elsewhere_after_the_log_in(
    visitors: Visitors, photographer: Photographer, elsewhere: str
) -> None:
    page = await visitors.anybody()
    await page.goto(f"/login?next={elsewhere}")
    await page.get_by_label("E-mail").fill(photographer.studio["email"])
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()
    await page.wait_for_url("**/galleries")
