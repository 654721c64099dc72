"""The access code in the browser."""

from playwright.async_api import expect

from tests.browser.visiting import Visitors, check
from tests.e2e.people import Photographer


async def test_a_gallery_with_a_code_opens_for_who_knows_it_where_they_wanted_to_be(
    visitors: Visitors, photographer: Photographer
) -> None:
    desk = await photographer.open_gallery(access_code="sowa 7", name="Secret name")
    page = await visitors.client(desk, "/my-link", phone=True)
    await expect(page.get_by_role("heading", name="These photos are behind a code")).to_be_visible()
    assert "Secret name" not in await page.content()
    await check(page, "access-code")
    await page.get_by_label("Access code").fill("puchacz")
    await page.get_by_role("button", name="Open").click()
    await expect(page.get_by_label("Access code")).to_have_accessible_description(
        "This is not the code; ask the photographer for it."
    )
    await check(page, "access-code-wrong")
    await page.get_by_label("Access code").fill(" sowa 7 ")
    await page.get_by_role("button", name="Open").click()
    await expect(page.get_by_role("heading", name="Send my link again")).to_be_visible()
    await page.goto(f"/g/{desk.public_token}/access")
    await expect(page.get_by_role("heading", name="Secret name")).to_be_visible()

    await desk.do("PATCH", json={"access_code": "another"})
    await page.reload()
    await expect(page.get_by_label("Access code")).to_be_visible()
    visitors.forget("422")


async def test_the_code_of_one_gallery_opens_no_other_and_nobody_is_sent_elsewhere(
    visitors: Visitors, photographer: Photographer
) -> None:
    desk, other = [await photographer.open_gallery(access_code=code) for code in ("one", "two")]
    page = await visitors.client(desk, "/access?next=//evil.example", javascript=False)
    await page.get_by_label("Access code").fill("one")
    await page.get_by_role("button", name="Open").click()
    await expect(page).to_have_url(f"{desk.photographer.world.url}/g/{desk.public_token}")
    await page.goto(f"/g/{other.public_token}")
    await expect(page.get_by_label("Access code")).to_be_visible()
