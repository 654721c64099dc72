"""A real browser, as photographers and clients use one."""

import shutil
from collections.abc import AsyncIterator

import aiohttp
import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from deploy.local.supervisor import Supervisor
from tests.browser.school import School
from tests.browser.visiting import Visitors
from tests.e2e.people import Photographer, World

FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium, for the whole run: without windows, where there is such a build, as it takes half the CPU."""
    expect.set_options(timeout=20_000)  # a busy machine takes longer than Playwright's 5 s
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert path, "chromium is not installed: run 'make test'"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def visitors(chromium: Browser, world: World) -> AsyncIterator[Visitors]:
    """People with browsers: `await visitors.anybody()`. What their browsers complain of fails the test at its end."""
    people = Visitors(chromium, world)
    yield people
    await people.leave()


@pytest.fixture
def studio(visitors: Visitors, photographer: Photographer) -> "Studio":
    """Opens pages for the photographer, logged in: `page = await studio("/galleries")`."""
    return Studio(visitors, photographer)


class Studio:
    """A photographer at a browser."""

    def __init__(self, visitors: Visitors, photographer: Photographer) -> None:
        self.visitors = visitors
        self.photographer = photographer

    async def __call__(self, path: str, *, locale: str = "en-GB", phone: bool = False) -> Page:
        """A page, logged in."""
        page = await self.visitors.anybody(locale=locale, phone=phone)
        await self.visitors.log_in(page, self.photographer)
        await page.goto(path)
        return page


@pytest.fixture(scope="session")
async def school(stack: Supervisor) -> AsyncIterator[School]:
    """A gallery with an order in every state, to be looked at, not changed."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        assert stack.servers.mail is not None
        world = World(stack.url, stack.servers.mail.web_url, http)
        yield await School.open(await Photographer.sign_up(world))
