"""The operators' page, in the browser: what is dead is read, sent back and dropped, and the queues are watched."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from chassis.bus import dead_queue
from contracts.base import uuid7
from contracts.orders import OrderPaid
from contracts.topology import SERVICES
from deploy.local.supervisor import Supervisor
from services.gateway.web.operator.page import PAGE
from tests.browser.fixtures import Studio
from tests.browser.visiting import Visitors, check
from tests.e2e.people import Photographer, World
from tests.gateway.running import RunningGateway, running_gateway
from tests.gateway.test_operator import QUEUE, let_die
from tests.infra import Servers
from tests.making import line, order, place_order
from tests.waiting import eventually

HERE = "/operator"
APPOINT = "UPDATE gateway.studio SET is_operator = true WHERE id = $1"
BEGAN = datetime(2026, 6, 12, 18, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
async def gateway(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    """One with no service beside it: what is sent back stays in its queue."""
    async with running_gateway(servers, tmp_path_factory.mktemp("gateway"), beside=()) as running:
        yield running


@pytest.fixture
async def operator(gateway: RunningGateway, chromium: Browser) -> AsyncIterator[Studio]:
    """Opens pages for an operator, before whom nothing is dead."""
    for name in (QUEUE, *map(dead_queue, SERVICES)):
        await (await gateway.publisher.channel.get_queue(name)).purge()
    visitors = Visitors(chromium, World(gateway.url, "", gateway.client.http))
    photographer = await Photographer.sign_up(visitors.world)
    await gateway.db.pool.execute(APPOINT, photographer.studio["id"])
    yield Studio(visitors, photographer)
    await visitors.leave()


async def some_die(gateway: RunningGateway) -> None:
    """Three of one kind, and one of another that is newer."""
    for number in range(3):
        await let_die(gateway, OrderPaid(order=order("a.jpg")), died_at=BEGAN + timedelta(seconds=number))
    error = 'UniqueViolationError: duplicate key value violates unique constraint "client_order_pkey"\nDETAIL:  Key'
    later = BEGAN + timedelta(days=1)
    await let_die(gateway, place_order(uuid7(), line("a.jpg")), error, "orders.place_order", died_at=later)


def each(page: Page) -> Locator:
    """The dead messages, one by one."""
    return page.get_by_role("form", name="One by one").get_by_role("checkbox")


async def test_an_operator_is_led_there_and_nobody_else_hears_of_it(
    gateway: RunningGateway, operator: Studio, visitors: Visitors
) -> None:
    page = await operator("/account")
    await check(page, "account-operator")
    await page.get_by_role("link", name="Messages in hand").click()
    await expect(page.get_by_text("No dead messages.")).to_be_visible()
    await expect(page.get_by_text("Nobody works at 10 queues of notifier: start notifier.")).to_be_visible()
    await check(page, "operator-empty")

    await gateway.db.pool.execute("UPDATE studio SET is_operator = false")
    await page.goto("/account")
    await expect(page.get_by_role("link", name="Messages in hand")).to_have_count(0)
    for path in (HERE, f"{HERE}/queues"):
        await page.goto(path)
        await expect(page.get_by_text("There is no such page here.")).to_be_visible()
    operator.visitors.forget("404")


async def test_what_is_dead_is_read_without_anybodys_data(gateway: RunningGateway, operator: Studio) -> None:
    await some_die(gateway)
    page = await operator(HERE)

    await expect(page.get_by_text("4 messages failed six times")).to_be_visible()
    await expect(page.get_by_text("3 messages · first 12 Jun 2026, 20:05")).to_be_visible()
    await expect(each(page)).to_have_count(4)
    await page.locator("summary", has_text="Payload").first.click()
    await expect(page.locator("pre").first).to_contain_text('"name": "***"')
    await expect(page.get_by_text('constraint "client_order_pkey"')).to_be_visible()
    assert "Anna" not in await page.content()
    await check(page, "operator")
    await operator.photographer.do("PATCH", "/studio", json={"locale": "pl"})
    await page.reload()
    await expect(page.get_by_role("heading", name="Martwe wiadomości")).to_be_visible()
    await check(page, "operator-polish")


async def test_one_is_ticked_and_sent_back_by_keyboard_on_a_phone(gateway: RunningGateway, operator: Studio) -> None:
    await some_die(gateway)
    page = await operator(HERE, phone=True)

    await each(page).nth(1).focus()
    await page.keyboard.press("Space")
    send_back = page.get_by_role("button", name="Send back", exact=True)
    await send_back.focus()
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("status")).to_contain_text("1 message sent back.")
    await expect(each(page)).to_have_count(3)
    await expect(page.get_by_role("row", name=QUEUE).get_by_role("cell", name="1", exact=True)).to_be_visible()
    await check(page, "operator-sent-back")


async def test_all_of_a_kind_are_looked_at_and_sent_back(gateway: RunningGateway, operator: Studio) -> None:
    await some_die(gateway)
    page = await operator(HERE)

    await page.get_by_role("link", name="RuntimeError").click()
    await expect(page.get_by_role("form", name="RuntimeError").get_by_role("checkbox")).to_have_count(3)
    await page.get_by_role("button", name=f"Send all back: {QUEUE} RuntimeError").click()

    await expect(page.get_by_role("status")).to_contain_text("3 messages sent back.")
    await expect(each(page)).to_have_count(1)


async def test_nothing_is_dropped_before_it_was_asked(gateway: RunningGateway, operator: Studio) -> None:
    await some_die(gateway)
    page = await operator(HERE)
    await page.get_by_role("button", name=f"Drop all: {QUEUE} RuntimeError").click()
    await expect(page.get_by_role("dialog", name="Drop all of this kind?")).to_be_visible()
    await check(page, "operator-drop")
    await page.get_by_role("button", name="Not now").click()
    await expect(each(page)).to_have_count(4)

    await page.get_by_role("button", name=f"Drop all: {QUEUE} RuntimeError").click()
    await page.get_by_role("button", name="Drop for good").click()
    await expect(page.get_by_role("status")).to_contain_text("3 messages dropped.")
    await each(page).check()
    await page.get_by_role("button", name="Drop", exact=True).click()
    await page.get_by_role("button", name="Drop for good").click()

    await expect(page.get_by_role("status")).to_contain_text("1 message dropped.")
    await expect(page.get_by_text("No dead messages.")).to_be_visible()


async def test_what_is_done_to_ticked_messages_is_offered_once_any_are_and_says_how_many(
    gateway: RunningGateway, operator: Studio
) -> None:
    await some_die(gateway)
    page = await operator(HERE, phone=True)
    bar = page.get_by_text("Selected:").first
    await expect(each(page)).to_have_count(4)
    await expect(bar).to_be_hidden()

    for message in (each(page).nth(0), each(page).nth(2)):
        await message.check()

    await expect(bar).to_have_text("Selected: 2")
    await page.get_by_role("button", name="Drop", exact=True).click()
    await expect(page.get_by_role("dialog", name="Drop what is ticked?").get_by_text("Selected: 2")).to_be_visible()
    await check(page, "operator-drop-ticked")


async def test_who_ticks_nothing_and_has_no_script_is_told_so_on_the_page(
    gateway: RunningGateway, operator: Studio
) -> None:
    await some_die(gateway)
    page = await operator.visitors.anybody(javascript=False)
    await operator.visitors.log_in(page, operator.photographer)
    await page.goto(HERE)

    await page.get_by_role("button", name="Send back", exact=True).click()

    await expect(page.get_by_text("Tick at least one message.")).to_be_visible()
    await expect(each(page)).to_have_count(4)


async def test_what_was_sent_back_elsewhere_meanwhile_is_told_to_be_gone(
    gateway: RunningGateway, operator: Studio
) -> None:
    await some_die(gateway)
    stale, page = await operator(HERE), await operator(HERE)
    for tab in (page, stale):
        await each(tab).first.check()
        await tab.get_by_role("button", name="Send back", exact=True).click()

    await expect(stale.get_by_role("status")).to_contain_text("0 messages sent back. They are not here any more.")


async def test_many_dead_messages_come_in_pages(gateway: RunningGateway, operator: Studio) -> None:
    for number in range(PAGE + 3):
        await let_die(gateway, OrderPaid(order=order("a.jpg")), died_at=BEGAN + timedelta(seconds=number))
    page = await operator(HERE)

    await expect(each(page)).to_have_count(PAGE)
    await page.get_by_role("link", name="Older").click()
    await expect(each(page)).to_have_count(3)
    await page.get_by_role("link", name="Newest").click()
    await expect(each(page)).to_have_count(PAGE)


async def test_the_queues_are_looked_at_again_and_an_unfolded_list_stays_so(
    gateway: RunningGateway, operator: Studio
) -> None:
    page = await operator(HERE)
    unfold = page.locator("summary", has_text="empty queues")
    await unfold.click()

    await let_die(gateway, OrderPaid(order=order("a.jpg")), queue="transfers.remove_photo")

    await expect(page.get_by_role("row", name="transfers.dead").get_by_role("cell", name="1")).to_be_visible()
    await expect(page.get_by_role("row", name="gateway.dead")).to_be_visible()  # among those that were unfolded


async def test_a_service_that_has_not_answered_for_a_minute_is_named(gateway: RunningGateway, operator: Studio) -> None:
    gallery = {"name": "Class 3b", "currency": "PLN", "price_per_photo": 1250}
    page = await operator(HERE)
    asking = asyncio.create_task(operator.photographer.call("POST", "/galleries", json=gallery))
    published = "SELECT EXISTS (SELECT FROM outbox WHERE topic = 'orders.open_gallery.v1' AND published_at IS NOT NULL)"
    await eventually(lambda: gateway.db.pool.fetchval(published))
    await page.reload()
    said = page.get_by_text("orders has not answered 1 change for more than a minute")
    await expect(said).to_have_count(0)

    await gateway.db.pool.execute("UPDATE outbox SET published_at = published_at - interval '61 seconds'")
    await expect(said).to_be_visible(timeout=15_000)
    await check(page, "operator-unanswered")
    asking.cancel()


async def test_without_rabbitmq_the_page_says_so(
    stack: Supervisor, studio: Studio, visitors: Visitors, database: asyncpg.Connection
) -> None:
    await database.execute(APPOINT, studio.photographer.studio["id"])
    page = await studio(HERE)
    await expect(page.get_by_role("heading", name="Queues")).to_be_visible()
    await stack.stop("rabbitmq")
    try:
        answer = await page.goto(HERE)
        assert answer is not None
        assert answer.status == 503
        await expect(page.get_by_text("RabbitMQ does not answer")).to_be_visible()
        await check(page, "operator-without-rabbitmq")
    finally:
        await stack.start("rabbitmq")
        await stack.ready()
    await page.goto(HERE)
    await expect(page.get_by_role("heading", name="Queues")).to_be_visible()
    visitors.forget("503")
