"""A gallery's settings, in the browser."""

from datetime import datetime, timedelta

import pytest
import pyvips
from playwright.async_api import Page, expect

from tests.browser.fixtures import Studio
from tests.browser.visiting import Visitors, check
from tests.e2e.people import GalleryDesk, Photographer


@pytest.fixture
async def desk(photographer: Photographer) -> GalleryDesk:
    return await photographer.open_gallery(name="Class 3b")


async def save(page: Page) -> None:
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()


async def test_the_two_boxes_are_the_download_setting(studio: Studio, desk: GalleryDesk) -> None:
    page = await studio(f"/galleries/{desk.gallery['id']}/settings")
    first = page.get_by_label("Clients download the photos they ordered and paid for")
    second = page.get_by_label("Anyone with the gallery link downloads every finished photo, free")
    await expect(first).to_be_checked()
    await check(page, "settings")
    for ticked, policy in (((True, True), "anyone"), ((False, False), "none"), ((True, False), "ordered_and_paid")):
        await first.set_checked(ticked[0])
        await second.set_checked(ticked[1])
        await save(page)
        assert (await desk.do("GET", ""))["download_policy"] == policy


async def test_everything_typed_is_kept_and_shown_again(studio: Studio, desk: GalleryDesk) -> None:
    page = await studio(f"/galleries/{desk.gallery['id']}/settings")
    await page.get_by_label("Price of a photo").fill("9,90")
    await page.get_by_label("Photos", exact=True).first.fill("5")
    await page.get_by_label("Price together").first.fill("40")
    example = page.get_by_text("1 photo 9.90 PLN · 5 photos 40.00 PLN · 6 photos 49.90 PLN")
    await expect(example).to_be_visible()
    await page.get_by_label("Name", exact=True).fill("<i>Class</i> 3c")
    await page.get_by_label("Welcome text").fill("Hello\nall")
    await page.get_by_label("Orders until").fill("2030-06-14T18:00")
    await page.get_by_label("Access code").fill("sowa 12")
    await page.get_by_role("textbox", name="Watermark").fill("© Kadr")
    await page.get_by_label("How to pay").fill("Account 12 3456")
    await page.get_by_label("Mail clients by itself").check()
    await page.get_by_label("Language of pages and mails").select_option("Polski")
    await save(page)
    kept = await desk.do("GET", "")
    assert (kept["name"], kept["price_per_photo"], kept["bundles"]) == (
        "<i>Class</i> 3c",
        990,
        [{"photos": 5, "price": 4000}],
    )
    assert (kept["welcome"], kept["access_code"], kept["watermark"]) == ("Hello\r\nall", "sowa 12", "© Kadr")
    assert (kept["locale"], kept["auto_notify"], kept["payment_instructions"]) == ("pl", True, "Account 12 3456")
    await expect(page.get_by_label("Orders until")).to_have_value("2030-06-14T18:00")
    await expect(example).to_be_visible()


async def test_a_wrong_price_is_said_beside_its_field_and_nothing_is_saved(
    studio: Studio, desk: GalleryDesk, visitors: Visitors
) -> None:
    page = await studio(f"/galleries/{desk.gallery['id']}/settings")
    await page.get_by_label("Name", exact=True).fill("Other")
    await page.get_by_label("Price of a photo").fill("12.505")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Enter an amount like 12.50", exact=True)).to_be_visible()
    await expect(page.get_by_label("Name", exact=True)).to_have_value("Other")
    await check(page, "settings-wrong")
    assert (await desk.do("GET", ""))["name"] == "Class 3b"
    visitors.forget("422")


async def test_a_gallery_is_deleted_only_by_its_name(studio: Studio, desk: GalleryDesk, visitors: Visitors) -> None:
    page = await studio(f"/galleries/{desk.gallery['id']}/settings")
    confirm = page.get_by_label("Type the gallery's name to delete it for good")
    await confirm.fill("Class 3")
    await page.get_by_role("button", name="Delete for good").click()
    await expect(page.get_by_text("This is not the gallery's name.")).to_be_visible()
    await confirm.fill("Class 3b")
    await page.get_by_role("button", name="Delete for good").click()
    await expect(page.get_by_role("heading", name="No galleries yet")).to_be_visible()
    visitors.forget("422")


async def test_a_studios_own_picture_is_the_watermark_of_later_proofs(
    studio: Studio, desk: GalleryDesk, visitors: Visitors
) -> None:
    page = await studio(f"/galleries/{desk.gallery['id']}/settings")
    picture = page.get_by_label("Your own picture as watermark")
    await picture.set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": b"no picture"})
    await page.get_by_role("button", name="Use this picture").click()
    await expect(page.get_by_text("Choose a PNG picture.")).to_be_visible()
    visitors.forget("422")
    logo = pyvips.Image.black(60, 40).bandjoin([0, 255, 200]).copy(interpretation="srgb").pngsave_buffer()
    await picture.set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": logo})
    await page.get_by_role("button", name="Use this picture").click()
    await expect(page.get_by_role("button", name="Use no picture")).to_be_visible()
    await check(page, "settings-watermark")
    await desk.add_photos("a.jpg")
    await page.get_by_role("button", name="Use no picture").click()
    await expect(page.get_by_role("button", name="Use no picture")).to_have_count(0)
    assert not (await desk.do("GET", ""))["watermark_image"]


async def test_until_when_a_gallery_is_kept_is_counted_down_wherever_it_is_shown(
    studio: Studio, visitors: Visitors, desk: GalleryDesk
) -> None:
    order = await desk.order((await desk.add_photos("a.jpg"))["a.jpg"])
    await order.act("mark-paid")
    await desk.add_finals("a.jpg")
    await order.until(ready=True)
    page = await studio(f"/galleries/{desk.gallery['id']}/settings")
    keep = page.get_by_label("Keep until")
    await keep.fill(f"{datetime.now() + timedelta(days=3):%Y-%m-%dT%H:%M}")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Keep the gallery for at least 8 days from now").first).to_be_visible()
    await check(page, "settings-kept-too-short")
    await page.get_by_role("link", name="Please look at the marked fields.").click()
    await expect(keep).to_be_focused()
    await keep.fill(f"{datetime.now() + timedelta(days=12, hours=3):%Y-%m-%dT%H:%M}")
    await save(page)
    for path in ("settings", "photos", "orders"):
        await page.goto(f"{desk.path}/{path}")
        await expect(page.get_by_text("Deleted in 12 days")).to_be_visible()
    await check(page, "gallery-kept")
    await page.goto("/galleries")
    await expect(page.get_by_role("listitem").filter(has_text="Class 3b")).to_contain_text("Deleted in 12 days")
    await check(page, "galleries-kept")

    client = await visitors.anybody()
    await client.goto((await order.read())["client_url"])
    await expect(client.get_by_text("then the photos are deleted.")).to_be_visible()
    await check(client, "downloads-kept")
    visitors.forget("422")
