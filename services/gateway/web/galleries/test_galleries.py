"""The galleries of a studio, in the browser."""

from playwright.async_api import expect

from services.gateway.web.galleries.page import PAGE
from tests.browser.fixtures import Studio
from tests.browser.visiting import Visitors, check
from tests.e2e.people import Photographer


async def test_the_first_gallery_is_opened_with_three_answers(studio: Studio, visitors: Visitors) -> None:
    page = await studio("/galleries")
    await page.get_by_role("link", name="Open your first gallery").click()
    await page.get_by_label("Name").fill("Class <b>3b</b>")
    await page.get_by_label("Price of a photo").fill("a lot")
    await page.get_by_role("button", name="Open the gallery").click()
    await expect(page.get_by_text("Enter an amount like 12.50")).to_be_visible()
    await expect(page.get_by_label("Name")).to_have_value("Class <b>3b</b>")
    await check(page, "gallery-new-wrong")
    await page.get_by_label("Price of a photo").fill("12,50")
    await page.get_by_role("button", name="Open the gallery").click()
    await expect(page.get_by_role("navigation", name="Gallery").get_by_role("link")).to_have_text(
        ["Photos", "Photo transfer", "Client orders", "Settings"]
    )
    visitors.forget("422")


async def test_a_studio_sees_its_galleries_with_what_is_to_do_in_each(
    studio: Studio, photographer: Photographer
) -> None:
    desk = await photographer.open_gallery(name="Sprint 2026")
    photos = await desk.add_photos("a.jpg", "b.jpg")
    await desk.order(photos["a.jpg"])
    paid = await desk.order(photos["a.jpg"])
    await paid.act("mark-paid")
    await photographer.open_gallery(name="Class 3b")
    page = await studio("/galleries")
    card = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Sprint 2026"))
    await expect(card).to_contain_text("2 photos")
    await expect(card).to_contain_text("2 orders")
    await expect(card.get_by_role("link", name="1 unpaid")).to_have_attribute(
        "href", f"/galleries/{desk.gallery['id']}/orders?show=unpaid"
    )
    await expect(card.get_by_role("link", name="1 waits for files")).to_be_visible()
    await check(page, "galleries")
    await page.get_by_label("Find a gallery by name").fill("class")
    await expect(card).to_have_count(0)
    await expect(page.get_by_role("heading", name="Class 3b")).to_be_visible()
    await page.get_by_label("Find a gallery by name").fill("100%_")
    await expect(page.get_by_text("No gallery has this in its name.")).to_be_visible()


async def test_more_galleries_than_a_page_has_are_reached_by_pages_and_by_search(
    studio: Studio, photographer: Photographer
) -> None:
    for number in range(1, PAGE + 2):
        await photographer.open_gallery(name=f"Class {number}.")
    page = await studio("/galleries")
    cards = page.get_by_role("main").get_by_role("listitem")
    await expect(cards).to_have_count(PAGE)
    oldest = page.get_by_role("heading", name="Class 1.", exact=True)
    await expect(oldest).to_have_count(0)
    await check(page, "galleries-pages")
    await page.get_by_role("link", name="Older galleries").click()
    await expect(page.get_by_text("Page 2 of 2")).to_be_visible()
    await expect(oldest).to_be_visible()
    await expect(cards).to_have_count(1)
    await page.get_by_role("link", name="Newer galleries").click()
    await page.get_by_label("Find a gallery by name").fill("class 1.")
    await expect(oldest).to_be_visible()
    await expect(page.get_by_role("navigation", name="Pages")).to_have_count(0)


async def test_who_wants_to_try_gets_a_gallery_with_sample_photos(studio: Studio) -> None:
    page = await studio("/galleries", locale="pl-PL")
    await page.get_by_role("button", name="Try it with sample photos").click()
    await expect(page.get_by_role("heading", name="12 photos")).to_be_visible(timeout=60_000)
    assert "samples" not in page.url
    await expect(page.get_by_role("link", name="SAMPLE_12.jpg", exact=True)).to_be_visible()
