"""The page of one order."""

import asyncio
from pathlib import Path

from playwright.async_api import Page, Route, expect

from tests.browser.school import School
from tests.browser.visiting import SHOTS, Visitors, check
from tests.e2e.people import Photographer, World, final

RENEWED = """() => new Promise(done => {
    document.addEventListener('htmx:after:swap', done, {once: true}); htmx.trigger('#live', 'look');
})"""


async def at(visitors: Visitors, school: School, name: str) -> Page:
    """The photographer at the page of a client's order."""
    page = await school.page(visitors)
    await page.get_by_role("link", name=name).click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    await page.wait_for_load_state()  # its buttons work
    return page


async def steps(page: Page) -> list[str]:
    """What the proof of delivery says, without the times."""
    entries = await page.get_by_role("listitem").filter(has=page.get_by_role("time")).all_inner_texts()
    return [entry.splitlines()[0] for entry in entries]


async def test_all_that_happens_to_an_order_is_seen_on_its_page_as_it_happens(
    visitors: Visitors, photographer: Photographer
) -> None:
    school = await School.begin(photographer)
    order = await school.places("Anna Nowak", 0, 1, 2, note="Two lines,\nplease.", phone="+48 600 100 200")
    page = await at(visitors, school, "Anna Nowak")
    await expect(page.get_by_role("img", name="Proof IMG_1.jpg")).to_be_visible()
    await expect(page.get_by_role("img", name="Finished IMG_1.jpg")).to_be_visible()
    await expect(page.get_by_text("No file yet")).to_be_visible()
    await expect(page.get_by_text("Two lines, please.")).to_be_visible()
    await expect(page.get_by_text("Can be mailed once the order is paid and ready.")).to_be_visible()
    await page.get_by_role("button", name="Actions for order #1").click()
    await page.get_by_role("button", name="Mark as paid").click()
    await expect(page.get_by_text("Waiting for its file")).to_be_visible()
    await check(page, "order-waiting")
    await school.desk.add_finals("IMG_3.jpg")
    await expect(page.get_by_text("Not mailed yet.")).to_be_visible()
    await school.desk.notify()
    await expect(page.get_by_text("Mailed", exact=False).first).to_be_visible()
    link = await order.link()
    client = await visitors.anybody()
    await client.goto(link)
    await expect(page.get_by_role("listitem").filter(has_text="Link opened").get_by_role("time")).to_be_visible()
    await order.unzip((await order.downloads(link))["zip_url"])
    await expect(page.get_by_text("photos.zip (3)")).to_be_visible()
    await expect(page.get_by_role("figure").first).to_contain_text("Downloaded")
    [upload] = await school.desk.upload("transfers", {"IMG_1.jpg": final("IMG_1.jpg", retouch=2)})
    assert upload["status"] == "stored"
    await expect(page.get_by_role("figure").first).to_contain_text("Version 2")
    await expect(page.get_by_text("Replaced by a new version")).to_be_visible()
    assert await steps(page) == [
        "Placed",
        "Paid",
        "All files here",
        "Mailed",
        "Link opened",
        "Downloaded",
        "Replaced by a new version",
    ]
    await check(page, "order")


async def test_the_page_is_printed_as_proof_of_delivery(visitors: Visitors, school: School) -> None:
    page = await at(visitors, school, "Anna Nowak")
    await page.evaluate("window.print = () => { window.printed = true; }")
    await page.get_by_role("button", name="Print").click()
    assert await page.evaluate("window.printed")
    await page.emulate_media(media="print", color_scheme="dark")
    for shown in ("Studio Żółw · Class 3b, spring 2026", "Proof of delivery", "All files here", "Printed"):
        await expect(page.get_by_text(shown).first).to_be_visible()
    for hidden in ("Print", "Actions for order #1", "Copy personal link"):
        await expect(page.get_by_role("button", name=hidden, exact=True)).to_be_hidden()
    await expect(page.get_by_role("navigation")).to_have_count(0)
    if SHOTS:
        await page.set_viewport_size({"width": 700, "height": 990})
        await page.screenshot(path=Path(SHOTS) / "order-printed.png", full_page=True)


async def test_a_mail_that_was_refused_says_why_and_what_to_do(visitors: Visitors, school: School) -> None:
    page = await at(visitors, school, "Jan Lis")
    await expect(page.get_by_text("The mail was not delivered. Correct the e-mail if it is wrong")).to_be_visible()
    await expect(page.get_by_text("asked to be answered so")).to_be_visible()
    await check(page, "order-failed")
    await page.get_by_role("region", name="Mail").get_by_role("button", name="Change e-mail").click()
    await expect(page.get_by_role("dialog", name="Client of order #2")).to_be_visible()


async def test_the_personal_link_is_there_to_be_copied_and_scanned(visitors: Visitors, school: School) -> None:
    link = (await school.orders["Ola"].read())["client_url"]
    page = await at(visitors, school, "Ola Żak")
    card = page.get_by_role("region", name="Personal link")
    await expect(card.get_by_text(link)).to_be_visible()
    await expect(card.get_by_role("img", name="QR code of the personal link")).to_be_visible()
    await card.get_by_role("button", name="Copy personal link").click()
    await expect(card.get_by_role("button", name="Copied")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == link


async def test_a_page_that_renews_itself_still_says_that_it_has_copied(visitors: Visitors, school: School) -> None:
    page = await at(visitors, school, "Ola Żak")
    copy = page.get_by_role("region", name="Personal link").get_by_role("button")
    await copy.click()
    await expect(copy).to_have_text("Copied")
    await page.evaluate(RENEWED)
    assert await copy.inner_text() == "Copied"


async def test_the_page_speaks_polish_on_a_phone(visitors: Visitors, world: World) -> None:
    school = await School.begin(await Photographer.sign_up(world, locale="pl"), download_policy="none")
    await (await school.pays("Żaneta Łoś", 0, 1)).until(ready=True)
    page = await school.page(visitors, phone=True)
    await page.get_by_role("link", name="Żaneta Łoś").click()
    await expect(page.get_by_role("heading", name="2 zdjęcia · 25,00 zł")).to_be_visible()
    await expect(page.get_by_text("W tej galerii nikt nie może pobierać. Zmień to w Ustawieniach.")).to_be_visible()
    await expect(page.get_by_text("Wszystkie pliki gotowe")).to_be_visible()
    await check(page, "order-polish")


async def test_a_clients_data_is_erased_in_all_orders_after_it_was_said_what_that_does(
    visitors: Visitors, photographer: Photographer
) -> None:
    school = await School.begin(photographer)
    paid = await school.pays("Anna Nowak", 0, 1, email="anna.nowak@example.com", phone="+48 600 100 200")
    await school.desk.order(school.photos[0], name="Anna N.", email="anna.nowak@example.com")
    await paid.until(ready=True)
    page = await at(visitors, school, "Anna Nowak")
    await page.get_by_role("button", name="Actions for order #1").click()
    await page.get_by_role("button", name="Erase personal data…").click()
    dialog = page.get_by_role("dialog", name="Erase the personal data of order #1?")
    await expect(dialog.get_by_text("its photos can no longer be downloaded")).to_be_visible()
    await expect(dialog.get_by_text("#2 · Class 3b, spring 2026")).to_be_visible()
    await check(page, "order-erase")
    await dialog.get_by_label("Also the 1 other order of this e-mail in your studio").check()
    posts: list[str] = []

    async def take_a_while(route: Route) -> None:
        posts.append(route.request.url)
        await asyncio.sleep(0.5)
        await route.continue_()

    await page.route("**/erase", take_a_while)
    await dialog.get_by_role("button", name="Erase for good").dblclick()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Order #1 · Personal data erased")
    assert len(posts) == 1
    await expect(page.get_by_text("Ready", exact=True)).to_have_count(0)
    await expect(page.get_by_text("Name, e-mail, phone and note are erased.")).to_be_visible()
    for gone in ("anna.nowak@example.com", "+48 600 100 200", "Personal link"):
        await expect(page.get_by_text(gone, exact=True)).to_have_count(0)
    await check(page, "order-erased")
    await page.get_by_role("link", name="Client orders").first.click()
    await expect(page.get_by_role("link", name="Personal data erased")).to_have_count(2)

    client = await visitors.anybody(locale="pl")
    await client.goto((await paid.read())["client_url"])
    await expect(client.get_by_role("heading", level=1)).to_have_text("The data of this order was erased.")
    await expect(client.get_by_role("link", name="Write to Studio Żółw")).to_be_visible()
    await expect(client.get_by_role("link", name="Send me the current one")).to_have_count(0)
    await check(client, "link-erased")
    visitors.forget("410")


async def test_erasing_speaks_polish_on_a_phone(visitors: Visitors, world: World) -> None:
    school = await School.begin(await Photographer.sign_up(world, locale="pl"))
    await school.places("Żaneta Łoś", 0)
    page = await school.page(visitors, phone=True)
    await page.get_by_role("link", name="Żaneta Łoś").click()
    await page.get_by_role("button", name="Akcje: zamówienie #1").click()
    await page.get_by_role("button", name="Usuń dane osobowe…").click()
    await expect(page.get_by_text("zostanie przy tym anulowane")).to_be_visible()
    await check(page, "order-erase-polish")
    await page.get_by_role("button", name="Usuń na zawsze").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Dane osobowe usunięte")
    await expect(page.get_by_text("Anulowane").first).to_be_visible()
