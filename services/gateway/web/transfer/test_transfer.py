"""**Photo transfer** in the browser: finals beside their proofs, and those that match none."""

from playwright.async_api import Locator, Page, expect

from tests.browser.fixtures import Studio
from tests.browser.visiting import check
from tests.e2e.people import GalleryDesk, final

MARKUP = "<img src=x onerror=alert(1)>.jpg"


async def shoot(studio: Studio, **settings: object) -> tuple[GalleryDesk, dict[str, str]]:
    """A gallery with proofs, one of them with markup for a name."""
    desk = await studio.photographer.open_gallery(**settings)
    return desk, await desk.add_photos("IMG_1.jpg", "IMG_2.jpg", "IMG_3.jpg", "IMG_4.jpg", MARKUP)


def pair(page: Page, name: str) -> Locator:
    """A proof with its final, by the final's name, or else the proof's."""
    pairs = page.get_by_role("region", name="Ordered and finished photos").get_by_role("listitem")
    return pairs.filter(has=page.get_by_role("img", name="Proof")).filter(has_text=name)


async def test_each_final_stands_beside_its_proof(studio: Studio) -> None:
    desk, photos = await shoot(studio)
    page = await studio(f"{desk.path}/transfer")
    other = await studio(f"{desk.path}/transfer")
    await expect(page.get_by_role("heading", name="No orders yet")).to_be_visible()
    await check(page, "transfer-empty")

    order = await desk.order(photos["IMG_1.jpg"], photos["IMG_2.jpg"], photos[MARKUP], name="<b>Ewa</b>")
    await order.act("mark-paid")
    await desk.order(photos["IMG_2.jpg"])
    await desk.add_finals("IMG_1.jpg", "img_2.JPG")
    await desk.upload("transfers", {"IMG_2.jpeg": final("IMG_2.jpg", 2)})

    for each in (page, other):
        await expect(each.get_by_role("heading", name="2 of 3 ordered photos are here")).to_be_visible()
        await expect(pair(each, "IMG_1.jpg")).to_contain_text("1 order has it")
        await expect(pair(each, "IMG_2.jpeg")).to_contain_text("Version 2, replaced")
        await expect(pair(each, "IMG_2.jpeg")).to_contain_text("1 order has it, 1 unpaid order")
        await expect(pair(each, MARKUP)).to_contain_text("Still missing")
    await check(page, "transfer")
    await page.get_by_role("link", name="1 photo still missing").click()
    await expect(pair(page, MARKUP)).to_contain_text("1 order waits for it")
    await expect(pair(page, "IMG_1.jpg")).to_have_count(0)
    await check(page, "transfer-missing")


async def test_a_final_of_another_name_is_matched_with_a_click_and_undone(studio: Studio) -> None:
    desk, photos = await shoot(studio)
    await desk.order(*photos.values())
    await desk.add_finals("IMG_3-Edit.jpg", "portrait.jpg")
    page = await studio(f"{desk.path}/transfer")
    panel = page.get_by_role("region", name="Not matched")
    await expect(panel.get_by_role("button", name="Match with IMG_3.jpg")).to_be_visible()
    await check(page, "transfer-unmatched")
    await panel.get_by_role("button", name="Match with IMG_3.jpg").click()
    await expect(panel.get_by_role("button", name="Undo: IMG_3-Edit.jpg")).to_be_focused()
    await check(page, "transfer-by-hand")
