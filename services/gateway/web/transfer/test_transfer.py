"""**Photo transfer** in the browser: finals beside their proofs, and those that match none."""

from playwright.async_api import Locator, Page, expect

from deploy.local.drawing import photo
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
    page, other = await studio(f"{desk.path}/transfer"), await studio(f"{desk.path}/transfer")
    await expect(page.get_by_role("heading", name="No orders yet")).to_be_visible()
    await check(page, "transfer-empty")

    order = await desk.order(photos["IMG_1.jpg"], photos["IMG_2.jpg"], photos[MARKUP])
    await order.act("mark-paid")
    await desk.order(photos["IMG_2.jpg"])
    await desk.add_finals("img_2.JPG")
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Choose files").click()
    await (await chooser.value).set_files({"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": final("IMG_1.jpg")})
    await desk.upload("transfers", {"IMG_2.jpeg": final("IMG_2.jpg", 2)})

    for each in (page, other):
        await expect(each.get_by_role("heading", name="2 of 3 ordered photos are here")).to_be_visible()
        await expect(pair(each, "IMG_1.jpg").get_by_role("img", name="Finished")).to_be_visible()
        await expect(pair(each, "IMG_1.jpg")).to_contain_text("1 order has it")
        await expect(pair(each, "IMG_2.jpeg")).to_contain_text("Version 2, replaced")
        await expect(pair(each, "IMG_2.jpeg")).to_contain_text("1 order has it, 1 unpaid order")
        await expect(pair(each, MARKUP)).to_contain_text("Still missing")
    await check(page, "transfer")

    await page.get_by_role("link", name="1 photo still missing").click()
    await expect(pair(page, MARKUP)).to_contain_text("1 order waits for it")
    await expect(pair(page, "IMG_1.jpg")).to_have_count(0)
    await page.get_by_role("link", name="All 3").click()
    await page.get_by_label("Find by file name").press_sequentially("img_1")
    await expect(pair(page, "IMG_1.jpg")).to_be_visible()
    await expect(pair(page, "IMG_2.jpeg")).to_have_count(0)

    await page.get_by_role("button", name="Remove: IMG_1.jpg").click()
    await check(page, "transfer-remove")
    await page.get_by_role("button", name="Remove the file").click()
    for each in (page, other):
        await expect(each.get_by_role("heading", name="1 of 3 ordered photos are here")).to_be_visible()
        await expect(pair(each, "IMG_1.jpg")).to_contain_text("1 order waits for it")


async def test_a_final_of_another_name_is_matched_with_one_click_and_undone(studio: Studio) -> None:
    desk, photos = await shoot(studio)
    await desk.order(*photos.values())
    await desk.add_finals("IMG_3-Edit.jpg", f"portrait {MARKUP}")
    page, other = await studio(f"{desk.path}/transfer"), await studio(f"{desk.path}/transfer")
    panel = page.get_by_role("region", name="Not matched")
    suggestion, undo = (
        panel.get_by_role("button", name="Match with IMG_3.jpg"),
        panel.get_by_role("button", name="Undo: IMG_3-Edit.jpg"),
    )
    await expect(suggestion.locator("img")).to_be_visible()
    await check(page, "transfer-unmatched")

    await suggestion.click()
    await expect(undo).to_be_focused()
    for each in (page, other):
        await expect(pair(each, "IMG_3-Edit.jpg")).to_contain_text("Matched by hand with IMG_3.jpg")
    await check(page, "transfer-by-hand")
    await undo.press("Enter")
    await expect(suggestion).to_be_visible()
    await expect(pair(other, "IMG_3-Edit.jpg")).to_have_count(0)

    await panel.get_by_text("None of these").click()
    await expect(suggestion).to_be_hidden()
    await panel.get_by_label("Name of the photo").first.press_sequentially("img_4")
    await panel.get_by_role("button", name="Match with IMG_4.jpg").click()
    await expect(pair(page, "IMG_3-Edit.jpg")).to_contain_text("Matched by hand with IMG_4.jpg")


async def test_a_final_of_no_similar_name_is_matched_by_hand_or_removed(studio: Studio) -> None:
    desk, photos = await shoot(studio)
    await desk.order(photos["IMG_2.jpg"])
    await desk.add_finals("portrait.jpg")
    page = await studio(f"{desk.path}/transfer", phone=True)
    panel = page.get_by_role("region", name="Not matched")
    await expect(panel.get_by_text("No similar name. Choose by hand or remove it.")).to_be_visible()
    await panel.get_by_text("Choose by hand", exact=True).click()
    await expect(panel.get_by_role("button", name="Match with").first).to_have_accessible_name("Match with IMG_2.jpg")
    await check(page, "transfer-choose")
    await panel.get_by_label("Name of the photo").press_sequentially("<b>")
    await expect(panel.get_by_text("No photo has “<b>” in its name.")).to_be_visible()
    await desk.add_finals("IMG_1.jpg")
    await expect(pair(page, "IMG_1.jpg")).to_contain_text("Not ordered")
    await expect(panel.get_by_text("No photo has “<b>” in its name.")).to_be_visible()

    await panel.get_by_role("button", name="Remove: portrait.jpg").click()
    await panel.get_by_role("button", name="Remove the file").click()
    await expect(panel).to_be_hidden()


async def test_a_large_gallery_comes_in_pages_and_in_polish(studio: Studio) -> None:
    await studio.photographer.do("PATCH", "/studio", json={"locale": "pl"})
    desk = await studio.photographer.open_gallery(locale="pl")
    names = [f"IMG_{number:03}.jpg" for number in range(65)]
    uploads = await desk.upload("photos", {name: photo(name, 60, 40) for name in names})
    await desk.order(*(each["photo_id"] for each in uploads))
    page = await studio(f"{desk.path}/transfer")
    await expect(page.get_by_role("heading", name="Jest już 0 z 65 zamówionych zdjęć")).to_be_visible()
    await expect(page.get_by_role("img", name="Podgląd")).to_have_count(60)
    await page.get_by_role("link", name="Następna").click()
    await expect(page.get_by_role("img", name="Podgląd")).to_have_count(5)
    await expect(page.get_by_text("Strona 2 z 2")).to_be_visible()
    await expect(page.get_by_text("1 zamówienie na nie czeka")).to_have_count(5)
    await check(page, "transfer-polish")
