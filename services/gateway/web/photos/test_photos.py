"""**Photos**: the contact sheet, as a photographer works with it."""

import re

import asyncpg
from playwright.async_api import Page, expect

from tests.browser.fixtures import Studio
from tests.browser.visiting import Visitors, check
from tests.e2e.people import GalleryDesk, Photographer, World

MORE_PHOTOS = """
    INSERT INTO gateway.photo (id, gallery_id, filename, match_key, size, sha256, width, height, small_key, large_key,
                               shown, signed_until)
    SELECT n.id, gallery_id, n.name, lower(n.name), size, sha256, width, height, small_key, large_key,
           replace(shown, '"' || filename || '"', '"' || n.name || '"'), signed_until
    FROM gateway.photo p, LATERAL (
        SELECT gen_random_uuid() AS id, format('MORE_%s.jpg', to_char(number, 'FM0000')) AS name
        FROM generate_series(1, $2) AS number) n
    WHERE gallery_id = $1"""
"""Into the view, without files of their own: the previews of the one photo that is there are shown."""


async def open_photos(studio: Studio, desk: GalleryDesk) -> Page:
    page = await studio(f"/galleries/{desk.id}/photos")
    await expect(page.get_by_role("heading", name="photo")).to_be_visible()
    return page


async def test_photos_are_looked_at_and_the_link_to_them_is_at_hand(studio: Studio, photographer: Photographer) -> None:
    desk = await photographer.open_gallery()
    await desk.add_photos("IMG_1.jpg", "IMG_2.jpg")
    page = await open_photos(studio, desk)
    await expect(page.get_by_text("No orders yet. Send clients the public link.")).to_be_visible()
    await page.get_by_role("button", name="Copy public link").click()
    assert await page.evaluate("navigator.clipboard.readText()") == desk.gallery["public_url"]

    await page.get_by_role("link", name="IMG_1.jpg", exact=True).click()
    viewer = page.get_by_role("dialog", name="Photos")
    await expect(viewer).to_contain_text("1 / 2 · IMG_1.jpg")
    await viewer.get_by_role("button", name="Next photo").click()
    await expect(viewer).to_contain_text("2 / 2 · IMG_2.jpg")
    await viewer.get_by_role("checkbox", name="Select IMG_2.jpg").check()
    await page.go_back()
    await expect(viewer).to_be_hidden()
    await expect(page.get_by_role("button", name="Remove 1 photo")).to_be_visible()


async def test_orders_and_photos_appear_without_reload(studio: Studio, photographer: Photographer) -> None:
    desk = await photographer.open_gallery()
    photos = await desk.add_photos("IMG_1.jpg")
    page, other = await open_photos(studio, desk), await open_photos(studio, desk)
    await page.get_by_role("checkbox", name="Select IMG_1.jpg").check()
    await desk.order(photos["IMG_1.jpg"])
    await desk.order(photos["IMG_1.jpg"])
    await desk.add_photos("IMG_0.jpg", "IMG_2.jpg")

    for each in (page, other):
        await expect(each.get_by_role("heading", name="3 photos")).to_be_visible()
        await expect(each.get_by_role("link", name="2 orders")).to_be_visible()
        await expect(each.get_by_role("link", name=re.compile(r"IMG_\d.jpg"))).to_have_count(3)
        await expect(each.get_by_role("link", name="ordered 2")).to_have_attribute("href", re.compile("q=IMG_1.jpg$"))
    await expect(page.get_by_role("checkbox", name="Select IMG_1.jpg")).to_be_checked()
    await check(page, "photos-live")


async def test_selected_photos_are_removed_but_those_on_orders(studio: Studio, photographer: Photographer) -> None:
    desk = await photographer.open_gallery()
    photos = await desk.add_photos(*(f"IMG_{number}.jpg" for number in range(5)))
    await desk.order(photos["IMG_1.jpg"])
    page, other = await open_photos(studio, desk), await open_photos(studio, desk)
    await page.get_by_role("checkbox", name="Select IMG_0.jpg").click()
    await page.get_by_role("checkbox", name="Select IMG_3.jpg").click(modifiers=["Shift"])
    await expect(page.get_by_role("button", name="Remove 4 photos")).to_be_visible()
    await check(page, "photos-selected")
    await page.get_by_role("button", name="Clear selection").click()
    await expect(page.get_by_role("button", name="Remove")).to_be_hidden()
    for number in (0, 1, 2):
        await page.get_by_role("checkbox", name=f"Select IMG_{number}.jpg").check()
    await page.get_by_role("button", name="Remove 3 photos").click()

    await expect(page.get_by_text("2 photos removed.")).to_be_attached()
    await expect(page.get_by_text("1 photo is on an order and stays: IMG_1.jpg")).to_be_visible()
    for each in (page, other):
        await expect(each.get_by_role("heading", name="3 photos")).to_be_visible()
        await expect(each.get_by_role("link", name="IMG_0.jpg", exact=True)).to_be_hidden()
        await expect(each.get_by_role("link", name="IMG_1.jpg", exact=True)).to_be_visible()
    await check(page, "photos-removed")
    await page.get_by_role("button", name="Close").click()
    await expect(page.get_by_text("is on an order and stays")).to_be_hidden()

    await page.get_by_role("checkbox", name="Select IMG_3.jpg").check()
    await page.get_by_role("button", name="Remove 1 photo").click()
    await expect(page.get_by_role("heading", name="2 photos")).to_be_visible()
    assert [item["filename"] for item in (await desk.do("GET", "/photos"))["items"]] == ["IMG_1.jpg", "IMG_4.jpg"]


async def test_photos_of_another_studio_are_not_removed(
    world: World, studio: Studio, photographer: Photographer
) -> None:
    desk, theirs = await photographer.open_gallery(), await (await Photographer.sign_up(world)).open_gallery()
    [photo_id] = (await theirs.add_photos("IMG_1.jpg")).values()
    page = await studio(f"/galleries/{desk.id}/photos")
    answer = await page.request.post(
        f"/galleries/{desk.id}/photos/remove", form={"photo_id": photo_id}, headers={"Origin": world.url}
    )

    assert answer.status == 200
    assert len((await theirs.do("GET", "/photos"))["items"]) == 1


async def test_a_large_gallery_is_laid_out_whole_and_looked_up_where_one_looks(
    studio: Studio, photographer: Photographer, database: asyncpg.Connection
) -> None:
    desk = await photographer.open_gallery()
    await desk.add_photos("IMG_0000.jpg")
    await database.execute(MORE_PHOTOS, desk.id, 999)
    page = await open_photos(studio, desk)
    await expect(page.get_by_role("heading", name="1000 photos")).to_be_visible()
    height = await page.evaluate("document.documentElement.scrollHeight")
    await expect(page.get_by_role("link", name="MORE_0999.jpg", exact=True)).to_be_hidden()
    await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")

    await expect(page.get_by_role("link", name="MORE_0999.jpg", exact=True)).to_be_in_viewport()
    assert await page.get_by_role("link", name="MORE_0500.jpg", exact=True).count() == 0
    assert abs(await page.evaluate("document.documentElement.scrollHeight") - height) < height / 10
    await page.get_by_role("link", name="MORE_0999.jpg", exact=True).click()
    await expect(page.get_by_role("dialog", name="Photos")).to_contain_text("MORE_0999.jpg")


async def test_names_full_of_markup_are_text_in_the_contact_sheet(studio: Studio, photographer: Photographer) -> None:
    desk = await photographer.open_gallery(name="<script>alert(1)</script>")
    name = "\"><img src=x onerror=alert(1)>&'.jpg"
    photos = await desk.add_photos(name)
    await desk.order(photos[name])
    page = await open_photos(studio, desk)

    await page.get_by_role("checkbox", name=f"Select {name}").check()
    await page.get_by_role("button", name="Remove 1 photo").click()
    await expect(page.get_by_text(f"stays: {name}")).to_be_visible()
    await page.get_by_role("link", name=name, exact=True).click()
    await expect(page.get_by_role("dialog", name="Photos")).to_contain_text(name)


async def test_the_contact_sheet_speaks_polish_on_a_phone(world: World, visitors: Visitors) -> None:
    photographer = await Photographer.sign_up(world, locale="pl")
    desk = await photographer.open_gallery(name="Klasa 3b")
    photos = await desk.add_photos("IMG_1.jpg", "IMG_2.jpg")
    await desk.order(photos["IMG_1.jpg"])
    page = await visitors.anybody(phone=True)
    await visitors.log_in(page, photographer)
    await page.goto(f"/galleries/{desk.id}/photos")

    await expect(page.get_by_role("heading", name="2 zdjęcia")).to_be_visible()
    await expect(page.get_by_role("link", name="1 zamówienie")).to_be_visible()
    await expect(page.get_by_role("link", name="zamówiono 1")).to_be_visible()
    for name in photos:
        await page.get_by_role("checkbox", name=f"Zaznacz {name}").check()
    await check(page, "photos-polish")
    await page.get_by_role("button", name="Usuń 2 zdjęcia").click()
    await expect(page.get_by_text("1 zdjęcie jest w zamówieniu i zostaje: IMG_1.jpg")).to_be_visible()
    await expect(page.get_by_text("Usunięto 1 zdjęcie.")).to_be_attached()
