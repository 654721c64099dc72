"""*Notify clients* in the browser: the pre-flight, one press, and how the mails are doing (S5)."""

from uuid import uuid4

from playwright.async_api import Locator, Page, expect

from deploy.local.supervisor import Supervisor
from tests.browser.fixtures import Studio
from tests.browser.visiting import check
from tests.e2e.people import ClientOrder, GalleryDesk
from tests.waiting import eventually

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


async def tab_to(page: Page, button: Locator) -> None:
    """Tab until the button has the focus."""
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await button.evaluate("button => button === document.activeElement"):
            return
    raise AssertionError(f"{button} is not reached with Tab")


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
    await dialog.get_by_text("How the mail reads").click()
    await expect(dialog.get_by_role("group", name="The mail")).to_contain_text("/c/")
    await dialog.get_by_text("Waiting for files").click()
    await expect(listed(dialog, "Waiting for files")).to_contain_text("Missing: b.jpg")
    await check(page, "notify-preflight")

    await listed(dialog, "Not paid yet").get_by_role("button", name="Mark as paid").click()
    await expect(dialog.get_by_role("heading", name="Mail 3 clients their photos?")).to_be_visible()
    await expect(listed(dialog, "Waiting for files")).to_be_visible()
    await expect(other.get_by_role("button", name="3 can be mailed")).to_be_visible()

    await stack.stop("notifier")
    await dialog.get_by_role("button", name="Send 3 mails").dblclick()
    await expect(dialog.get_by_role("heading", name="0 of 3 mails sent")).to_be_focused()
    await expect(dialog.get_by_role("button", name="Send")).to_have_count(0)
    await expect(other.get_by_text("0 of 3 mails sent").first).to_be_visible()
    await check(page, "notify-sending")
    await stack.start("notifier")
    await stack.ready("notifier")
    for each in (page, other):
        await expect(each.locator("#overview")).to_contain_text("3 mailed", timeout=15_000)
    await expect(dialog.get_by_role("heading", name="Nobody to mail just now")).to_be_visible()
    await expect(dialog.get_by_text("3 of 3 mails sent")).to_be_visible()
    await check(page, "notify-sent")
    for order in (first, second, unpaid):
        assert len(await order.mails()) == 1


async def test_a_list_that_appears_is_open_and_one_that_was_opened_stays_so(studio: Studio) -> None:
    desk, photos = await school(studio)
    await paid(desk, photos["b.jpg"], name="Piotr Zima")
    page = await studio(f"{desk.path}/transfer")
    dialog = await open_preflight(page)
    await expect(dialog.get_by_text("Waiting for files")).to_be_visible()
    await expect(listed(dialog, "Waiting for files")).to_have_count(0)
    await desk.add_finals("b.jpg")
    await expect(dialog.get_by_role("button", name="Send 1 mail")).to_be_visible()
    await expect(listed(dialog, "Will be mailed now")).to_contain_text("Piotr Zima")
    await dialog.get_by_text("How the mail reads").click()
    await desk.order(photos["a.jpg"], name="Jan Lis")
    await desk.notify()
    await expect(listed(dialog, "Not paid yet")).to_contain_text("Jan Lis")
    await expect(dialog.get_by_text("Mailed before")).to_be_visible()
    await expect(listed(dialog, "Mailed before")).to_have_count(0)


async def test_a_mail_that_failed_says_why_and_is_sent_again(studio: Studio) -> None:
    desk, photos = await school(studio)
    refused = await ready(desk, photos, name="Ewa Mazur", email="reject-550.ewa@clients.example.com")
    hung_up = await ready(desk, photos, name="Jan Lis", email="hangup.jan@clients.example.com")
    await ready(desk, photos, email="defer-451.anna@clients.example.com")
    await desk.notify()
    page = await studio(f"{desk.path}/transfer")
    await expect(page.get_by_role("link", name="2 mails failed")).to_be_visible()
    dialog = await open_preflight(page)
    await expect(dialog.get_by_role("heading", name="0 of 3 mails sent")).to_be_visible()
    failed = listed(dialog, "Could not be delivered")
    await expect(failed.filter(has_text="Ewa")).to_contain_text("550 reject-550.ewa")
    await expect(failed.filter(has_text="Ewa")).to_contain_text("Correct the address in the order, then send again.")
    await expect(failed.filter(has_text="Jan")).to_contain_text("May have been sent. Ask the client")
    await expect(listed(dialog, "On its way")).to_contain_text("tried again by itself: 451")
    await check(page, "notify-failed")

    before = len(await hung_up.mails())
    await failed.filter(has_text="Jan").get_by_role("button", name="Send again").click()
    await eventually(lambda: has_more_mails(hung_up, before))
    correction = {"client": {"email": f"{uuid4().hex}@clients.example.com"}}
    await desk.photographer.do("PATCH", f"/orders/{refused.id}", json=correction)
    await failed.filter(has_text="Ewa").get_by_role("button", name="Send again").click()
    await dialog.get_by_text("Mailed before").click()
    await expect(listed(dialog, "Mailed before")).to_contain_text(correction["client"]["email"])


async def test_who_cannot_notify_is_told_why(stack: Supervisor, studio: Studio) -> None:
    desk, photos = await school(studio, download_policy="none")
    page = await studio(f"{desk.path}/transfer")
    dialog = await open_preflight(page)
    await expect(dialog.get_by_text("Nobody may download in this gallery. Change it in Settings.")).to_be_visible()
    await expect(dialog.get_by_role("link", name="Change it in Settings.")).to_have_attribute(
        "href", f"{desk.path}/settings"
    )
    await ready(desk, photos)
    await expect(listed(dialog, "Ready, not mailed")).to_contain_text("Anna Nowak")
    await expect(dialog.get_by_role("button", name="Send")).to_have_count(0)
    await check(page, "notify-closed")

    await desk.photographer.do("PATCH", desk.path, json={"download_policy": "ordered_and_paid"})
    await expect(dialog.get_by_role("button", name="Send 1 mail")).to_be_visible()
    await desk.notify()
    await expect(dialog.get_by_role("heading", name="Everybody has been mailed")).to_be_visible()
    await desk.order(photos["a.jpg"])
    await expect(dialog.get_by_text("See below what the others still need.")).to_be_visible()
    await check(page, "notify-nobody")

    await stack.stop("orders")
    await listed(dialog, "Not paid yet").get_by_role("button", name="Mark as paid").click()
    await expect(dialog.get_by_text("Accepted: it will be done in a moment")).to_be_visible()
    await stack.start("orders")
    await stack.ready("orders")
    await expect(dialog.get_by_role("button", name="Send 1 mail")).to_be_visible(timeout=15_000)


async def test_the_pre_flight_needs_no_mouse_on_a_polish_phone(studio: Studio) -> None:
    await studio.photographer.do("PATCH", "/studio", json={"locale": "pl"})
    desk, photos = await school(studio, locale="pl")
    order = await desk.order(photos["a.jpg"])
    page = await studio(f"{desk.path}/transfer", phone=True)
    dialog = page.get_by_role("dialog")
    await tab_to(page, page.get_by_role("button", name="Powiadom klientów"))
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_role("heading", name="Teraz nie ma do kogo wysłać")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Powiadom klientów")).to_be_focused()
    await page.keyboard.press("Enter")
    await tab_to(page, dialog.get_by_role("button", name="Oznacz jako opłacone"))
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_role("heading", name="Wysłać e-mail o zdjęciach do 1 klienta?")).to_be_focused()
    await check(page, "notify-polish")
    await tab_to(page, dialog.get_by_role("button", name="Wyślij 1 e-mail"))
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_text("Wysłano 1 z 1 e-maila")).to_be_visible()
    await tab_to(page, dialog.get_by_role("button", name="Zamknij"))
    await page.keyboard.press("Enter")
    await expect(dialog).to_be_hidden()
    assert len(await order.mails()) == 1


async def has_more_mails(order: ClientOrder, before: int) -> bool:
    return len(await order.mails()) > before
