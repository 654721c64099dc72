"""The public gallery: looking, full screen, many photos, and the states in which there is nothing to choose."""

import pytest
from playwright.async_api import Locator, Page, expect

from deploy.local.drawing import photo
from tests.browser.visiting import Visitors, check
from tests.e2e.people import GalleryDesk, Photographer

SHAPES = [(900, 600), (600, 900), (800, 600), (600, 800), (1600, 600), (600, 600), (900, 506), (506, 900), (900, 600)]
BUNDLES = [{"photos": 5, "price": 4500}, {"photos": 10, "price": 8000}]
XSS = "<img src=x onerror=alert(1)>"
MANY = 70
FIRST_TO_LAST = "[...document.querySelectorAll('main li img')].map(image => image.alt)"
CROPPED = """[...document.querySelectorAll('main li img')].filter(image => {
    const box = image.getBoundingClientRect();
    const shown = getComputedStyle(image).objectFit === 'contain';
    return !shown || Math.abs(box.width / box.height / (image.naturalWidth / image.naturalHeight) - 1) > .08;
}).map(image => image.alt)"""


SHIFTS = """new Promise(done => {
    new PerformanceObserver(shifts => done(shifts.getEntries().map(shift => shift.value)))
        .observe({type: 'layout-shift', buffered: true});
    requestAnimationFrame(() => requestAnimationFrame(() => done([])));
})"""


async def with_photos(desk: GalleryDesk, shapes: list[tuple[int, int]]) -> None:
    """Photos of these shapes, `IMG_001.jpg`, …"""
    drawn = {shape: photo("drawn", *shape) for shape in set(shapes)}
    files = {f"IMG_{number:03}.jpg": drawn[shape] for number, shape in enumerate(shapes, 1)}
    assert {each["status"] for each in await desk.upload("photos", files)} == {"stored"}


def names_from(first: int, last: int) -> list[str]:
    return [f"IMG_{number:03}.jpg" for number in range(first, last + 1)]


async def test_photos_lie_in_rows_uncropped_under_welcome_and_prices(
    visitors: Visitors, photographer: Photographer
) -> None:
    desk = await photographer.open_gallery(
        name=f"3b {XSS}",
        welcome=f"Hello!\nChoose {XSS} soon.",
        price_per_photo=1200,
        bundles=BUNDLES,
        order_deadline="2099-06-14T16:00:00Z",
    )
    await with_photos(desk, SHAPES)
    page = await visitors.client(desk, phone=True)

    await expect(page.get_by_role("heading", name=f"3b {XSS}")).to_be_visible()
    await expect(page.get_by_text(f"Hello! Choose {XSS} soon.")).to_have_css("white-space-collapse", "preserve-breaks")
    await expect(page.get_by_text("9 photos · order until 14 Jun 2099, 18:00")).to_be_visible()
    await expect(page.get_by_text("12.00 PLN a photo · 5 for 45.00 PLN · 10 for 80.00 PLN")).to_be_visible()
    await page.get_by_alt_text("IMG_009.jpg").scroll_into_view_if_needed()
    await expect(page.get_by_alt_text("IMG_009.jpg")).to_have_js_property("complete", True)
    assert await page.evaluate(CROPPED) == []
    assert await page.get_by_alt_text("IMG_001.jpg").evaluate("image => image.getBoundingClientRect().left") == 0
    assert await page.evaluate(SHIFTS) == []
    await check(page, "gallery")


async def open_viewer(page: Page, name: str, viewer: str = "Photos") -> Locator:
    """Full screen, once it listens."""
    await page.get_by_role("link", name=name).click()
    await expect(page.get_by_role("dialog", name=viewer)).to_be_focused()
    return page.get_by_role("dialog", name=viewer)


async def test_full_screen_is_gone_through_by_keyboard_chosen_in_and_left_by_back(
    visitors: Visitors, photographer: Photographer
) -> None:
    desk = await photographer.open_gallery()
    await with_photos(desk, SHAPES)
    page = await visitors.client(desk)
    viewer = await open_viewer(page, "IMG_002.jpg")
    await expect(viewer.get_by_text("2 / 9 · IMG_002.jpg")).to_be_visible()
    await page.keyboard.press("ArrowRight")
    await expect(viewer.get_by_text("3 / 9 · IMG_003.jpg")).to_be_visible()
    await viewer.get_by_role("button", name="Choose IMG_003.jpg").click()
    await expect(viewer.get_by_role("button", name="Choose IMG_003.jpg", pressed=True)).to_be_visible()
    await check(page, "gallery-full-screen")
    await page.go_back()
    await expect(viewer).to_have_count(0)
    await expect(page.get_by_role("link", name="IMG_003.jpg")).to_be_focused()
    await expect(page.get_by_role("button", name="Choose IMG_003.jpg", pressed=True)).to_be_visible()
    await expect(page.get_by_text("1 photo · 12.50 PLN")).to_be_visible()

    await page.keyboard.press("Enter")
    await expect(viewer).to_be_focused()
    await viewer.get_by_role("button", name="Close").click()
    await expect(viewer).to_have_count(0)
    await page.keyboard.press("Enter")
    await expect(viewer).to_be_focused()
    await page.reload()
    await expect(page.get_by_text("1 photo · 12.50 PLN")).to_be_visible()
    await expect(viewer).to_have_count(0)


async def test_escape_pressed_while_a_photo_is_still_opening_closes_it(
    visitors: Visitors, photographer: Photographer
) -> None:
    desk = await photographer.open_gallery()
    await with_photos(desk, SHAPES)
    page = await visitors.anybody()
    await page.clock.install()
    await page.goto(f"/g/{desk.public_token}")
    photo, viewer = page.get_by_role("link", name="IMG_002.jpg"), page.locator(".pswp")
    await photo.focus()
    await page.clock.pause_at(await page.evaluate("Date.now() + 1000"))  # the opening waits for a timer
    await page.keyboard.press("Enter")
    await expect(viewer).to_be_attached()
    await page.keyboard.press("Escape")
    await page.clock.resume()
    await expect(viewer).to_have_count(0)
    await expect(photo).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(viewer).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(viewer).to_have_count(0)


async def test_a_swipe_turns_the_page_and_a_tap_beside_the_photo_closes_nothing(
    visitors: Visitors, photographer: Photographer
) -> None:
    desk = await photographer.open_gallery()
    await with_photos(desk, SHAPES)
    page = await visitors.client(desk, phone=True)
    viewer = await open_viewer(page, "IMG_001.jpg")
    await expect(viewer.get_by_text("1 / 9 · IMG_001.jpg")).to_be_visible()
    await swipe_left(page)
    await expect(viewer.get_by_text("2 / 9 · IMG_002.jpg")).to_be_visible()
    await page.touchscreen.tap(180, 20)
    await page.touchscreen.tap(180, 20)
    await expect(viewer).to_be_visible()


async def swipe_left(page: Page) -> None:
    session = await page.context.new_cdp_session(page)
    for kind, x in [("touchStart", 300), *(("touchMove", x) for x in range(280, 20, -20)), ("touchEnd", None)]:
        points = [] if x is None else [{"x": x, "y": 320}]
        await session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


async def test_many_photos_come_as_one_scrolls_or_swipes_and_are_there_again_on_the_way_back(
    visitors: Visitors, photographer: Photographer
) -> None:
    desk = await photographer.open_gallery()
    await with_photos(desk, [(300, 200)] * MANY)
    page = await visitors.client(desk, phone=True)
    assert await page.evaluate(FIRST_TO_LAST) == names_from(1, 60)
    await page.get_by_alt_text("IMG_060.jpg").scroll_into_view_if_needed()
    await page.get_by_alt_text("IMG_070.jpg").scroll_into_view_if_needed()
    assert await page.evaluate(FIRST_TO_LAST) == names_from(1, MANY)
    await page.get_by_role("button", name="Choose IMG_066.jpg").click()
    await page.get_by_role("link", name="Order", exact=True).click()
    await page.get_by_role("heading", name="Your order").wait_for()
    await page.go_back()
    await expect(page.get_by_role("button", name="Choose IMG_066.jpg", pressed=True)).to_be_in_viewport()

    another = await visitors.client(desk)
    await open_viewer(another, "IMG_058.jpg")
    for number in range(59, 63):
        await another.keyboard.press("ArrowRight")
        await expect(another.get_by_text(f"{number} / {MANY} · IMG_{number:03}.jpg")).to_be_visible()


async def test_without_script_further_photos_are_behind_a_link(visitors: Visitors, photographer: Photographer) -> None:
    desk = await photographer.open_gallery()
    await with_photos(desk, [(300, 200)] * (MANY - 8))
    page = await visitors.client(desk, javascript=False)
    await expect(page.get_by_alt_text("IMG_061.jpg")).to_have_count(0)
    await page.get_by_role("link", name="More photos").click()
    await expect(page.get_by_alt_text("IMG_060.jpg")).to_be_in_viewport()
    await page.get_by_role("button", name="Choose IMG_062.jpg").click()
    await expect(page.get_by_role("button", name="Choose IMG_062.jpg", pressed=True)).to_be_in_viewport()


async def test_after_the_deadline_one_may_look_and_is_told_whom_to_write_to(
    visitors: Visitors, photographer: Photographer
) -> None:
    desk = await photographer.open_gallery(order_deadline="2026-06-14T16:00:00Z", locale="pl")
    await with_photos(desk, SHAPES[:2])
    page = await visitors.client(desk, "/order")
    await expect(page.get_by_text("Zamówienia przyjmowano do 14 czerwca 2026.")).to_be_visible()
    await expect(page.get_by_role("main").get_by_role("link", name=photographer.studio["email"])).to_be_visible()
    await expect(page.get_by_text("2 zdjęcia")).to_be_visible()
    await expect(page.get_by_role("button", name="Wybierz")).to_have_count(0)
    await open_viewer(page, "IMG_001.jpg", "Zdjęcia")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await check(page, "gallery-closed")


async def test_a_gallery_without_photos_says_so(visitors: Visitors, photographer: Photographer) -> None:
    page = await visitors.client(await photographer.open_gallery())
    await expect(page.get_by_text("There are no photos here yet.")).to_be_visible()
    await check(page, "gallery-empty")


@pytest.mark.parametrize("path", ["", "/order", "/orders/0198c0de-0000-7000-8000-000000000000", "/my-link", "/access"])
async def test_a_gallery_that_is_not_there_is_said_kindly(visitors: Visitors, path: str) -> None:
    page = await visitors.anybody(locale="pl-PL")
    await page.goto(f"/g/gone{path}")
    await expect(page.get_by_role("heading", name="Tej galerii tu nie ma.")).to_be_visible()
    await expect(page.get_by_role("link", name="Na początek")).to_have_count(0)
    if not path:
        await check(page, "gallery-gone")
    visitors.forget("404")


async def test_unknown_things_of_a_gallery_lead_back_to_its_photos(
    visitors: Visitors, photographer: Photographer
) -> None:
    desk = await photographer.open_gallery()
    page = await visitors.client(desk, "/orders/0198c0de-0000-7000-8000-000000000000")
    await page.get_by_role("link", name="To the photos").click()
    await expect(page.get_by_role("heading", name="Class 3b")).to_be_visible()
    visitors.forget("404")
