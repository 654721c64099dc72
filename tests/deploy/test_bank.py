"""The pretend bank: a checkout is paid on its page, and the shop hears of it by a signed webhook."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import web
from standardwebhooks import Webhook

from deploy.local.ports import HOST, free_port
from deploy.local.servers import PretendBank
from tests.waiting import eventually

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass
class Shop:
    """Takes webhooks; the first `refusals` of them are answered 500."""

    url: str
    refusals: int = 0
    heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def receive(self, request: web.Request) -> web.Response:
        if self.refusals:
            self.refusals -= 1
            return web.Response(status=500)
        event: dict[str, Any] = Webhook(SECRET).verify(await request.read(), dict(request.headers))
        self.heard.append((request.headers["webhook-id"], event))
        return web.Response()

    async def events(self, number: int) -> list[tuple[str, dict[str, Any]]]:
        return await eventually(lambda: self._heard(number))

    async def _heard(self, number: int) -> list[tuple[str, dict[str, Any]]]:
        return self.heard if len(self.heard) >= number else []


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    port = free_port()
    shop = Shop(f"http://{HOST}:{port}/hook")
    app = web.Application()
    app.router.add_post("/hook", shop.receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, HOST, port).start()
    yield shop
    await runner.cleanup()


@pytest.fixture
async def bank(tmp_path: Path) -> AsyncIterator[PretendBank]:
    async with PretendBank(tmp_path / "bank") as bank:
        yield bank


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def opened(http: aiohttp.ClientSession, bank: PretendBank, shop: Shop) -> dict[str, Any]:
    asked = {
        "id": str(uuid4()),
        "order_id": str(uuid4()),
        "what": "Class 3b #7",
        "amount": 1250,
        "currency": "PLN",
        "webhook_url": shop.url,
        "webhook_secret": SECRET,
        "return_url": "http://127.0.0.1:1/back",
    }
    checkout: dict[str, Any] = {}
    for _ in range(2):  # the second time it is the same one
        async with http.post(f"{bank.url}/api/checkouts", json=asked) as answer:
            assert answer.status == 201
            checkout = await answer.json()
    return checkout | {"order_id": asked["order_id"]}


async def press(http: aiohttp.ClientSession, checkout: dict[str, Any], action: str) -> None:
    async with http.post(f"{checkout['url']}/{action}", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "http://127.0.0.1:1/back")


async def state(http: aiohttp.ClientSession, bank: PretendBank, checkout: dict[str, Any]) -> str:
    async with http.get(f"{bank.url}/api/checkouts/{checkout['id']}") as answer:
        found: str = (await answer.json())["state"]
        return found


async def test_what_is_paid_on_the_page_is_told_to_the_shop(
    http: aiohttp.ClientSession, bank: PretendBank, shop: Shop
) -> None:
    checkout = await opened(http, bank, shop)
    async with http.get(checkout["url"]) as page:
        text = await page.text()
    assert "This is a pretend bank." in text
    labels = ("Pay", "Decline", "Pay the wrong amount", "Send it late", "Send it three times")
    assert all(label in text for label in labels)
    shop.refusals = 1
    await press(http, checkout, "pay")
    ((_, event),) = await shop.events(1)
    assert event["type"] == "payment.succeeded"
    assert event["data"] == {
        "payment_id": checkout["payment_id"],
        "order_id": checkout["order_id"],
        "amount": 1250,
        "currency": "PLN",
    }
    await bank.stop()
    await bank.start()
    assert await state(http, bank, checkout) == "paid"


async def test_it_does_to_webhooks_what_real_banks_do(
    http: aiohttp.ClientSession, bank: PretendBank, shop: Shop
) -> None:
    checkout = await opened(http, bank, shop)
    await press(http, checkout, "decline")
    ((_, declined),) = await shop.events(1)
    assert declined["type"] == "payment.failed"
    await press(http, checkout, "pay-thrice")
    heard = await shop.events(4)
    assert len({event_id for event_id, _ in heard[1:]}) == 1
    await press(http, checkout, "pay")  # it is paid already
    await press(http, checkout, "refund")
    *_, (_, refunded) = await shop.events(5)
    assert refunded["type"] == "payment.refunded"
    wrong = await opened(http, bank, shop)
    await press(http, wrong, "pay-wrong")
    *_, (_, event) = await shop.events(6)
    assert event["data"]["amount"] == 1251


async def test_what_is_sent_late_is_overtaken_by_what_happens_next(
    http: aiohttp.ClientSession, bank: PretendBank, shop: Shop
) -> None:
    checkout = await opened(http, bank, shop)
    await press(http, checkout, "pay-late")
    assert await state(http, bank, checkout) == "paid"
    await press(http, checkout, "refund")
    ((_, event),) = await shop.events(1)
    assert event["type"] == "payment.refunded"
