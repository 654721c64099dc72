"""Provider `sandbox`, against the real pretend bank and against one that misbehaves."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from contracts.gateway import PaymentReceived
from deploy.local.servers import PretendBank
from services.gateway.payments import sandbox
from services.gateway.payments.connections import new_webhook_secret
from services.gateway.payments.providers import (
    BadWebhook,
    CheckoutState,
    Incoming,
    Notice,
    ProviderRefused,
    ProviderUnreachable,
    Shop,
)
from tests.gateway.payments.pretend import PretendProvider, a_checkout, a_purchase

SECRET = new_webhook_secret()


@pytest.fixture
async def shop(tmp_path: Path, provider: PretendProvider) -> AsyncIterator[Shop]:
    """A studio at the real pretend bank."""
    async with PretendBank(tmp_path / "bank") as bank:
        yield replace(provider.shop({}, SECRET), server=bank.url)


def heard(kind: str, payment_id: str, secret: str = SECRET) -> Notice:
    """What we make of a webhook of the bank's."""
    now = datetime.now(UTC)
    data = {"payment_id": payment_id, "order_id": "x", "amount": 1250, "currency": "PLN"}
    body = json.dumps({"type": kind, "timestamp": now.isoformat(), "data": data})
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", now, body),
    }
    return sandbox.read(Incoming(body.encode(), headers, now), [SECRET])


async def test_a_checkout_started_twice_is_one_and_is_looked_up_when_paid(shop: Shop) -> None:
    checkout = a_checkout(provider="sandbox")
    started = await sandbox.start(shop, a_purchase(checkout))
    assert await sandbox.start(shop, a_purchase(checkout)) == started
    assert await sandbox.look_up(shop, checkout) is None
    async with shop.http.post(f"{started.url}/pay", allow_redirects=False) as answer:
        assert answer.headers["Location"] == a_purchase(checkout).back_url
    notice = await sandbox.look_up(shop, checkout)
    assert notice is not None
    assert (notice.news, notice.state, notice.payment_id) == (
        PaymentReceived,
        CheckoutState.PAID,
        started.external_id,
    )
    assert (notice.money, notice.checkout_id) == (checkout.money, checkout.id)


def test_a_webhook_names_the_checkout_and_how_it_ended() -> None:
    checkout = a_checkout()
    for kind, state in (
        ("payment.succeeded", CheckoutState.PAID),
        ("payment.failed", CheckoutState.FAILED),
        ("payment.refunded", None),
    ):
        notice = heard(kind, f"pay_{checkout.id.hex}")
        assert (notice.checkout_id, notice.state) == (checkout.id, state)
    assert heard("payment.succeeded", "something else").checkout_id is None
    with pytest.raises(BadWebhook):
        heard("payment.succeeded", "pay_1", new_webhook_secret())


@pytest.mark.parametrize(
    ("status", "document", "error"),
    [
        (500, {}, ProviderUnreachable),
        (404, {}, ProviderRefused),
        (200, b"nonsense", ProviderRefused),
        (200, {"payment_id": "pay_1", "state": "open", "amount": 0, "currency": "PLN"}, ProviderRefused),
    ],
)
async def test_what_the_bank_does_wrong_is_told_apart(
    provider: PretendProvider, status: int, document: Any, error: type[Exception]
) -> None:
    provider.on("POST", "/api/checkouts", (status, document))
    with pytest.raises(error):
        await sandbox.start(provider.shop({}, SECRET), a_purchase(a_checkout()))


async def test_a_bank_that_is_not_there_is_unreachable(provider: PretendProvider) -> None:
    nowhere = replace(provider.shop({}, SECRET), server="http://127.0.0.1:1")
    with pytest.raises(ProviderUnreachable):
        await sandbox.look_up(nowhere, a_checkout())


async def test_whether_the_bank_answers_can_be_tried_out(shop: Shop) -> None:
    await sandbox.check(shop)
    with pytest.raises(ProviderUnreachable):
        await sandbox.check(replace(shop, server="http://127.0.0.1:1"))
