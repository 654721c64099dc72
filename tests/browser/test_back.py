"""The Back button leads to what was there before, as it is now."""

import re

from playwright.async_api import Page, expect

from tests.browser.school import School, act, row
from tests.browser.visiting import Visitors
from tests.e2e.people import Photographer


async def test_back_walks_through_tabs_filters_searches_dialogs_and_what_was_saved(
    visitors: Visitors, photographer: Photographer
) -> None:
    school = await School.begin(photographer)
    for name in ("Ewa Mazur", "Jan Lis"):
        await school.places(name, 0)
    await school.pays("Ola Żak", 3)
    page = await school.page(visitors)
    await go(page, "Photos", "Photo transfer", "Client orders")
    await page.get_by_role("link", name="Unpaid 2").click()
    await page.wait_for_url("**/orders?show=unpaid")
    await page.get_by_role("searchbox").fill("ewa")
    await expect(page.get_by_role("row")).to_have_count(2)
    await page.get_by_role("link", name="Ewa Mazur").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Ewa Mazur")

    await page.go_back()
    await expect(page.get_by_role("searchbox")).to_have_value("ewa")
    await expect(page.get_by_role("row")).to_have_count(2)
    await act(page, "Ewa", "Mark as paid")
    await expect(page.get_by_text("Nothing found for “ewa”.")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("row")).to_have_count(4)
    await expect(row(page, "Ewa")).to_contain_text("Paid")
    await act(page, "Ewa", "Cancel")
    await expect(page.get_by_role("dialog", name="Cancel order #1?")).to_be_visible()
    await page.go_back()
    await at(page, "Photo transfer")
    await page.go_forward()
    await at(page, "Client orders")
    await expect(page.get_by_role("dialog")).to_have_count(0)

    await go(page, "Settings")
    await page.get_by_label("Name", exact=True).fill("Class 4b")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    await go(page, "Photos")
    for _ in range(2):  # as saved, and before: both show what holds now
        await page.go_back()
        await at(page, "Settings")
        await expect(page.get_by_label("Name", exact=True)).to_have_value("Class 4b")
    for tab in ("Client orders", "Photo transfer", "Photos"):
        await page.go_back()
        await at(page, tab)
    assert (await school.desk.do("GET"))["name"] == "Class 4b"
    assert (await school.orders["Ewa"].read())["status"] == "paid"


async def go(page: Page, *tabs: str) -> None:
    for tab in tabs:
        await page.get_by_role("navigation", name="Gallery").get_by_role("link", name=tab, exact=True).click()
        await at(page, tab)


async def at(page: Page, tab: str) -> None:
    """The page of this tab is shown, and marked so."""
    link = page.get_by_role("navigation", name="Gallery").get_by_role("link", name=tab, exact=True)
    await expect(link).to_have_attribute("aria-current", "page")
    await expect(page).to_have_url(re.compile(re.escape(await link.get_attribute("href") or "")))
