"""Client orders: what the table shows, finds and counts."""

import asyncio
import csv
import io
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.school import School, open_menu, row
from tests.browser.visiting import Visitors, check
from tests.e2e.people import Photographer, World


def clients(page: Page) -> Locator:
    """The clients in the table, from top to bottom."""
    return page.get_by_role("table").get_by_role("link")


NEWEST_FIRST = ["Ola Żak", "Kasia Zielińska", "Piotr Wiśniewski", "Ewa Mazur", "Jan Lis", "Anna Nowak"]


async def test_the_table_shows_each_order_and_what_is_to_be_done(visitors: Visitors, school: School) -> None:
    page = await school.page(visitors)
    await expect(page.get_by_role("heading", level=1)).to_have_text("6 orders · 100.00 PLN")
    await expect(page.get_by_text("12.50 PLN of it unpaid · 12.50 PLN refunded or cancelled")).to_be_visible()
    await expect(clients(page)).to_have_text(NEWEST_FIRST)
    for name, shown in {
        "Anna Nowak": ["#1", "2 of 2", "25.00 PLN", "Paid", "Ready", "Mailed"],
        "Jan Lis": ["1 of 1", "Paid", "Ready", "Not delivered"],
        "Ewa Mazur": ["ewa@example.com", "Unpaid", "Ready", "Not mailed"],
        "Piotr Wiśniewski": ["1 of 3", "Paid", "2 files missing", "Not mailed"],
        "Kasia Zielińska": ["Refunded"],
        "Ola Żak": ["Paid", "Ready", "Not mailed"],
    }.items():
        for text in shown:
            await expect(row(page, name)).to_contain_text(text)
    await check(page, "orders")


@pytest.mark.parametrize(
    ("label", "show", "found"),
    [
        ("Unpaid", "unpaid", "Ewa Mazur"),
        ("Waiting", "waiting", "Piotr Wiśniewski"),
        ("Ready, not mailed", "ready", "Ola Żak"),
        ("Mailed", "mailed", "Anna Nowak"),
        ("Failed", "failed", "Jan Lis"),
        ("Refunded, cancelled", "ended", "Kasia Zielińska"),
    ],
)
async def test_each_filter_says_how_many_it_finds_and_finds_them(
    visitors: Visitors, school: School, label: str, show: str, found: str
) -> None:
    page = await school.page(visitors)
    chip = page.get_by_role("link", name=f"{label} 1", exact=True)
    await chip.click()
    await page.wait_for_url(f"**/orders?show={show}")
    await expect(clients(page)).to_have_text([found])
    await expect(page.get_by_role("heading", level=1)).to_contain_text("1 order")
    await expect(chip).to_have_attribute("aria-current", "true")


async def test_orders_are_found_by_name_mail_number_and_file(visitors: Visitors, school: School) -> None:
    page = await school.page(visitors)
    for sought, found in {
        "żAK": ["Ola Żak"],
        "EWA@example": ["Ewa Mazur"],
        "#4": ["Piotr Wiśniewski"],
        "zażółć": ["Piotr Wiśniewski"],
        "img_2": ["Ola Żak", "Jan Lis", "Anna Nowak"],
    }.items():
        await page.get_by_role("searchbox").fill(sought)
        await expect(clients(page)).to_have_text(found)
    await page.get_by_role("link", name="Failed 1").click()
    await expect(clients(page)).to_have_text(["Jan Lis"])
    await page.reload()
    await expect(page.get_by_role("searchbox")).to_have_value("img_2")
    await page.get_by_role("searchbox").fill("<b>nobody</b>")
    await expect(page.get_by_text("Nothing found for “<b>nobody</b>”.")).to_be_visible()
    await check(page, "orders-no-hits")
    await page.get_by_role("link", name="Show all orders").click()
    await expect(page.get_by_role("heading", name="6 orders")).to_be_visible()


async def test_without_orders_the_page_gives_the_link_to_send(visitors: Visitors, photographer: Photographer) -> None:
    desk = await photographer.open_gallery()
    page = await School(photographer, desk, ()).page(visitors)
    await expect(page.get_by_role("heading", name="No orders yet. Send clients the public link.")).to_be_visible()
    await check(page, "orders-empty")
    await page.get_by_role("button", name="Copy public link").click()
    await expect(page.get_by_role("button", name="Copied")).to_be_visible()
    await expect(page.get_by_role("status")).to_have_text("Copied")
    assert await page.evaluate("navigator.clipboard.readText()") == desk.gallery["public_url"]
    await expect(page.get_by_role("button", name="Copy public link")).to_be_visible()


async def test_many_orders_come_in_pages(visitors: Visitors, photographer: Photographer) -> None:
    school = await School.begin(photographer)
    await school.places("First", 0)
    await asyncio.gather(*(school.places(f"Client {number}", 0) for number in range(50)))
    page = await school.page(visitors)
    await expect(page.get_by_role("heading", level=1)).to_have_text("51 orders · 637.50 PLN")
    await expect(clients(page)).to_have_count(50)
    await page.get_by_role("link", name="Older orders").click()
    await expect(page.get_by_text("Page 2 of 2")).to_be_visible()
    await expect(clients(page)).to_have_text(["First"])
    await page.get_by_role("link", name="Newer orders").click()
    await expect(page.get_by_text("Page 1 of 2")).to_be_visible()
    await page.goto(f"{school.desk.path}/orders?page=7")
    await expect(page.get_by_text("Page 2 of 2")).to_be_visible()


async def test_the_ordered_names_are_copied_in_every_usual_form(visitors: Visitors, school: School) -> None:
    page = await school.page(visitors)
    await page.get_by_role("button", name="Copy file names").click()
    dialog = page.get_by_role("dialog", name="Copy file names")
    field = dialog.get_by_role("textbox", name="File names")
    await expect(field).to_have_value("IMG_1.jpg,IMG_2.jpg,IMG_3.jpg,Zażółć 4.jpg")
    await check(page, "orders-filenames")
    await dialog.get_by_role("radio", name="without extension").check()
    await expect(field).to_have_value("IMG_1,IMG_2,IMG_3,Zażółć 4")
    await dialog.get_by_role("radio", name="space").check()
    await expect(field).to_have_value("IMG_1 IMG_2 IMG_3 Zażółć 4")
    await dialog.get_by_role("radio", name="new line").check()
    await expect(field).to_have_value("IMG_1\nIMG_2\nIMG_3\nZażółć 4")
    await dialog.get_by_role("button", name="Copy", exact=True).click()
    await expect(dialog.get_by_role("button", name="Copied")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == "IMG_1\nIMG_2\nIMG_3\nZażółć 4"
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(page.get_by_role("button", name="Copy file names")).to_be_focused()


async def test_a_polish_studio_reads_polish_and_gets_a_polish_spreadsheet(
    visitors: Visitors, world: World, tmp_path: Path
) -> None:
    school = await School.begin(await Photographer.sign_up(world, locale="pl"))
    await school.places("Żaneta =Łoś", 0, email="=cmd@example.com", phone="+48 600 100 200")
    await school.pays("Jan Lis", 0, 1, 2, 3)
    page = await school.page(visitors)
    await expect(page.get_by_role("heading", level=1)).to_have_text("2 zamówienia · 62,50 zł")
    await expect(row(page, "Jan Lis")).to_contain_text("Brakuje 2 plików")
    assert "Oznacz jako opłacone" in await open_menu(page, "Żaneta")
    await check(page, "orders-polish")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Eksportuj CSV").click()
    await (await download.value).save_as(tmp_path / "orders.csv")
    content = (tmp_path / "orders.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    first, second = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")
    assert (first["imię i nazwisko"], first["e-mail"], first["telefon"]) == (
        "Żaneta =Łoś",
        "'=cmd@example.com",
        "'+48 600 100 200",
    )
    assert (second["kwota"], second["stan"], second["gotowe"]) == ("50,00", "opłacone", "nie")
