"""Visitors of the pages, and what is wanted of every page in every state."""

import asyncio
import os
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Download, Page, Response

from tests.e2e.people import PASSWORD, GalleryDesk, Photographer, World

PHONE = {"width": 360, "height": 640}
DESKTOP = {"width": 1280, "height": 800}
AXE = Path(__file__).parents[2] / "services/gateway/web/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SHOTS = os.environ.get("PHOTOFERRY_SHOTS")
"""The folder for screenshots; without it none are made."""


class Visitors:
    """People, each with a browser of their own. Their browsers' complaints are collected."""

    def __init__(self, browser: Browser, world: World) -> None:
        self.browser = browser
        self.world = world
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    async def anybody(self, *, locale: str = "en-GB", phone: bool = False, javascript: bool = True) -> Page:
        """Somebody new with an empty page."""
        context = await self.browser.new_context(
            base_url=self.world.url,
            locale=locale,
            viewport=PHONE if phone else DESKTOP,  # type: ignore[arg-type]
            has_touch=phone,
            java_script_enabled=javascript,
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        page = await context.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("response", self._response)
        return page

    async def client(self, desk: GalleryDesk, path: str = "", **browser: Any) -> Page:
        """A client who opens a gallery's public link, or a page behind it."""
        page = await self.anybody(**browser)
        await page.goto(f"/g/{desk.public_token}{path}")
        return page

    async def log_in(self, page: Page, photographer: Photographer) -> None:
        """The photographer is logged in, without the form."""
        if photographer.cookies:
            name, _, value = photographer.cookies.pop().partition("=")
            await page.context.add_cookies([{"name": name, "value": value, "url": self.world.url}])
            return
        account = {"email": photographer.studio["email"], "password": PASSWORD}
        answer = await page.request.post("/api/v1/sessions", data=account)
        assert answer.status == 201, answer

    def forget(self, *expected: str) -> None:
        """These complaints (parts of them) were expected, and each was there."""
        for part in expected:
            assert any(part in complaint for complaint in self.complaints), (part, self.complaints)
        self.complaints = [each for each in self.complaints if not any(part in each for part in expected)]

    def forget_any(self, possible: str) -> None:
        """Complaints with this part may be there: it depends on what a page was just asking for."""
        self.complaints = [each for each in self.complaints if possible not in each]

    async def leave(self) -> None:
        """Everybody closes the browser; nobody has complained."""
        for context in self.contexts:
            await context.close()
        assert not self.complaints, self.complaints

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"console: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status} {response.request.method} {response.url}")


async def check(page: Page, name: str) -> None:
    """Wanted of every page in every state: no sideways scroll and clean by axe, phone and desktop, light and dark.

    `make shots` also takes a picture of each, called `name`.
    """
    await page.wait_for_load_state()  # a link may just have been followed
    before = page.viewport_size
    schemes: list[Literal["light", "dark"]] = ["light", "dark"]
    for device, size in (("phone", PHONE), ("desktop", DESKTOP)):
        await page.set_viewport_size(size)  # type: ignore[arg-type]
        for scheme in schemes:
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth"), f"{name}: {device}"
            assert not (found := await _axe(page)), f"{name}: {device}, {scheme}: {found}"
            await _shoot(page, f"{name}-{device}-{scheme}")
    await page.emulate_media(color_scheme="light")
    if before:
        await page.set_viewport_size(before)


async def saved(download: Download) -> bytes:
    """What a browser has saved."""
    return await asyncio.to_thread((await download.path()).read_bytes)


async def _axe(page: Page) -> list[str]:
    if not await page.evaluate("typeof axe === 'object'"):
        await page.evaluate(AXE.read_text())
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found: dict[str, Any] = await page.evaluate("options => axe.run(document, options)", options)
    return [f"{each['id']}: {node['html'][:200]}" for each in found["violations"] for node in each["nodes"]]


async def _shoot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
