"""The certificate of a deleted gallery, in the browser."""

from playwright.async_api import expect

from tests.browser.fixtures import Studio
from tests.browser.visiting import Visitors, check
from tests.e2e.people import Photographer, World


async def test_a_deleted_gallery_has_a_certificate_that_can_be_printed(
    studio: Studio, photographer: Photographer, visitors: Visitors
) -> None:
    desk = await photographer.open_gallery(name="Anna and Jan")
    order = await desk.order((await desk.add_photos("a.jpg", "b.jpg"))["a.jpg"])
    link = (await order.read())["client_url"]
    await desk.add_finals("a.jpg")
    page = await studio(f"{desk.path}/settings")
    await page.get_by_label("Type the gallery's name to delete it for good").fill("Anna and Jan")
    await page.get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("heading", name="No galleries yet")).to_be_visible()
    said = page.get_by_role("status").filter(has_text="The gallery “Anna and Jan” is being deleted for good.")
    await expect(said.get_by_role("link", name="Certificate")).to_have_attribute("href", f"/deletions/{desk.id}")
    await check(page, "galleries-deleted")
    await page.reload()
    await expect(page.get_by_role("heading", name="No galleries yet")).to_be_visible()
    await expect(said).to_have_count(0)
    await page.goto("/account")
    await check(page, "account-deletions")
    await page.get_by_role("region", name="Deleted galleries").get_by_role("link").click()
    await expect(page.get_by_text("Everything was removed by")).to_be_visible(timeout=30_000)
    await expect(page.get_by_role("definition").nth(0)).to_have_text("2")
    await expect(page.get_by_text("not yet")).to_have_count(0)
    await expect(page.get_by_text("Anna and Jan")).to_have_count(0)
    await check(page, "deletion")
    await page.evaluate("window.print = () => { window.printed = true; }")
    await page.get_by_role("button", name="Print").click()
    assert await page.evaluate("window.printed")

    client = await visitors.anybody(phone=True)
    await client.goto(link)
    await expect(client.get_by_role("heading", level=1)).to_contain_text("The photos of this link were deleted on")
    await expect(client.get_by_role("link", name="Write to Studio Żółw")).to_be_visible()
    await check(client, "link-deleted")
    visitors.forget("410")


async def test_the_certificate_speaks_polish_on_a_phone(visitors: Visitors, world: World) -> None:
    photographer = await Photographer.sign_up(world, locale="pl")
    desk = await photographer.open_gallery()
    await photographer.world.final(await photographer.call("DELETE", desk.path))
    page = await visitors.anybody(phone=True)
    await visitors.log_in(page, photographer)
    await page.goto(f"/deletions/{desk.gallery['id']}")
    await expect(page.get_by_role("heading", name="Zaświadczenie o usunięciu")).to_be_visible()
    await expect(page.get_by_text("Wszystko usunięto do")).to_be_visible(timeout=30_000)
    await check(page, "deletion-polish")
