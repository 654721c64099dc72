"""Client orders: what happens elsewhere appears, and what one is doing stays."""

from playwright.async_api import expect

from deploy.local.supervisor import Supervisor
from tests.browser.school import School, act, open_menu, row
from tests.browser.visiting import Visitors
from tests.e2e.people import Photographer
from tests.e2e.test_outages import back

HOSTILE = "<img src=x onerror=alert(1)>\"'&amp;"


async def test_an_order_a_payment_and_a_mail_appear_in_every_open_browser(
    visitors: Visitors, photographer: Photographer
) -> None:
    school = await School.begin(photographer)
    await school.places("Ewa Mazur", 0)
    first, second = await school.page(visitors), await school.page(visitors, phone=True)
    await row(first, "Ewa").get_by_role("checkbox").check()
    await open_menu(first, "Ewa")
    order = await school.places("Jan Lis", 0)
    for page in (first, second):
        await expect(page.get_by_role("heading", level=1)).to_have_text("2 orders · 25.00 PLN")
        await expect(row(page, "Jan")).to_contain_text("Unpaid")
    await order.act("mark-paid")
    await order.until(ready=True)
    await school.desk.notify()
    for page in (first, second):
        await expect(row(page, "Jan")).to_contain_text("Mailed")
    await expect(row(first, "Ewa").get_by_role("checkbox")).to_be_checked()
    await expect(first.get_by_text("Selected: 1")).to_be_visible()
    await expect(row(first, "Ewa").get_by_role("button", name="Mark as paid")).to_be_visible()
    await row(first, "Ewa").get_by_role("button", name="Mark as paid").click()
    await expect(row(second, "Ewa")).to_contain_text("Paid")


async def test_markup_in_names_notes_and_files_stays_text(visitors: Visitors, photographer: Photographer) -> None:
    desk = await photographer.open_gallery(name=HOSTILE)
    photos = await desk.add_photos("<b>1&quot;.jpg")
    school = School(photographer, desk, tuple(photos.values()))
    await school.places(HOSTILE, 0, note=f"</textarea></dialog>{HOSTILE}", phone=HOSTILE)
    page = await school.page(visitors)
    await expect(page.get_by_role("link", name=HOSTILE)).to_be_visible()
    await page.get_by_role("button", name="Copy file names").click()
    await expect(page.get_by_role("textbox", name="File names")).to_have_value("<b>1&quot;.jpg")
    await page.keyboard.press("Escape")
    await open_menu(page, HOSTILE)
    await page.get_by_role("button", name="Change e-mail").click()
    await expect(page.get_by_role("textbox", name="Full name")).to_have_value(HOSTILE)
    await expect(page.get_by_label("Note")).to_have_value(f"</textarea></dialog>{HOSTILE}")
    await page.keyboard.press("Escape")
    await page.get_by_role("link", name=HOSTILE).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Order #1 · {HOSTILE}")
    await expect(page.get_by_text("<b>1&quot;.jpg", exact=True)).to_be_visible()
    await expect(page.get_by_text(f"</textarea></dialog>{HOSTILE}")).to_be_visible()


async def test_what_takes_longer_is_accepted_and_then_seen(
    visitors: Visitors, photographer: Photographer, stack: Supervisor
) -> None:
    school = await School.begin(photographer)
    await school.places("Ewa Mazur", 0)
    page = await school.page(visitors)
    await stack.stop("orders")
    try:
        await act(page, "Ewa", "Mark as paid")
        await expect(page.get_by_role("alert")).to_have_text(
            "Accepted: it will be done in a moment, and you will see it here."
        )
    finally:
        await back(stack, "orders")
    await expect(row(page, "Ewa")).to_contain_text("Paid", timeout=30_000)
