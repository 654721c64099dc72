"""*Notify clients* in the browser: the pre-flight, one press, and how the mails are doing (S5)."""

from playwright.async_api import Locator, Page, expect

from deploy.local.supervisor import Supervisor
from tests.browser.fixtures import Studio
from tests.browser.visiting import check
from tests.e2e.people import ClientOrder, GalleryDesk

NAME = "<b>Ewa</b> & <script>alert(1)</script>"


async def school(studio: Studio, **settings: object) -> tuple[GalleryDesk, dict[str, str]]:
    """A gallery in which one photo is finished and one is not."""
    desk = await studio.photographer.open_gallery(**settings)
    photos = await desk.add_photos("a.jpg", "b.jpg")
    await desk.add_finals("a.jpg")
    return desk, photos


async def paid(desk: GalleryDesk, *photo_ids: str, name: str = "Anna Nowak", email: str | None = None) -> ClientOrder:
    order = await desk.order(*photo_ids, name=name, email=email)
    await order.act("mark-paid")
    return order


async def ready(desk: GalleryDesk, photos: dict[str, str], **client: str) -> ClientOrder:
    order = await paid(desk, photos["a.jpg"], **client)
    await order.until(ready=True)
    return order


async def open_preflight(page: Page) -> Locator:
    await page.get_by_role("button", name="Notify clients").click()
    return page.get_by_role("dialog")


def listed(dialog: Locator, title: str) -> Locator:
    """The orders of one list of the pre-flight."""
    return dialog.locator("details").filter(has_text=title).get_by_role("listitem")


async def test_a_press_mails_everybody_once_and_both_browsers_see_how_it_goes(
    stack: Supervisor, studio: Studio
) -> None:
    desk, photos = await school(studio)
    first, second = await ready(desk, photos, name=NAME), await ready(desk, photos)
    unpaid = await desk.order(photos["a.jpg"], name="Jan Lis")
    await paid(desk, *photos.values(), name="Piotr Zima")
    page, other = await studio(f"{desk.path}/transfer"), await studio(f"{desk.path}/transfer")

    dialog = await open_preflight(page)
    await expect(dialog.get_by_role("heading", name="Mail 2 clients their photos?")).to_be_focused()
    await expect(dialog.get_by_text("Each order is mailed once.")).to_be_visible()
    await expect(listed(dialog, "Will be mailed now").first).to_contain_text(NAME)
    await dialog.get_by_text("Waiting for files").click()
    await expect(listed(dialog, "Waiting for files")).to_contain_text("Missing: b.jpg")
    await check(page, "notify-preflight")

    await listed(dialog, "Not paid yet").get_by_role("button", name="Mark as paid").click()
    await expect(dialog.get_by_role("heading", name="Mail 3 clients their photos?")).to_be_visible()
    await expect(other.get_by_role("button", name="3 can be mailed")).to_be_visible()

    await stack.stop("notifier")
    await dialog.get_by_role("button", name="Send 3 mails").click()
    await expect(dialog.get_by_role("heading", name="0 of 3 mails sent")).to_be_focused()
    await expect(dialog.get_by_role("button", name="Send")).to_have_count(0)
    await check(page, "notify-sending")
    await stack.start("notifier")
    for each in (page, other):
        await expect(each.get_by_role("link", name="3 mailed")).to_be_visible()
    await expect(dialog.get_by_role("heading", name="Nobody to mail just now")).to_be_visible()
    await expect(dialog.get_by_text("3 of 3 mails sent")).to_be_visible()
    await check(page, "notify-sent")
    for order in (first, second, unpaid):
        assert len(await order.mails()) == 1
