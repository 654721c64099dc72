"""The pages behind a personal link, in the browser (S6)."""

import io
import re
import zipfile

from playwright.async_api import Page, expect

from deploy.local.supervisor import Supervisor
from tests.browser.visiting import Visitors, check, saved
from tests.e2e.people import ClientOrder, Photographer, final


async def order_of(photographer: Photographer, *names: str, **settings: object) -> ClientOrder:
    desk = await photographer.open_gallery(name="Class <b>3b</b>", **settings)
    photos = await desk.add_photos(*names)
    return await desk.order(*photos.values(), name="Anna <script>")


async def enter(page: Page, order: ClientOrder) -> None:
    await page.goto((await order.read())["client_url"])


async def test_a_client_downloads_one_by_one_and_all_at_once(visitors: Visitors, photographer: Photographer) -> None:
    order = await order_of(photographer, "IMG_1.jpg", "IMG_2.jpg", "IMG_3.jpg")
    await order.act("mark-paid")
    await order.desk.add_finals("IMG_1.jpg", "IMG_2.jpg")
    await order.desk.eventually_granted(order, 2)
    page = await visitors.anybody()
    await enter(page, order)
    assert "/c/order/" in page.url
    await expect(page.get_by_role("heading", name="The first of your photos are ready")).to_be_visible()
    await expect(page.get_by_text("Class <b>3b</b>")).to_be_visible()
    await check(page, "downloads")
    async with page.expect_download() as one:
        await page.get_by_role("link", name="Download IMG_1.jpg").click()
    assert await saved(await one.value) == final("IMG_1.jpg")
    assert (await one.value).suggested_filename == "IMG_1.jpg"
    async with page.expect_download() as several:
        await page.get_by_role("link", name=re.compile(r"^Download all · 2 photos · \d+ kB$")).click()
    archive = zipfile.ZipFile(io.BytesIO(await saved(await several.value)))
    assert archive.namelist() == ["IMG_1.jpg", "IMG_2.jpg"]
    await page.get_by_role("link", name="My order").click()
    await expect(page.get_by_text("Anna <script>")).to_be_visible()
    await expect(page.get_by_role("listitem").filter(has_text="IMG_3.jpg")).to_contain_text("Still being finished")
    await check(page, "my-order")
    await page.go_back()
    await expect(page.get_by_role("link", name="Download IMG_2.jpg")).to_be_visible()


async def test_everything_can_be_downloaded_without_scripts_and_in_polish(
    visitors: Visitors, photographer: Photographer
) -> None:
    order = await order_of(photographer, "IMG_1.jpg", locale="pl", keep_until="2036-06-14T18:00:00Z")
    await order.act("mark-paid")
    await order.desk.add_finals("IMG_1.jpg")
    await order.until(ready=True)
    page = await visitors.anybody(javascript=False, phone=True)
    await enter(page, order)
    await expect(page.get_by_role("heading", name="Twoje zdjęcia są gotowe")).to_be_visible()
    await expect(page.get_by_text("Pobierz do 14 cze 2036")).to_be_visible()
    await expect(page.get_by_role("link", name="Pobierz wszystkie")).to_contain_text("· 1 zdjęcie ·")
    async with page.expect_download() as one:
        await page.get_by_role("link", name="Pobierz IMG_1.jpg").click()
    assert await saved(await one.value) == final("IMG_1.jpg")


async def test_a_phone_saves_the_photos_by_its_own_sheet(visitors: Visitors, photographer: Photographer) -> None:
    order = await order_of(photographer, "IMG_1.jpg")
    await order.act("mark-paid")
    await order.desk.add_finals("IMG_1.jpg")
    await order.until(ready=True)
    page = await visitors.anybody(phone=True)
    await page.add_init_script(
        """navigator.canShare = () => true;
        navigator.share = async ({ files }) => { window.shared = files.map((file) => [file.name, file.size]); }"""
    )
    await enter(page, order)
    await page.get_by_role("button", name="Save the photo to this phone").click()
    await page.get_by_role("button", name="Save them now").click()
    assert await page.evaluate("shared") == [["IMG_1.jpg", len(final("IMG_1.jpg"))]]


async def test_a_link_that_gives_nothing_says_why_and_what_to_do(
    visitors: Visitors, photographer: Photographer
) -> None:
    order = await order_of(photographer, "IMG_1.jpg", payment_instructions="Account 12 3456\n<b>now</b>")
    page = await visitors.anybody()
    await enter(page, order)
    await expect(page.get_by_text("Not paid yet. Pay 12.50 PLN and the photos appear here.")).to_be_visible()
    await expect(page.get_by_text("<b>now</b>")).to_be_visible()
    await expect(page.get_by_role("link", name="Write to Studio Żółw")).to_be_visible()
    await check(page, "downloads-unpaid")
    await order.act("mark-paid")
    await page.reload()
    await expect(page.get_by_role("heading", name="Your photos are being finished")).to_be_visible()
    await check(page, "downloads-waiting")
    await order.act("rotate-link")
    await page.reload()
    await expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()
    await expect(page.get_by_role("link", name="Send me the current one")).to_be_visible()
    contact = f"mailto:{photographer.studio['email'].replace('@', '%40')}"
    await expect(page.get_by_role("link", name="Write to Studio Żółw")).to_have_attribute("href", contact)
    await check(page, "downloads-link-replaced")
    visitors.forget("410")
    await enter(page, order)
    await order.act("refund")
    await page.reload()
    await expect(page.get_by_role("heading", name="This order was refunded")).to_be_visible()
    await check(page, "downloads-refunded")


async def test_photos_that_cannot_be_fetched_just_now_are_asked_for_later(
    visitors: Visitors, photographer: Photographer, stack: Supervisor
) -> None:
    order = await order_of(photographer, "IMG_1.jpg")
    await order.act("mark-paid")
    await order.desk.add_finals("IMG_1.jpg")
    await order.until(ready=True)
    page = await visitors.anybody()
    await enter(page, order)
    await stack.stop("store")
    try:
        await page.goto(f"/c/order/{order.id}/photos.zip")
        await expect(page.get_by_role("heading", name="The store of the files does not answer")).to_be_visible()
        await check(page, "problem-503")
    finally:
        await stack.start("store")
        await stack.ready()
    visitors.forget("503")
    visitors.forget_any("ERR_EMPTY_RESPONSE")
    visitors.forget_any("ERR_CONNECTION_REFUSED")


async def test_a_link_that_was_cut_off_says_so_kindly(visitors: Visitors) -> None:
    page = await visitors.anybody()
    await page.goto("/c/nonsense")
    await expect(page.get_by_role("heading", name="There is no such page here.")).to_be_visible()
    await check(page, "not-found")
    visitors.forget("404")
