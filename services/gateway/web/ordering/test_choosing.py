"""Choosing photos: the basket in the browser."""

from playwright.async_api import APIResponse, Locator, Page, expect

from tests.browser.visiting import Visitors, check
from tests.e2e.people import GalleryDesk, Photographer


def heart(page: Page, name: str, *, pressed: bool | None = None) -> Locator:
    """A photo's heart; `pressed`: only when the photo is chosen, or is not."""
    return page.get_by_role("button", name=f"Choose {name}", pressed=pressed)


async def choose(page: Page, *names: str) -> None:
    """Press the hearts of these photos."""
    for name in names:
        await heart(page, name).click()
        await expect(heart(page, name, pressed=True)).to_be_visible()


async def test_a_choice_is_there_again_after_a_reload_and_later_and_is_each_clients_own(
    visitors: Visitors, photographer: Photographer
) -> None:
    desk = await photographer.open_gallery()
    await desk.add_photos("a.jpg", "b.jpg", "c.jpg")
    anna, otto = await visitors.client(desk), await visitors.client(desk, phone=True)

    await choose(anna, "b.jpg", "a.jpg")
    await choose(otto, "c.jpg")
    await heart(anna, "a.jpg").click()
    await expect(heart(anna, "a.jpg", pressed=False)).to_be_visible()
    await anna.reload()
    later = await anna.context.new_page()
    await later.goto(anna.url)

    for page in (anna, later):
        await expect(page.get_by_text("1 photo · 12.50 PLN")).to_be_visible()
        await expect(heart(page, "b.jpg", pressed=True)).to_be_visible()
    await expect(heart(otto, "b.jpg", pressed=False)).to_be_visible()
    await check(otto, "gallery-chosen")


async def test_the_basket_says_what_it_costs_and_when_a_bundle_is_cheaper(
    visitors: Visitors, photographer: Photographer
) -> None:
    bundles = [{"photos": 3, "price": 2000}, {"photos": 5, "price": 3000}]
    desk = await photographer.open_gallery(price_per_photo=1200, bundles=bundles, locale="pl")
    await desk.add_photos(*(f"{number}.jpg" for number in range(1, 6)))
    page = await visitors.client(desk)
    told = [
        ("1 zdjęcie · 12,00 zł", "Jeszcze 2 i pakiet 3 zdjęć wyjdzie taniej"),
        ("2 zdjęcia · 20,00 zł", "Jeszcze 1 bez dopłaty: pakiet 3 zdjęć"),
        ("3 zdjęcia · 20,00 zł", "Jeszcze 2 i pakiet 5 zdjęć wyjdzie taniej"),
        ("4 zdjęcia · 30,00 zł", "Jeszcze 1 bez dopłaty: pakiet 5 zdjęć"),
        ("5 zdjęć · 30,00 zł", None),
    ]
    for number, (price, hint) in enumerate(told, 1):
        await page.get_by_role("button", name=f"Wybierz {number}.jpg").click()
        await expect(page.get_by_role("status").get_by_text(price)).to_be_visible()
        await expect(page.get_by_role("status").get_by_text("Jeszcze")).to_have_text([hint] if hint else [])


async def test_hearts_pressed_quickly_one_after_the_other_all_count(
    visitors: Visitors, photographer: Photographer
) -> None:
    desk = await photographer.open_gallery()
    await desk.add_photos(*(names := [f"{number}.jpg" for number in range(8)]))
    page = await visitors.client(desk)
    await page.evaluate("document.querySelectorAll('[aria-pressed]').forEach(heart => heart.click())")
    await expect(page.get_by_text("8 photos · 100.00 PLN")).to_be_visible()
    for name in names:
        await expect(heart(page, name, pressed=True)).to_be_visible()


async def test_photos_and_cookies_of_another_gallery_are_none_of_this_one(
    visitors: Visitors, photographer: Photographer
) -> None:
    desk, other = await photographer.open_gallery(), await photographer.open_gallery()
    await desk.add_photos("a.jpg")
    theirs = await other.add_photos("a.jpg")
    page = await visitors.client(other)
    await choose(page, "a.jpg")
    [theirs_too] = [each for each in await page.context.cookies(page.url) if each["name"] == basket(other)]
    url = f"{desk.photographer.world.url}/g/{desk.public_token}"
    await page.context.add_cookies([{"name": basket(desk), "value": theirs_too["value"], "url": url}])

    await page.goto(f"/g/{desk.public_token}")
    await expect(heart(page, "a.jpg", pressed=False)).to_be_visible()
    await page.goto(f"/g/{desk.public_token}/order")
    await expect(page.get_by_text("You have not chosen any photos yet.")).to_be_visible()
    answers = [await press(page, desk, photo) for photo in (theirs["a.jpg"], "nonsense")]
    assert [answer.status for answer in answers] == [404, 404]
    elsewhere = await press(page, desk, theirs["a.jpg"], {"Origin": "https://evil.example"})
    assert elsewhere.status == 403


def basket(desk: GalleryDesk) -> str:
    return f"photoferry_basket_{desk.id.hex}"


async def press(page: Page, desk: GalleryDesk, photo_id: str, headers: dict[str, str] | None = None) -> APIResponse:
    """What a program would send in a heart's place."""
    return await page.request.post(
        f"/g/{desk.public_token}/chosen/{photo_id}?photos=60",
        form={"chosen": "1"},
        headers={"Origin": desk.photographer.world.url} | (headers or {}),
    )


async def test_a_photo_removed_meanwhile_is_said_and_no_longer_counts(
    visitors: Visitors, photographer: Photographer
) -> None:
    desk = await photographer.open_gallery()
    photos = await desk.add_photos("a.jpg", "b.jpg")
    page = await visitors.client(desk)
    await choose(page, "a.jpg", "b.jpg")
    await photographer.do("DELETE", f"/photos/{photos['b.jpg']}")

    await heart(page, "b.jpg").click()
    await expect(page.get_by_role("alert").get_by_text("This photo is no longer in the gallery.")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("1 photo · 12.50 PLN")).to_be_visible()
    visitors.forget("404")
