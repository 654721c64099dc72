"""Ordering: the form, the confirmation, and how the order is doing."""

import asyncio
from typing import Any

from playwright.async_api import APIResponse, Page, expect

from deploy.local.supervisor import Supervisor
from services.gateway.web.ordering.test_choosing import choose
from tests.browser.visiting import Visitors, check
from tests.e2e.people import ClientOrder, GalleryDesk, Photographer

XSS = "<script>alert(1)</script>"
FOCUSED = "(focused => focused.labels?.[0]?.innerText ?? focused.textContent)(document.activeElement)"
HOW_TO_PAY = f"By transfer to 12 3456\nor {XSS}"


async def at_the_form(visitors: Visitors, desk: GalleryDesk, *names: str, **browser: Any) -> Page:
    """A client who has chosen these photos and filled in the form."""
    page = await visitors.client(desk, **browser)
    await choose(page, *names)
    await page.get_by_role("link", name="Order", exact=True).click()
    await fill(page)
    return page


async def fill(page: Page) -> None:
    await page.get_by_label("First and last name").fill("Anna Nowak")
    await page.get_by_label("E-mail").fill("anna@example.com")


async def the_orders(desk: GalleryDesk) -> list[dict[str, object]]:
    orders: list[dict[str, object]] = (await desk.do("GET", "/orders"))["items"]
    return orders


async def test_who_orders_is_told_number_amount_how_to_pay_and_later_how_it_goes_on(
    visitors: Visitors, photographer: Photographer
) -> None:
    desk = await photographer.open_gallery(payment_instructions=HOW_TO_PAY)
    await desk.add_photos("a.jpg", "b.jpg")
    page = await at_the_form(visitors, desk, "a.jpg", "b.jpg", phone=True)
    await page.get_by_text("Add a phone number or a note").click()
    await page.get_by_label("Phone").fill("+48 600 700 800")
    await page.get_by_label("Note").fill(f"{XSS}\nThanks")
    await check(page, "order-form")
    await page.get_by_role("button", name="Order and pay 25.00 PLN").click()

    await expect(page.get_by_role("heading", name="Order #1")).to_be_visible()
    await expect(page.get_by_role("heading", name="Now pay 25.00 PLN")).to_be_visible()
    await expect(page.get_by_text(HOW_TO_PAY.replace("\n", " "))).to_be_visible()
    await expect(page.get_by_text("Your photos come by mail to anna@example.com")).to_be_visible()
    await check(page, "order-placed")
    [placed] = await the_orders(desk)
    assert placed["client"] | {"locale": ""} == {  # type: ignore[operator]
        "name": "Anna Nowak",
        "email": "anna@example.com",
        "phone": "+48 600 700 800",
        "note": f"{XSS}\r\nThanks",
        "locale": "",
        "erased": False,
    }

    order = ClientOrder(desk, str(placed["id"]), "anna@example.com")
    await order.act("mark-paid")
    await desk.add_finals("a.jpg", "b.jpg")
    await order.until(ready=True)
    await expect(page.get_by_text("Your photos are finished")).to_be_visible(timeout=15_000)
    await expect(page.get_by_text("Paid")).to_be_visible()
    await desk.notify()
    await desk.no_mail_on_its_way()
    await expect(page.get_by_text("Mailed on")).to_be_visible(timeout=15_000)
    await check(page, "order-mailed")
    assert "/c/" not in await page.content()

    await page.goto(f"/g/{desk.public_token}")
    await expect(page.get_by_text("Choose photos by their hearts.")).to_be_visible()


async def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(
    visitors: Visitors, photographer: Photographer
) -> None:
    desk = await photographer.open_gallery(locale="pl")
    await desk.add_photos("a.jpg")
    page = await visitors.client(desk, phone=True)
    await page.get_by_role("button", name="Wybierz a.jpg").click()
    await page.get_by_role("link", name="Zamów", exact=True).click()
    await page.get_by_label("E-mail").fill("anna@")
    await page.get_by_role("button", name="Zamawiam i płacę 12,50 zł").click()

    await expect(page.get_by_role("alert").filter(has_text="Popraw zaznaczone pola.")).to_be_focused()
    await expect(page.get_by_label("Imię i nazwisko")).to_have_accessible_description("Wypełnij to pole.")
    await expect(page.get_by_text("Wpisz e-mail, np. nazwa@example.com")).to_be_visible()
    await expect(page.get_by_label("E-mail")).to_have_value("anna@")
    await check(page, "order-form-wrong")
    await page.get_by_label("Imię i nazwisko").fill("Anna Nowak")
    await page.get_by_label("E-mail").fill("anna@example.com")
    await page.get_by_role("button", name="Zamawiam i płacę 12,50 zł").click()
    await expect(page.get_by_role("heading", name="Zamówienie #1")).to_be_visible()
    visitors.forget("422")


async def test_a_form_sent_twice_or_again_later_orders_once(visitors: Visitors, photographer: Photographer) -> None:
    desk = await photographer.open_gallery()
    await desk.add_photos("a.jpg")
    page = await at_the_form(visitors, desk, "a.jpg")
    form = dict(await page.evaluate("[...new FormData(document.querySelector('form'))]"))
    await page.get_by_role("button", name="Order and pay").dblclick()
    await expect(page.get_by_role("heading", name="Order #1")).to_be_visible()

    async def send(by: Page) -> APIResponse:
        headers = {"Origin": desk.photographer.world.url}
        return await by.request.post(f"/g/{desk.public_token}/order", form=form, headers=headers)

    answers = [*await asyncio.gather(send(page), send(page)), await send(page)]
    assert {answer.url for answer in answers} == {page.url}
    assert len(await the_orders(desk)) == 1
    stranger = await send(await visitors.client(desk))
    assert stranger.status == 422, "who has the form's key, but not the basket, learns nothing of the order"
    await page.go_back()
    await expect(page.get_by_text("You have not chosen any photos yet.")).to_be_visible()
    await check(page, "order-form-empty")


async def test_a_price_or_choice_that_changed_is_shown_before_anything_is_ordered(
    visitors: Visitors, photographer: Photographer
) -> None:
    desk = await photographer.open_gallery()
    photos = await desk.add_photos("a.jpg", "b.jpg")
    page = await at_the_form(visitors, desk, "a.jpg", "b.jpg")
    await desk.do("PATCH", json={"price_per_photo": 2000})
    await page.get_by_role("button", name="Order and pay 25.00 PLN").click()
    await expect(page.get_by_text("The choice or the price has changed.")).to_be_visible()
    await photographer.do("DELETE", f"/photos/{photos['a.jpg']}")
    await page.get_by_role("button", name="Order and pay 40.00 PLN").click()
    await expect(page.get_by_text("The choice or the price has changed.")).to_be_visible()
    assert await the_orders(desk) == []
    await page.get_by_role("button", name="Order and pay 20.00 PLN").click()
    await expect(page.get_by_role("heading", name="Now pay 20.00 PLN")).to_be_visible()
    visitors.forget("422")


async def test_a_gallery_closed_meanwhile_says_so_in_the_form(visitors: Visitors, photographer: Photographer) -> None:
    desk = await photographer.open_gallery()
    await desk.add_photos("a.jpg")
    page = await at_the_form(visitors, desk, "a.jpg")
    await desk.do("PATCH", json={"order_deadline": "2026-06-14T16:00:00Z"})
    await page.get_by_role("button", name="Order and pay").click()
    await expect(page.get_by_text("Orders are closed for this gallery")).to_be_visible()
    await expect(page.get_by_label("First and last name")).to_have_value("Anna Nowak")
    visitors.forget("422")


async def test_an_order_that_costs_nothing_is_ordered_without_a_word_of_paying(
    visitors: Visitors, photographer: Photographer
) -> None:
    desk = await photographer.open_gallery(price_per_photo=0, allow_free_orders=True)
    await desk.add_photos("a.jpg")
    page = await at_the_form(visitors, desk, "a.jpg")
    await page.get_by_role("button", name="Order", exact=True).click()
    await expect(page.get_by_role("heading", name="Order #1")).to_be_visible()
    await expect(page.get_by_text("The photographer finishes your photos")).to_be_visible()
    await expect(page.get_by_text("pay")).to_have_count(0)


async def test_an_order_called_off_or_paid_back_says_so_and_whom_to_write_to(
    visitors: Visitors, photographer: Photographer
) -> None:
    desk = await photographer.open_gallery()
    photos = await desk.add_photos("a.jpg")
    called_off, paid_back = await desk.order(*photos.values()), await desk.order(*photos.values())
    await called_off.act("cancel")
    await paid_back.act("mark-paid")
    await paid_back.act("refund")
    page = await visitors.client(desk, f"/orders/{called_off.id}")
    await expect(page.get_by_text("This order was cancelled.")).to_be_visible()
    await check(page, "order-cancelled")
    await expect(page.get_by_role("main").get_by_role("link", name=photographer.studio["email"])).to_be_visible()
    page = await visitors.client(desk, f"/orders/{paid_back.id}")
    await expect(page.get_by_text("12.50 PLN were paid back to you, and the order is closed.")).to_be_visible()
    await check(page, "order-refunded")


async def test_choosing_and_ordering_work_without_script(visitors: Visitors, photographer: Photographer) -> None:
    desk = await photographer.open_gallery(welcome="Welcome")
    await desk.add_photos("a.jpg", "b.jpg")
    page = await at_the_form(visitors, desk, "a.jpg", "b.jpg", phone=True, javascript=False)
    await page.get_by_role("link", name="Change the choice").click()
    await page.get_by_role("button", name="Choose a.jpg", pressed=True).click()
    await expect(page.get_by_text("1 photo · 12.50 PLN")).to_be_visible()
    await page.get_by_role("link", name="Order", exact=True).click()
    await page.get_by_role("button", name="Order and pay 12.50 PLN").click()
    await expect(page.get_by_text("Enter an e-mail like name@example.com")).to_be_visible()
    await fill(page)
    await page.get_by_role("button", name="Order and pay 12.50 PLN").click()
    await expect(page.get_by_role("heading", name="Order #1")).to_be_visible()
    visitors.forget("422")


async def test_choosing_and_ordering_work_by_keyboard_alone(visitors: Visitors, photographer: Photographer) -> None:
    desk = await photographer.open_gallery()
    await desk.add_photos("a.jpg")
    page = await visitors.client(desk)
    await tab_to(page, "Choose a.jpg")
    await page.keyboard.press("Space")
    await expect(page.get_by_text("1 photo · 12.50 PLN")).to_be_visible()
    await tab_to(page, "Order")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Your order").wait_for()
    await tab_to(page, "First and last name")
    await page.keyboard.type("Anna Nowak")
    await tab_to(page, "E-mail")
    await page.keyboard.type("anna@example.com")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Order #1")).to_be_visible()


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has this name is reached."""
    for _ in range(30):
        await page.keyboard.press("Tab")
        if name in await page.evaluate(FOCUSED):
            return
    raise AssertionError(f"no way to {name} by the Tab key")


async def test_while_the_orders_service_is_down_an_order_waits_and_is_placed_once(
    visitors: Visitors, photographer: Photographer, stack: Supervisor
) -> None:
    desk = await photographer.open_gallery()
    await desk.add_photos("a.jpg")
    page = await at_the_form(visitors, desk, "a.jpg")
    other_tab = await page.context.new_page()
    await other_tab.goto(page.url)
    await fill(other_tab)
    await stack.stop("orders")
    try:
        for tab in (page, other_tab):
            await tab.get_by_role("button", name="Order and pay").click()
            await expect(tab.get_by_role("heading", name="One moment")).to_be_visible()
        impatient = await page.context.new_page()
        await impatient.goto(f"/g/{desk.public_token}/order")
        await expect(impatient.get_by_role("heading", name="One moment")).to_be_visible()
    finally:
        await stack.start("orders")
        await stack.ready()
    for each in (page, other_tab, impatient):
        await expect(each.get_by_role("heading", name="Order #1")).to_be_visible(timeout=30_000)
    assert len(await the_orders(desk)) == 1
