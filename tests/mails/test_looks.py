"""How mails look: on a phone and a desk, light and dark, in both languages, whatever the names are."""

from typing import Any

import pytest
from playwright.async_api import Browser

from mails.writing import Kind, write
from tests.browser.visiting import check
from tests.mails.writing import PERSONAL, facts, order_facts

LONG = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaft"
STRANGE: dict[str, dict[str, Any]] = {
    "long": {"gallery": LONG, "client": LONG, "studio": LONG, "payment_instructions": f"{LONG * 3}\n\nNow"},
    "right-to-left": {"gallery": "صور المدرسة 2", "client": "نور الدين 7", "studio": "استوديو نور (Łódź)"},
    "markup": dict.fromkeys(("gallery", "client", "studio", "payment_instructions"), "<img src=x> <b>bold</b> & co"),
}


async def looks(chromium: Browser, html: str, name: str) -> None:
    page = await chromium.new_page()
    await page.set_content(html)
    await check(page, f"mail-{name}")
    await page.close()


@pytest.mark.parametrize("locale", ["en", "pl"])
@pytest.mark.parametrize("kind", list(Kind))
async def test_a_mail_can_be_read_everywhere(chromium: Browser, kind: Kind, locale: str) -> None:
    await looks(chromium, write(kind, locale, facts()).html, f"{kind}-{locale}")


async def test_several_links_can_be_read_everywhere(chromium: Browser) -> None:
    orders = [order_facts(number=number, photos=number, url=f"{PERSONAL}{number}") for number in (1, 12, 123)]
    await looks(chromium, write(Kind.LINKS, "pl", facts(*orders)).html, "links-several")


@pytest.mark.parametrize("strange", list(STRANGE))
async def test_strange_names_spoil_nothing(chromium: Browser, strange: str) -> None:
    await looks(chromium, write(Kind.UNPAID, "en", facts(**STRANGE[strange])).html, strange)
