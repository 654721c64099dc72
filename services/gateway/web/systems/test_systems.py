"""A studio's own systems, in the browser: added, told, and what became of each webhook."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from services.gateway.web.systems.page import PAGE
from tests.browser.fixtures import Studio
from tests.browser.visiting import Visitors, check
from tests.e2e.people import Photographer, World
from tests.gateway.client import StudioClient
from tests.gateway.receiving import Receiver, receiver
from tests.gateway.running import RunningGateway, running_gateway
from tests.gateway.test_outgoing import place_order
from tests.infra import Servers
from tests.waiting import eventually

HERE = "/systems"
MARKUP = """<x-answer onclick=alert(1)>"'"""
ELSEWHERE = "https://hooks.invalid/photoferry"
"""Nobody's, for ever."""


@pytest.fixture(scope="module")
async def gateway(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    """One whose operator allows systems on the same machine."""
    async with running_gateway(servers, tmp_path_factory.mktemp("gateway"), private_endpoints="true") as running:
        yield running


@pytest.fixture
async def near(gateway: RunningGateway, chromium: Browser) -> AsyncIterator[Studio]:
    """Opens pages of that gateway for a new photographer."""
    world = World(gateway.url, "", gateway.client.http)
    visitors = Visitors(chromium, world)
    yield Studio(visitors, await Photographer.sign_up(world))
    await visitors.leave()


async def add(page: Page, url: str) -> str:
    """Add a system by the form; returns its secret, read from the page."""
    await page.get_by_label("Address").fill(url)
    await page.get_by_role("button", name="Add the system").click()
    secret = await page.get_by_role("status").locator("code").inner_text()
    assert secret.startswith("whsec_")
    return secret


async def told(studio: Studio, receiving: Receiver, **browser: Any) -> Page:
    """The page of a system that a test was just sent to."""
    page = await studio(HERE, **browser)
    await add(page, receiving.url)
    await page.get_by_role("button", name="Send a test").click()
    await expect(page.get_by_role("heading", name="What was sent")).to_be_visible()
    return page


def webhook(page: Page) -> Locator:
    """The newest one."""
    return page.locator(".deliveries > li").first


def tries(page: Page) -> Locator:
    """Of the newest one, which is unfolded."""
    return webhook(page).get_by_role("list", name="Tries").get_by_role("listitem")


async def test_a_system_is_added_and_its_secret_is_shown_once(studio: Studio) -> None:
    page = await studio("/account")
    await page.get_by_role("link", name="Outgoing webhooks").click()
    await expect(page.get_by_text("No system is told yet.")).to_be_visible()
    await expect(page.get_by_role("checkbox", checked=True)).to_have_count(5)
    await check(page, "systems-empty")
    await page.get_by_label("A client downloads photos").uncheck()
    secret = await add(page, ELSEWHERE)
    await check(page, "systems-secret")
    await page.get_by_role("button", name="Copy the secret").click()
    await expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == secret
    await page.goto(HERE)
    system = page.get_by_role("region", name=ELSEWHERE)
    await expect(system).to_contain_text("Is told")
    await expect(system).to_contain_text("An order is paid")
    await expect(system).not_to_contain_text("A client downloads photos")
    assert secret not in await page.content()
    await system.get_by_role("link", name="What was sent").click()
    await expect(page.get_by_text("Nothing was sent yet.")).to_be_visible()
    assert secret not in await page.content()
    await check(page, "systems-nothing-sent")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://127.0.0.1/hook", "the operator of this Photoferry sets PHOTOFERRY_PRIVATE_ENDPOINTS=true."),
        ("http://example.com/hook", "begins with https"),
        ("example.com", "Enter a whole address, like https://example.com/photoferry"),
        ("https://me:secret@example.com/", "without a password in it"),
    ],
)
async def test_an_address_that_cannot_be_says_what_to_do_and_stays(
    studio: Studio, visitors: Visitors, url: str, says: str
) -> None:
    page = await studio(HERE, phone=True)
    await page.get_by_label("All photos of an order are finished").uncheck()
    await page.get_by_label("Address").fill(url)
    await page.get_by_role("button", name="Add the system").click()
    await expect(page.get_by_role("alert").filter(has_text="marked fields")).to_be_focused()
    await expect(page.get_by_label("Address")).to_have_accessible_description(re.compile(re.escape(says)))
    await expect(page.get_by_label("Address")).to_have_value(url)
    await expect(page.get_by_role("checkbox", checked=True)).to_have_count(4)
    await check(page, "systems-wrong-address")
    visitors.forget("422")


async def test_without_an_event_there_is_nothing_to_tell(studio: Studio, visitors: Visitors) -> None:
    page = await studio(HERE)
    await page.get_by_label("Address").fill(ELSEWHERE)
    for box in await page.get_by_role("checkbox").all():
        await box.uncheck()
    await page.get_by_role("button", name="Add the system").click()
    await expect(page.get_by_role("group", name="It is told when")).to_have_accessible_description(
        "Tick at least one event."
    )
    await expect(page.get_by_role("checkbox", checked=True)).to_have_count(0)
    visitors.forget("422")


async def test_what_was_not_taken_is_shown_with_its_answer(near: Studio) -> None:
    async with receiver(500, 500) as receiving:
        receiving.says = f"{MARKUP} {'long ' * 100}"
        page = await told(near, receiving)
        await expect(webhook(page)).to_contain_text("Next try in")
        await expect(webhook(page)).to_contain_text(f"HTTP 500 · {MARKUP} long")
        await webhook(page).get_by_text("Body and answers").click()
        await expect(webhook(page).locator("pre")).to_contain_text('{"type": "photoferry.test"')
        await expect(tries(page).first).to_contain_text("long 500")
        await expect(page.locator("x-answer")).to_have_count(0)
        await check(page, "systems-waiting")


async def test_a_replay_is_shown_with_what_came_of_it_before(near: Studio) -> None:
    async with receiver(410, 204) as receiving:
        page = await told(near, receiving)
        await webhook(page).get_by_text("Body and answers").click()
        await expect(tries(page)).to_contain_text(["HTTP 410"])
        await page.get_by_role("button", name="Replay: Test").click()
        await expect(webhook(page)).to_contain_text("Delivered")
        await expect(webhook(page)).to_contain_text("2 tries")
        await expect(tries(page)).to_contain_text(["HTTP 204", "HTTP 410"])  # what was unfolded stays so
        await expect(page.get_by_role("button", name="Replay: Test")).to_be_focused()
        await check(page, "systems-replayed")
        assert len(set(receiving.ids)) == 1


async def test_nobody_answers_is_said_on_both_pages(near: Studio) -> None:
    async with receiver() as receiving:
        pass
    page = await told(near, receiving)
    await expect(webhook(page)).to_contain_text("No answer · ")
    await page.get_by_role("link", name="Your own systems").click()
    await expect(page.get_by_role("region", name=receiving.url)).to_contain_text("The last webhook did not arrive")
    await check(page, "systems-failing")


async def test_a_system_that_is_gone_is_told_again_after_a_test(near: Studio) -> None:
    async with receiver(410) as receiving:
        page = await told(near, receiving)
        await expect(webhook(page)).to_contain_text("Given up: the system is gone")
        await expect(page.get_by_text("it is told again.")).to_be_visible()
        await check(page, "systems-gone")
        await page.get_by_role("link", name="Your own systems").click()
        system = page.get_by_role("region", name=receiving.url)
        await expect(system).to_contain_text("Gone since")
        await check(page, "systems-gone-listed")
        await system.get_by_role("button", name="Send a test").click()
        await expect(webhook(page)).to_contain_text("Delivered")
        await page.get_by_role("link", name="Your own systems").click()
        await expect(system).to_contain_text("Is told")


async def test_the_list_grows_by_itself_and_has_pages(near: Studio, gateway: RunningGateway) -> None:
    async with receiver() as receiving:
        page = await told(near, receiving, phone=True)
        client = StudioClient(gateway.client.http, gateway.url, {"Authorization": f"Bearer {near.photographer.token}"})
        placed = await place_order(gateway, client)
        await expect(webhook(page)).to_contain_text("An order is placed")
        await webhook(page).get_by_text("Body and answers").click()
        await expect(webhook(page)).to_contain_text(placed["id"])
        await check(page, "systems-deliveries")
        for _ in range(PAGE):
            (await client.post(f"/api/v1/webhook-endpoints/{page.url.rsplit('/', 1)[1]}/test")).expect(202)
        await page.get_by_role("link", name="Older webhooks").click()
        await expect(page.locator(".deliveries > li")).to_have_count(2)
        await page.get_by_role("button", name="Replay: An order is placed").click()
        await expect(webhook(page)).to_contain_text("2 tries")
        await page.get_by_role("link", name="Newest webhooks").click()
        await expect(page.locator(".deliveries > li")).to_have_count(PAGE)


async def test_a_new_secret_is_shown_once_and_both_sign_for_a_day(near: Studio) -> None:
    async with receiver() as receiving:
        page = await near(HERE)
        old = await add(page, receiving.url)
        await page.get_by_role("button", name="New secret").click()
        await expect(page.get_by_role("heading", name="Make a new secret?")).to_be_focused()
        await expect(page.get_by_text("For 24 hours")).to_be_visible()
        await check(page, "systems-rotate")
        await page.get_by_role("button", name="Make a new secret").click()
        new = await page.get_by_role("status").locator("code").inner_text()
        await expect(page.get_by_role("status")).to_contain_text("For 24 hours")
        await page.get_by_role("button", name="Send a test").click()
        await expect(webhook(page)).to_contain_text("Delivered")
        receiving.verify(old)
        receiving.verify(new)
        await page.goto(HERE)
        assert old != new
        assert new not in await page.content()


async def test_a_system_is_deleted_after_a_question_by_keyboard(studio: Studio) -> None:
    page = await studio(HERE)
    await add(page, ELSEWHERE)
    await page.get_by_role("button", name="Delete").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Tell this system nothing more?")).to_be_focused()
    await check(page, "systems-delete")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Delete")).to_be_focused()
    await page.keyboard.press("Enter")
    for _ in range(2):  # past Not now
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("No system is told yet.")).to_be_visible()


async def test_all_of_it_works_without_script(near: Studio) -> None:
    async with receiver(410) as receiving:
        page = await near.visitors.anybody(javascript=False)
        await near.visitors.log_in(page, near.photographer)
        await page.goto(HERE)
        await add(page, receiving.url)
        await page.get_by_role("button", name="Send a test").click()
        await reloaded_until(page, "Given up: the system is gone")
        await page.get_by_role("button", name="Replay").click()
        await reloaded_until(page, "Delivered")
        assert len(receiving.ids) == 2


async def reloaded_until(page: Page, text: str) -> None:
    async def look() -> bool:
        await page.wait_for_load_state()  # a form may just have been sent
        await page.goto(page.url)
        return await webhook(page).get_by_text(text).is_visible()

    await eventually(look, within=30)


async def test_a_polish_photographer_reads_polish(studio: Studio) -> None:
    await studio.photographer.do("PATCH", "/studio", json={"locale": "pl"})
    await studio.photographer.do("POST", "/webhook-endpoints", json={"url": "https://localhost/hook"})
    page = await studio(HERE)
    await page.get_by_role("button", name="Wyślij test").click()
    await expect(webhook(page)).to_contain_text("Nie ma tam publicznego adresu; inne dopuszcza operator")
    await expect(webhook(page)).to_contain_text("Następna próba za")
    await check(page, "systems-polish-deliveries")
    await page.goto(HERE)
    await expect(page.get_by_role("heading", name="Własne systemy")).to_be_visible()
    await check(page, "systems-polish")


async def test_what_programmers_are_told_is_what_is_sent(near: Studio, gateway: RunningGateway) -> None:
    async with receiver() as receiving:
        page = await near(HERE)
        secret = await add(page, receiving.url)
        client = StudioClient(gateway.client.http, gateway.url, {"Authorization": f"Bearer {near.photographer.token}"})
        await place_order(gateway, client)
        await receiving.kinds(1)
        await page.get_by_role("link", name="For your programmer").click()
        await expect(page.get_by_role("heading", name="Webhooks to your own systems")).to_be_visible()
        await check(page, "programs-webhooks")
        shown = json.loads(await page.locator("#body").inner_text())
        assert fields(shown) == fields(receiving.heard[0])
        scope: dict[str, Any] = {}
        exec(await page.locator("#check").inner_text(), scope)  # noqa: S102 - our own page's
        headers = {name.lower(): value for name, value in receiving.headers[-1].items()}
        assert scope["is_from_photoferry"](secret, headers, receiving.bodies[-1])
        assert not scope["is_from_photoferry"](secret, headers, receiving.bodies[-1] + b" ")
        old = headers | {"webhook-timestamp": "1"}
        assert not scope["is_from_photoferry"](secret, old, receiving.bodies[-1])


def fields(body: Any) -> Any:
    """The names in it, without their values."""
    return {name: fields(value) for name, value in body.items()} if isinstance(body, dict) else None
