"""Guessing passwords, where tries are counted as in production."""

from pathlib import Path

from playwright.async_api import Browser

from tests.browser.visiting import Visitors, check
from tests.e2e.people import World
from tests.gateway.running import running_gateway
from tests.infra import Servers


async def test_too_many_wrong_tries_are_told_to_wait(chromium: Browser, servers: Servers, tmp_path: Path) -> None:
    async with running_gateway(servers, tmp_path, beside=(), rate_limits="on") as gateway:
        visitors = Visitors(chromium, World(gateway.url, "", gateway.client.http))
        page = await visitors.anybody()
        await page.goto("/login")
        await page.get_by_label("E-mail").fill("anna@example.com")
        told = page.get_by_text("Too many wrong tries. Wait a moment, then try again.")
        while not await told.is_visible():
            await page.get_by_label("Password").fill("wrong password")
            await page.get_by_role("button", name="Log in").click()
        await check(page, "login-too-many")
        visitors.forget("422")
        await visitors.leave()
