"""A bank's statement in the browser: what it says is looked at, and one press confirms."""

from playwright.async_api import FilePayload, Page, expect

from tests.browser.fixtures import Studio
from tests.browser.visiting import check
from tests.e2e.people import GalleryDesk, Photographer

HEADER = "#Data operacji;#Opis operacji;#Kwota;\n"


def statement(*lines: str) -> FilePayload:
    """As mBank's: in cp1250."""
    rows = "".join(f"2026-06-15;{text};12,50 PLN;\n" for text in lines)
    return {"name": "historia.csv", "mimeType": "text/csv", "buffer": (HEADER + rows).encode("cp1250")}


async def gallery_of(photographer: Photographer, *names: str, **settings: object) -> GalleryDesk:
    desk = await photographer.open_gallery(name="Class <b>3b</b>", **settings)
    photos = await desk.add_photos("IMG_1.jpg")
    for name in names:
        await desk.order(*photos.values(), name=name)
    return desk


async def look_into(page: Page, file: FilePayload) -> None:
    await page.get_by_label("The bank's CSV file").set_input_files(file)
    await page.get_by_role("button", name="Look for payments").click()


async def test_who_has_paid_by_transfer_is_found_and_confirmed(studio: Studio, photographer: Photographer) -> None:
    desk = await gallery_of(photographer, "Żaneta Łoś", "Jan Lis", "Eve <script>")
    page = await studio(f"/galleries/{desk.id}/orders")
    await page.get_by_role("link", name="Bank statement").click()
    await page.wait_for_url("**/bank-statement")
    await check(page, "bank")
    file = statement("ŁOŚ ŻANETA", "zamówienie 2 <i>", "for the school", "for the school")
    await look_into(page, file)
    sure, number = page.get_by_role("checkbox", name="Żaneta Łoś"), page.get_by_role("checkbox", name="Jan Lis")
    await expect(sure).to_be_checked()
    await expect(number).to_be_checked()
    await expect(page.get_by_text("zamówienie 2 <i>")).to_be_visible()
    await expect(page.get_by_text("the client's name is in the text")).to_be_visible()
    await page.get_by_text("2 other transfers").click()
    await check(page, "bank-found")
    await number.uncheck()
    await page.get_by_role("button", name="Mark as paid: 1").click()
    await expect(page.get_by_text("1 order is paid now.")).to_be_visible()
    await check(page, "bank-confirmed")

    await look_into(page, file)
    await expect(page.get_by_role("checkbox")).to_have_count(1)
    await expect(number).to_be_checked()
    await page.get_by_role("button", name="Mark as paid: 1").click()
    await look_into(page, statement("ŁOŚ ŻANETA", "zamówienie 2 <i>"))
    await expect(page.get_by_text("No transfer in this file fits an unpaid order")).to_be_visible()
    await page.get_by_role("link", name="Client orders").first.click()
    await expect(page.get_by_role("link", name="Unpaid 1")).to_be_visible()


async def test_what_is_not_sure_is_not_ticked_and_a_line_pays_once(studio: Studio, photographer: Photographer) -> None:
    desk = await gallery_of(photographer, "Jan Lis")
    page, other = [await studio(f"/galleries/{desk.id}/bank-statement") for _ in range(2)]
    for each in (page, other):
        await look_into(each, statement("from grandma"))
        await expect(each.get_by_role("checkbox", name="Jan Lis")).not_to_be_checked()
        await expect(each.get_by_text("not sure: only this order has this amount")).to_be_visible()
    await page.get_by_role("button", name="Mark as paid: 0").click()
    await expect(page.get_by_text("Tick at least one order.")).to_be_visible()
    await look_into(page, statement("from grandma"))
    for each in (page, other):
        await each.get_by_role("checkbox", name="Jan Lis").check()
        await each.get_by_role("button", name="Mark as paid: 1").click()
    await expect(page.get_by_text("1 order is paid now.")).to_be_visible()
    await expect(other.get_by_text("A line of this statement has paid an order before.")).to_be_visible()


async def test_a_line_whose_order_was_paid_meanwhile_is_said_and_looked_at(
    studio: Studio, photographer: Photographer
) -> None:
    desk = await gallery_of(photographer, "Jan Lis", "Ewa Sowa")
    page = await studio(f"/galleries/{desk.id}/bank-statement")
    await look_into(page, statement("Jan Lis", "Ewa Sowa"))
    listed = (await photographer.do("GET", f"/galleries/{desk.id}/orders"))["items"]
    jan, ewa = (order["id"] for order in listed)
    await photographer.do("POST", f"/orders/{jan}/mark-paid")
    await photographer.do("POST", f"/orders/{ewa}/cancel")
    await page.get_by_role("button", name="Mark as paid: 2").click()
    await expect(page.get_by_text("This order was paid already: this transfer has paid nothing.")).to_be_visible()
    await expect(page.get_by_text("This order is cancelled: ask the client to order anew.")).to_be_visible()
    await check(page, "bank-left-over")
    await page.get_by_role("link", name="Payments to look at 2").click()
    await expect(page.get_by_text("but 12.50 PLN came in by bank transfer.")).to_be_visible()
    await expect(page.get_by_text("The order was paid already when 12.50 PLN were confirmed")).to_be_visible()
    await expect(page.get_by_role("listitem").filter(has_text="Bank statement")).to_have_count(2)
    await check(page, "payments-of-the-bank")


async def test_lines_that_cannot_be_read_are_shown_as_they_are(studio: Studio, photographer: Photographer) -> None:
    desk = await gallery_of(photographer, "Jan Lis")
    page = await studio(f"/galleries/{desk.id}/bank-statement", phone=True)
    rows = "".join(f"2026-06-15;Jan Lis;{amount};\n" for amount in ("12.505", "$12,50", "(12,50)"))
    await look_into(page, {"name": "historia.csv", "mimeType": "text/csv", "buffer": (HEADER + rows).encode()})
    await page.get_by_text("2 transfers could not be read").click()
    await expect(page.get_by_text("12.505: this is no amount")).to_be_visible()
    await expect(page.get_by_text("$12,50: this is not in PLN")).to_be_visible()
    await check(page, "bank-unread")


async def test_a_file_that_cannot_be_used_is_explained_in_the_studios_language(
    studio: Studio, photographer: Photographer
) -> None:
    desk = await gallery_of(photographer)
    await photographer.do("PATCH", "/studio", json={"locale": "pl"})
    page = await studio(f"/galleries/{desk.id}/bank-statement", locale="pl-PL", phone=True)
    for content, says in (
        (b"%PDF-1.7\0", "Ten plik nie jest tekstem."),
        (b"a;b\n" * 1_000_001, "Ten plik ma ponad 10 MB lub 100 000 wierszy."),
        (b"", "W tym pliku nie ma wiersza z datą i kwotą."),
        (HEADER.encode() + b";" * 5_000_000, "W tym pliku jest wiersz dłuższy niż w jakimkolwiek banku."),
    ):
        file: FilePayload = {"name": "historia.csv", "mimeType": "text/csv", "buffer": content}
        await page.get_by_label("Plik CSV z banku").set_input_files(file)
        await page.get_by_role("button", name="Szukaj wpłat").click()
        await expect(page.get_by_text(says)).to_be_visible()
    await check(page, "bank-refused")
