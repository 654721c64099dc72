"""**Send my link again** in the browser."""

from playwright.async_api import expect

from tests.browser.visiting import Visitors, check
from tests.e2e.people import Photographer
from tests.waiting import eventually

SAID = "If there is an order for this address, its link is on the way."


async def test_known_or_not_an_address_is_answered_the_same_and_the_link_comes(
    visitors: Visitors, photographer: Photographer
) -> None:
    desk = await photographer.open_gallery()
    order = await desk.order((await desk.add_photos("a.jpg"))["a.jpg"])
    await order.act("mark-paid")
    page = await visitors.client(desk)
    await page.get_by_role("link", name="Send my link again").click()
    await check(page, "my-link")
    shown = []
    for address in ("nobody@example.com", order.email):
        await page.get_by_label("E-mail you ordered with").fill(address)
        await page.get_by_role("button", name="Send me my link").click()
        await expect(page.get_by_role("status").get_by_text(SAID)).to_be_visible()
        shown.append(await page.content())
        if address != order.email:
            await check(page, "my-link-sent")
            await page.get_by_role("link", name="Try another address").click()
    assert shown[0] == shown[1]
    [mail] = await eventually(order.mails)
    assert "/c/" in mail["text"]


async def test_it_works_without_script_and_says_what_is_wrong_in_polish(
    visitors: Visitors, photographer: Photographer
) -> None:
    desk = await photographer.open_gallery(locale="pl")
    page = await visitors.client(desk, "/my-link", javascript=False, phone=True)
    await page.get_by_label("E-mail podany w zamówieniu").fill("anna")
    await page.get_by_role("button", name="Wyślij mi mój link").click()
    await expect(page.get_by_text("Wpisz e-mail, np. nazwa@example.com")).to_be_visible()
    await page.get_by_label("E-mail podany w zamówieniu").fill("anna@example.com")
    await page.get_by_role("button", name="Wyślij mi mój link").click()
    await expect(page.get_by_text("Jeśli dla tego adresu jest zamówienie, link jest już w drodze.")).to_be_visible()
    await expect(page.get_by_role("main").get_by_role("link", name=photographer.studio["email"])).to_be_visible()
    visitors.forget("422")
