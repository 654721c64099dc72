"""*One moment* in the browser: writes whose service is away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from playwright.async_api import Page, expect

from deploy.local.supervisor import Supervisor
from services.gateway.web.ordering.test_ordering import at_the_form
from tests.browser.fixtures import Studio
from tests.browser.visiting import Visitors, check
from tests.e2e.people import Photographer


@asynccontextmanager
async def orders_away(stack: Supervisor) -> AsyncIterator[None]:
    """A new gallery is accepted, and opened after the block."""
    await stack.stop("orders")
    try:
        yield
    finally:
        await stack.start("orders")
        await stack.ready()


async def open_gallery(page: Page) -> None:
    await page.get_by_label("Name", exact=True).fill("Class 3b")
    await page.get_by_label("Price of a photo").fill("12.50")
    await page.get_by_role("button", name="Open the gallery").click()
    await expect(page.get_by_role("heading", name="One moment")).to_be_visible()


async def test_the_page_says_that_nothing_is_lost_and_goes_on_by_itself(studio: Studio, stack: Supervisor) -> None:
    page = await studio("/galleries/new")
    async with orders_away(stack):
        await open_gallery(page)
        await check(page, "waiting")
    await expect(page.get_by_role("heading", name="Photos", exact=True)).to_be_visible()


async def test_it_goes_on_without_script_too(studio: Studio, stack: Supervisor) -> None:
    page = await studio.visitors.anybody(javascript=False)
    await studio.visitors.log_in(page, studio.photographer)
    await page.goto("/galleries/new")
    async with orders_away(stack):
        await open_gallery(page)
    await expect(page.get_by_role("heading", name="Photos", exact=True)).to_be_visible()


async def test_a_refusal_becomes_a_page_that_says_what_to_do(
    visitors: Visitors, photographer: Photographer, stack: Supervisor, database: asyncpg.Connection
) -> None:
    closed = """UPDATE orders.gallery
        SET settings = jsonb_set(settings::jsonb, '{order_deadline}', '"2026-06-14T16:00:00Z"') WHERE id = $1"""
    desk = await photographer.open_gallery()
    await desk.add_photos("a.jpg")
    page = await at_the_form(visitors, desk, "a.jpg")
    async with orders_away(stack):
        await database.execute(closed, desk.id)  # as if the gateway's page were a moment behind
        await page.get_by_role("button", name="Order and pay").click()
        await expect(page.get_by_role("heading", name="One moment")).to_be_visible()
    await expect(page.get_by_role("heading", name="Orders are closed for this gallery")).to_be_visible()
    await page.get_by_role("link", name="To the photos").click()
    await expect(page.get_by_role("heading", name="Class 3b")).to_be_visible()
    visitors.forget("409")
