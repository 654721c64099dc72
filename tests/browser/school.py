"""For tests: a gallery with orders, and the photographer at its page."""

import re
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import uuid4

from playwright.async_api import Locator, Page

from tests.browser.visiting import Visitors
from tests.e2e.people import ClientOrder, GalleryDesk, Photographer


@dataclass(frozen=True)
class School:
    """A gallery, its photo ids in order, and its orders by the client's first name."""

    photographer: Photographer
    desk: GalleryDesk
    photos: tuple[str, ...]
    orders: dict[str, ClientOrder] = field(default_factory=dict)

    @classmethod
    async def begin(cls, photographer: Photographer, **settings: Any) -> Self:
        """Two of four photos have their finals; nobody has ordered yet."""
        desk = await photographer.open_gallery(**{"name": "Class 3b, spring 2026", **settings})
        photos = await desk.add_photos("IMG_1.jpg", "IMG_2.jpg", "IMG_3.jpg", "Zażółć 4.jpg")
        await desk.add_finals("IMG_1.jpg", "IMG_2.jpg")
        return cls(photographer, desk, tuple(photos.values()))

    @classmethod
    async def open(cls, photographer: Photographer) -> Self:
        """Orders in every state: one mail was sent, one was refused."""
        school = await cls.begin(photographer)
        await school.pays("Anna Nowak", 0, 1)
        await school.pays("Jan Lis", 1, email=f"reject-550.jan{uuid4().hex[:6]}@example.com")
        for order in school.orders.values():
            await order.until(ready=True)
        await school.desk.notify()
        await school.desk.no_mail_on_its_way()
        await school.places("Ewa Mazur", 0, email="ewa@example.com")
        await school.pays("Piotr Wiśniewski", 0, 2, 3)
        await (await school.pays("Kasia Zielińska", 0)).act("refund")
        await (await school.pays("Ola Żak", 1)).until(ready=True)
        return school

    async def places(self, name: str, *photos: int, **client: str) -> ClientOrder:
        """A client orders these photos."""
        order = await self.desk.order(*(self.photos[each] for each in photos), name=name, **client)
        self.orders[name.split()[0]] = order
        return order

    async def pays(self, name: str, *photos: int, **client: str) -> ClientOrder:
        """A client orders and pays."""
        order = await self.places(name, *photos, **client)
        await order.act("mark-paid")
        return order

    async def page(self, visitors: Visitors, query: str = "", **browser: Any) -> Page:
        """The photographer at **Client orders**."""
        page = await visitors.anybody(**browser)
        await visitors.log_in(page, self.photographer)
        await page.goto(f"{self.desk.path}/orders{query}")
        return page


def row(page: Page, name: str) -> Locator:
    """The row of a client's order."""
    return page.get_by_role("row").filter(has_text=name)


async def open_menu(page: Page, name: str) -> list[str]:
    """Open the menu of a client's order; returns what can be done."""
    actions = row(page, name).get_by_role("button", name=re.compile("^(Actions|Akcje)"))
    await actions.click()
    names = await row(page, name).get_by_role("button").all_inner_texts()
    return [each for each in names if each not in ("Actions", "Akcje")]


async def act(page: Page, name: str, action: str) -> None:
    """Choose an action of a client's order."""
    await open_menu(page, name)
    await row(page, name).get_by_role("button", name=action, exact=True).click()
