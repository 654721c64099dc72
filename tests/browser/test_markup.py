"""What people write is text on every page, also one that is added later, whatever it looks like."""

import re
from typing import Any
from urllib.parse import quote

import asyncpg
from playwright.async_api import Page

from deploy.local.supervisor import Supervisor
from services.gateway.web import site
from tests.browser.visiting import Visitors
from tests.e2e.people import ClientOrder, GalleryDesk, Photographer, World, final, proof
from tests.e2e.test_ownership import a_deletion, a_request, a_reset, an_endpoint, filled, payments_for_nothing, routes

PAGES = sorted(path for method, path in set(routes(site.routes)) if method == "get")
ACTIONS = ("cancel", "refund", "rotate-link", "client", "erase", "notification")
WRITTEN = (
    *("studio", "gallery", "welcome", "instructions", "watermark", "client", "phone", "note", "photo", "token"),
    "endpoint",
)
SEEN_ON = {
    "/g/{public_token}": {"studio", "gallery", "welcome", "photo"},
    "/g/{public_token}/downloads": {"studio", "gallery"},  # names of files are made fit for Windows
    "/c/order/{order_id}": {"studio", "gallery"},
    "/c/order/{order_id}/mine": {"studio", "gallery", "client", "photo"},
    "/systems/{endpoint_id}": {"studio", "endpoint"},
    "/galleries/{gallery_id}/transfer": {"studio", "gallery", "client", "photo"},  # with the mail of Notify clients
}
MADE_ELEMENTS = """() => [...document.querySelectorAll("*")].filter((each) =>
    each.localName.startsWith("x-") || [...each.attributes].some(({ name }) => name.startsWith("on"))
    || (each.localName === "script" && !each.src)).map((each) => each.outerHTML)"""
TEXT = """() => document.documentElement.textContent
    + [...document.querySelectorAll("input, textarea")].map((each) => each.value).join()"""


def markup(what: str) -> str:
    """Ends what it may stand in, and makes an element; without a slash, as names of files have none."""
    return f"""x"'>--><x-{what} onclick=alert(1)><img src=x onerror=alert(1)><svg onload=alert(1)>"""


async def test_no_page_takes_what_people_wrote_for_markup(
    visitors: Visitors, stack: Supervisor, world: World, database: asyncpg.Connection
) -> None:
    assert stack.servers.postgres is not None
    photographer = await Photographer.sign_up(world, name=markup("studio"))
    await photographer.do("POST", "/tokens", json={"name": markup("token")})
    await database.execute("UPDATE gateway.studio SET is_operator = true WHERE id = $1", photographer.studio["id"])
    desk, paid = await open_gallery(photographer)
    has = {
        "gallery_id": desk.gallery["id"],
        "order_id": paid.id,
        "placed_order_id": paid.id,
        "public_token": desk.public_token,
        "transfer_id": (await desk.do("GET", "/transfers?matched=false"))["items"][0]["id"],
        "request_id": await a_request(stack.servers.postgres.url, desk.id),
        "payment_id": (await payments_for_nothing(photographer, 1))[0],
        "deleted_id": await a_deletion(photographer),
        "reset_token": await a_reset(photographer),
        **await an_endpoint(photographer, markup("endpoint").replace(" ", "/")),
    }
    page = await visitors.anybody()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    await visitors.log_in(page, photographer)
    await page.goto((await paid.read())["client_url"])
    await page.goto(f"/reset/{has['reset_token']}")
    await choose(page, desk)

    shown = {path: await written_on(page, path, has, f"days=0&order_ids={paid.id}") for path in PAGES}
    sought = [await written_on(page, path, has, f"q={quote(markup('q'))}&order_ids={paid.id}") for path in PAGES]

    assert {path: shown[path] & words for path, words in SEEN_ON.items()} == SEEN_ON
    assert set().union(*shown.values()) >= set(WRITTEN)
    assert any("q" in found for found in sought)
    assert not dialogs
    visitors.forget_any("422")  # an action that there is not on this page


async def open_gallery(photographer: Photographer) -> tuple[GalleryDesk, ClientOrder]:
    """Everything in it is markup: with a paid order that can be mailed, an unpaid one and an unmatched final."""
    desk = await photographer.open_gallery(
        name=markup("gallery"),
        welcome=markup("welcome"),
        payment_instructions=markup("instructions"),
        watermark=markup("watermark")[:100],
        download_policy="anyone",
    )
    name = f"{markup('photo')}.jpg"
    [photo] = await desk.upload("photos", {name: proof("a")})
    await desk.upload("transfers", {name: final("a"), f"{markup('photo')} another.jpg": final("b")})
    client: dict[str, Any] = {"name": markup("client"), "phone": markup("phone")[:50], "note": markup("note")}
    await desk.order(photo["photo_id"], **client)
    paid = await desk.order(photo["photo_id"], **client)
    await paid.act("mark-paid")
    await paid.until(ready=True)
    return desk, paid


async def choose(page: Page, desk: GalleryDesk) -> None:
    """There is something in the basket."""
    await page.goto(f"/g/{desk.public_token}")
    heart = page.get_by_role("button", name="Choose")
    await heart.click()
    await page.get_by_role("link", name="Order", exact=True).wait_for()


async def written_on(page: Page, path: str, has: dict[str, str], query: str) -> set[str]:
    """Whose words are on a page as text. Of these, no element was made."""
    found: set[str] = set()
    for action in ACTIONS if "{action}" in path else ("",):
        url = filled(path, {**has, "action": action})
        await page.goto(f"{url}?{query}")
        assert not (made := await page.evaluate(MADE_ELEMENTS)), (url, made)
        found |= set(re.findall(r"""x"'>--><x-(\w+)""", await page.evaluate(TEXT)))
    return found
