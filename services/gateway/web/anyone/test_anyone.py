"""**Photos to download** of a gallery whose link gives everybody everything."""

import re
import zipfile
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.visiting import Visitors, check
from tests.e2e.people import GalleryDesk, Photographer, final


async def fetched(page: Page, link: str, into: Path) -> Path:
    """What comes when this link is pressed."""
    async with page.expect_download() as coming:
        await page.get_by_role("link", name=link).click()
    await (await coming.value).save_as(into / (await coming.value).suggested_filename)
    return into / (await coming.value).suggested_filename


async def open_to_anyone(photographer: Photographer) -> GalleryDesk:
    """A gallery with a photo and two finals."""
    desk = await photographer.open_gallery(download_policy="anyone")
    await desk.add_photos("a.jpg")
    await desk.add_finals("a.jpg", "b.jpg")
    return desk


@pytest.mark.parametrize("javascript", [True, False])
async def test_finals_are_downloaded_singly_and_all_in_one(
    visitors: Visitors, photographer: Photographer, tmp_path: Path, *, javascript: bool
) -> None:
    desk = await open_to_anyone(photographer)
    page = await visitors.client(desk, javascript=javascript, phone=True)
    await page.get_by_role("link", name="Photos to download").click()
    if javascript:
        await check(page, "downloads-anyone")
    await expect(page.get_by_role("link", name=re.compile(r"^Download all · 2 photos · \d+ kB$"))).to_be_visible()
    single = await fetched(page, "Download b.jpg", tmp_path)
    assert single.read_bytes() == final("b.jpg")
    archive = await fetched(page, "Download all", tmp_path)
    with zipfile.ZipFile(archive) as files:
        assert {name: files.read(name) for name in files.namelist()} == {n: final(n) for n in ("a.jpg", "b.jpg")}
    await page.get_by_role("link", name="Photos", exact=True).click()
    await expect(page.get_by_alt_text("a.jpg")).to_be_visible()


async def test_number_and_size_of_all_are_said_in_polish(visitors: Visitors, photographer: Photographer) -> None:
    desk = await photographer.open_gallery(download_policy="anyone", locale="pl")
    page = await visitors.client(desk)
    for count, words in {1: "1 zdjęcie", 2: "2 zdjęcia", 5: "5 zdjęć"}.items():
        await desk.add_finals(*(f"{each}.jpg" for each in range(count)))
        await page.goto(f"/g/{desk.public_token}/downloads")
        all_of_them = page.get_by_role("link", name="Pobierz wszystkie")
        await expect(all_of_them).to_have_text(re.compile(rf"^Pobierz wszystkie · {words} · \d+ kB$"))


async def test_while_nothing_is_finished_the_tab_says_so(visitors: Visitors, photographer: Photographer) -> None:
    desk = await photographer.open_gallery(download_policy="anyone", locale="pl")
    page = await visitors.client(desk, "/downloads")
    await expect(page.get_by_text("Żadne zdjęcie nie jest jeszcze gotowe.")).to_be_visible()
    await check(page, "downloads-anyone-empty")


async def test_elsewhere_there_is_no_such_tab_and_its_address_says_where_the_photos_are(
    visitors: Visitors, photographer: Photographer
) -> None:
    desk = await photographer.open_gallery()
    page = await visitors.client(desk)
    await expect(page.get_by_role("link", name="Photos to download")).to_have_count(0)
    await page.goto(f"/g/{desk.public_token}/downloads")
    await expect(page.get_by_text("Your photos are behind your personal link")).to_be_visible()
    await check(page, "problem-403")
    await page.get_by_role("link", name="To the photos").click()
    await expect(page.get_by_role("heading", name="Class 3b")).to_be_visible()
    visitors.forget("403")
