"""The page of the API, in the browser."""

from playwright.async_api import expect

from tests.browser.visiting import Visitors, check


async def test_every_call_is_explained_and_nothing_comes_from_elsewhere(visitors: Visitors) -> None:
    page = await visitors.anybody()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    shown = await page.goto("/api/docs")
    assert shown is not None
    assert "script-src 'self'" in shown.headers["content-security-policy"]
    document = await (await page.request.get("/api/v1/openapi.json")).json()
    calls = sum(len(methods) for methods in document["paths"].values())
    await expect(page.locator("main li h2")).to_have_count(calls)
    await check(page, "programs")
    assert all(url.startswith((visitors.world.url, "data:")) for url in asked)
