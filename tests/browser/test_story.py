"""The whole story: from the photographer's sign-up to the client's photos, by nothing but what people press and see."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Locator, Page, expect

from contracts.orders import Locale
from services.gateway.web.transfer.test_notify import tab_to
from services.gateway.web.uploading.test_uploading import choose as choose_files
from services.gateway.web.uploading.test_uploading import drag, said
from services.gateway.web.wording import words
from tests.browser.school import act, row
from tests.browser.visiting import Visitors, saved
from tests.e2e.people import PASSWORD, ClientOrder, Photographer, World, final, proof
from tests.waiting import eventually

PHOTOS = ("IMG_1.jpg", "IMG_2.jpg", "Zażółć 3.jpg")
ORDERED = ("IMG_1.jpg", "Zażółć 3.jpg")
BROWSERS: dict[Locale, str] = {"en": "en-GB", "pl": "pl-PL"}
PRICES: dict[Locale, tuple[str, str]] = {"en": ("12.50", "25.00 EUR"), "pl": ("12,50", "25,00 zł")}
"""What the photographer types for one photo, and what two cost."""


class Speech:
    """What the pages say in a language, by the English words."""

    def __init__(self, locale: Locale) -> None:
        self.words = words(locale)

    def __call__(self, english: str, **shown: object) -> str:
        return self.words.gettext(english) % shown

    def of(self, count: int, one: str, many: str, **shown: object) -> str:
        """With a number in it."""
        return self.words.ngettext(one, many, count) % {"count": count, **shown}


@pytest.mark.parametrize("locale", BROWSERS)
async def test_a_shoot_goes_from_the_sign_up_to_the_photos_on_the_clients_phone(
    visitors: Visitors, world: World, tmp_path: Path, locale: Locale
) -> None:
    say, address = Speech(locale), f"{uuid4().hex}@clients.example.com"
    desk = await visitors.anybody(locale=BROWSERS[locale])
    phone = await visitors.anybody(locale=BROWSERS[locale], phone=True)
    await sign_up(desk, say)
    await open_gallery(desk, say, PRICES[locale][0])
    link = await upload_photos(desk, say, tmp_path)
    await desk.get_by_role("link", name=say("Client orders")).click()
    await expect(desk.get_by_role("heading", name=say("No orders yet. Send clients the public link."))).to_be_visible()

    await phone.goto(link)
    await order(phone, say, address, PRICES[locale][1])

    await expect(row(desk, "Anna Nowak")).to_contain_text(say("Unpaid"), timeout=15_000)
    await look_and_mark_paid(desk, say)
    await upload_finals(desk, say, tmp_path)
    await notify(desk, say)

    await phone.goto(await link_in_the_mail_to(address, world))
    await expect(phone.get_by_role("heading", name=say("Your photos are ready"))).to_be_visible()
    await phone.get_by_role("link", name=say("My order")).click()
    await expect(phone.get_by_text("Anna Nowak")).to_be_visible()
    await phone.go_back()
    await download(phone, say, press=lambda link: link.tap())


async def sign_up(desk: Page, say: Speech) -> None:
    """From the start page to an account."""
    await desk.goto("/")
    await desk.get_by_role("link", name=say("Sign up")).click()
    await desk.get_by_label(say("Name of your studio")).fill("Studio Żółw")
    await desk.get_by_label(say("E-mail")).fill(f"{uuid4().hex}@studio.example.com")
    await desk.get_by_label(say("Password")).fill(PASSWORD)
    await desk.get_by_role("button", name=say("Sign up")).click()
    await expect(desk.get_by_role("heading", name=say("No galleries yet"))).to_be_visible()


async def open_gallery(desk: Page, say: Speech, price: str) -> None:
    """The first one; what else there is at first is looked at, and left by the Back button."""
    await desk.get_by_role("link", name="Studio Żółw").click()
    await desk.get_by_role("heading", name=say("Account")).wait_for()
    await desk.go_back()
    await desk.get_by_role("link", name=say("Open your first gallery")).click()
    await desk.get_by_label(say("Name"), exact=True).fill("Class 3b")
    await desk.get_by_label(say("Price of a photo")).fill(price)
    await desk.get_by_role("button", name=say("Open the gallery")).click()


async def upload_photos(desk: Page, say: Speech, folder: Path) -> str:
    """From the browser's own dialog; returns the public link, as it was copied."""
    await choose_files(desk, *drawn(folder / "proofs", proof, *PHOTOS), button=say("Choose files"))
    await said(desk, say.of(3, "%(count)s photo uploaded", "%(count)s photos uploaded"))
    await desk.get_by_role("button", name=say("Copy public link")).click()
    await expect(desk.get_by_role("button", name=say("Copied"))).to_be_visible()
    return str(await desk.evaluate("navigator.clipboard.readText()"))


async def order(phone: Page, say: Speech, address: str, total: str) -> None:
    """Choose, look at the order, go back for one more, order."""
    await choose_by_heart(phone, say, ORDERED[0])
    await phone.get_by_role("link", name=say("Order"), exact=True).tap()
    await phone.get_by_role("heading", name=say("Your order")).wait_for()
    await phone.go_back()
    await choose_by_heart(phone, say, ORDERED[1])
    await phone.get_by_role("link", name=say("Order"), exact=True).tap()
    await phone.get_by_label(say("First and last name")).fill("Anna Nowak")
    await phone.get_by_label(say("E-mail")).fill(address)
    await phone.get_by_role("button", name=say("Order and pay %(total)s", total=total)).tap()
    await expect(phone.get_by_role("heading", name=say("Order #%(number)s", number=1))).to_be_visible()
    await expect(phone.get_by_role("heading", name=say("Now pay %(total)s", total=total))).to_be_visible()
    await expect(phone.get_by_text(say("Your photos come by mail to %(email)s", email=address))).to_be_visible()


async def choose_by_heart(phone: Page, say: Speech, name: str) -> None:
    heart = phone.get_by_role("button", name=f"{say('Choose')} {name}")
    await heart.tap()
    await expect(heart).to_have_attribute("aria-pressed", "true")


async def look_and_mark_paid(desk: Page, say: Speech) -> None:
    """The order's own page, back to the table, paid."""
    await desk.get_by_role("link", name="Anna Nowak").click()
    await expect(desk.get_by_role("heading", level=1)).to_contain_text("Anna Nowak")
    await desk.go_back()
    await act(desk, "Anna Nowak", say("Mark as paid"))
    await expect(row(desk, "Anna Nowak").get_by_text(say("Paid"), exact=True)).to_be_visible()


async def upload_finals(desk: Page, say: Speech, folder: Path) -> None:
    """Dropped on the page; each lands beside its proof."""
    await desk.get_by_role("link", name=say("Photo transfer")).click()
    await desk.get_by_role("heading", level=2, name=say("Ordered and finished photos")).wait_for()
    await drag(desk, "drop", *drawn(folder / "finals", final, *ORDERED))
    complete = say.of(2, "The ordered photo is here", "All %(count)s ordered photos are here")
    await expect(desk.get_by_role("heading", name=complete)).to_be_visible(timeout=30_000)
    pairs = desk.get_by_role("region", name=say("Ordered and finished photos")).get_by_role("listitem")
    for name in ORDERED:
        pair = pairs.filter(has=desk.get_by_role("img", name=say("Proof"))).filter(has_text=name)
        await expect(pair.get_by_role("img", name=say("Finished"))).to_be_visible()
        await expect(pair).to_contain_text(say.of(1, "%(count)s order has it", "%(count)s orders have it"))


async def notify(desk: Page, say: Speech) -> None:
    """*Notify clients*, confirmed; the mail is seen to go out."""
    await desk.get_by_role("button", name=say("Notify clients")).click()
    dialog = desk.get_by_role("dialog")
    asked = say.of(1, "Mail %(count)s client the photos?", "Mail %(count)s clients their photos?")
    await expect(dialog.get_by_role("heading", name=asked)).to_be_focused()
    await dialog.get_by_role("button", name=say.of(1, "Send %(count)s mail", "Send %(count)s mails")).click()
    await expect(dialog.get_by_role("heading", name=say("Everybody has been mailed"))).to_be_visible(timeout=15_000)
    await dialog.get_by_role("button", name=say("Close")).click()
    await desk.get_by_role("link", name=say.of(1, "%(count)s mailed", "%(count)s mailed")).click()
    await expect(row(desk, "Anna Nowak")).to_contain_text(say("Mailed"))


async def link_in_the_mail_to(address: str, world: World) -> str:
    """The personal link of the one mail that came."""
    [mail] = await eventually(lambda: world.mails_to(address))
    text: str = mail["text"]
    return next(word for word in text.split() if "/c/" in word)


async def download(page: Page, say: Speech, press: Callable[[Locator], Any]) -> None:
    """One photo by itself, then all; each is the photographer's file, byte for byte."""
    name = ORDERED[1]
    async with page.expect_download() as one:
        await press(page.get_by_role("link", name=say("Download %(name)s", name=name)))
    assert (await one.value).suggested_filename == name
    assert await saved(await one.value) == final(name)
    async with page.expect_download() as all_of_them:
        single, several = "Download all · %(count)s photo · %(size)s", "Download all · %(count)s photos · %(size)s"
        await press(page.get_by_role("link", name=say.of(len(ORDERED), single, several, size="")))
    with zipfile.ZipFile(io.BytesIO(await saved(await all_of_them.value))) as archive:
        assert {each: archive.read(each) for each in archive.namelist()} == {each: final(each) for each in ORDERED}


def drawn(folder: Path, draw: Callable[[str], bytes], *names: str) -> list[Path]:
    """Files of these names in a folder."""
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes(draw(name))
    return [folder / name for name in names]


async def test_a_client_orders_and_downloads_by_keyboard_alone(visitors: Visitors, photographer: Photographer) -> None:
    say, address = Speech("en"), f"{uuid4().hex}@clients.example.com"
    desk = await photographer.open_gallery()
    await desk.add_photos(*PHOTOS)
    page = await visitors.client(desk)
    for name in ORDERED:
        await press_key(page.get_by_role("button", name=f"Choose {name}"), "Space")
        await expect(page.get_by_role("button", name=f"Choose {name}", pressed=True)).to_be_focused()
    await press_key(page.get_by_role("link", name="Order", exact=True))
    await tab_to(page, page.get_by_label("First and last name"))
    await page.keyboard.type("Anna Nowak")
    await tab_to(page, page.get_by_label("E-mail"))
    await page.keyboard.type(address)
    await press_key(page.get_by_text("Add a phone number or a note"))
    await tab_to(page, page.get_by_label("Note for the photographer"))
    await page.keyboard.type("Thanks")
    await press_key(page.get_by_role("button", name="Order and pay 25.00 PLN"), "Space")
    await expect(page.get_by_role("heading", name="Order #1")).to_be_visible()

    [placed] = (await desk.do("GET", "/orders"))["items"]
    order = ClientOrder(desk, placed["id"], address)
    await order.act("mark-paid")
    await desk.add_finals(*ORDERED)
    await order.until(ready=True)
    assert await desk.notify() == 1
    await page.goto(await order.link())
    await download(page, say, press=press_key)


async def press_key(target: Locator, key: str = "Enter") -> None:
    """Reach it by the Tab key, then press."""
    await tab_to(target.page, target)
    await target.page.keyboard.press(key)
