"""Przelewy24: its signatures, what it is asked, and that a notification alone pays nothing.

The signed notifications, with crc `bar` and `c4816521bf32ed54`, are the vectors of a public library,
mnastalski/przelewy24-php.
"""

import json
from base64 import b64encode
from typing import Any
from uuid import UUID

import pytest

from contracts.base import Money, utc_now, uuid7
from contracts.gateway import PaymentReceived, PaymentRefunded
from services.gateway.payments import przelewy24
from services.gateway.payments.asking import LARGEST
from services.gateway.payments.providers import (
    BadWebhook,
    CheckoutState,
    Incoming,
    Notice,
    ProviderRefused,
    ProviderUnreachable,
    Shop,
)
from tests.gateway.payments.pretend import PretendProvider, Reply, a_checkout, a_purchase

CRC = "c4816521bf32ed54"
PAID = {
    "merchantId": 12345,
    "posId": 123,
    "sessionId": "0beec7",
    "amount": 1500,
    "originAmount": 1500,
    "currency": "PLN",
    "orderId": 123456789,
    "methodId": 32,
    "statement": "p24-XXX-YYY-ZZZ",
    "sign": "703e946290d92230297c35d3bc8f554d4a458a4c97c9917665929c5ef5e682f7a868ac36e5dff20184c6a5302ef66c77",
}
REFUNDED = {
    "orderId": 4295430336,
    "sessionId": "1e715675-a42b-4d0b-81bb-f7288915be76",
    "merchantId": 235316,
    "requestId": "dae85bdc-1b8e-45bc-99be-43c6868dcc29",
    "refundsUuid": "97920952-1d9b-4c90-9238-2b74ae0f48bb",
    "amount": 500,
    "currency": "PLN",
    "timestamp": 1697544677,
    "status": 0,
    "sign": "dad28db2e0336e595bc313e3c7282ab2ba2f265021f45b85271232901fefd4bc1329fd47aa4eb735ac818e2b82c4dc24",
}
REGISTER, VERIFY = "/api/v1/transaction/register", "/api/v1/transaction/verify"


def read(said: Any, *secrets: str) -> Notice:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return przelewy24.read(Incoming(body, {}, utc_now()), secrets)


def shop_at(provider: PretendProvider) -> Shop:
    return provider.shop({"merchant_id": "12345", "pos_id": "123", "api_key": "very secret"}, CRC)


def test_a_notification_asks_for_a_look_and_pays_nothing_yet() -> None:
    notice = read(PAID, "other", "bar")
    assert (notice.event_id, notice.payment_id) == ("0beec7:123456789", "123456789")
    assert (notice.news, notice.state, notice.look_now) == (None, CheckoutState.WAITING, True)
    assert notice.money == Money(amount=1500, currency="PLN")


def test_a_notification_leads_back_to_its_checkout() -> None:
    checkout_id = uuid7()
    said = {**PAID, "sessionId": str(checkout_id)}
    del said["sign"]
    assert read({**said, "sign": przelewy24.sign(said, CRC)}, CRC).checkout_id == checkout_id


def test_what_is_not_ascii_is_signed_as_it_is() -> None:
    by_sha384sum = "81d58e4b1db5e3f30262ff5eff9da9c7e0c977b4133133beb85fe50f213b3794ef8dff1688fb5ce147d6f51393a9df3a"
    said = {**PAID, "statement": 'zażółć/gęślą "jaźń"', "sign": by_sha384sum}
    assert read(said, "bar").payment_id == "123456789"


def test_a_refund_is_told_by_itself() -> None:
    notice = read(REFUNDED, CRC)
    assert (notice.news, notice.payment_id) == (PaymentRefunded, "4295430336")
    assert (notice.money, notice.refund_id) == (Money(amount=500, currency="PLN"), REFUNDED["refundsUuid"])
    assert notice.checkout_id == UUID("1e715675-a42b-4d0b-81bb-f7288915be76")


def test_a_rejected_refund_changes_nothing() -> None:
    names = ("orderId", "sessionId", "refundsUuid", "merchantId", "amount", "currency", "status")
    said = {name: REFUNDED[name] for name in names} | {"status": 1}
    assert read({**said, "sign": przelewy24.sign(said, CRC)}, CRC).news is None


@pytest.mark.parametrize("name", [name for name in PAID if name != "sign"])
def test_a_tampered_notification_is_refused(name: str) -> None:
    value = PAID[name]
    other = f"{value}x" if isinstance(value, str) and name != "currency" else "EUR" if name == "currency" else 7
    with pytest.raises(BadWebhook):
        read({**PAID, name: other}, "bar")


@pytest.mark.parametrize("secrets", [(), ("",), ("baz",)])
def test_anothers_key_is_refused(secrets: tuple[str, ...]) -> None:
    with pytest.raises(BadWebhook):
        read(PAID, *secrets)


@pytest.mark.parametrize(
    "said",
    [
        b"{",
        b"[]",
        b"null",
        b"\xff",
        {},
        {**PAID, "sign": "nonsense"},
        {**PAID, "sign": None},
        {**PAID, "amount": "1500"},
        {**PAID, "amount": 15.0},
        {**PAID, "orderId": 2**64},
        {**PAID, "statement": "\0"},
        {**PAID, "refundsUuid": 7},
    ],
)
def test_what_cannot_be_read_is_refused(said: Any) -> None:
    with pytest.raises(BadWebhook):
        read(said, "bar")


async def test_a_transaction_is_registered_in_grosze(provider: PretendProvider) -> None:
    provider.on("POST", REGISTER, (200, {"data": {"token": "D1B2-token"}, "responseCode": 0}))
    checkout = a_checkout()
    started = await przelewy24.start(shop_at(provider), a_purchase(checkout))
    assert started.url == f"{provider.url}/trnRequest/D1B2-token"
    (asked,) = provider.asked
    assert asked.headers["authorization"] == f"Basic {b64encode(b'123:very secret').decode()}"
    signed = {"sessionId": str(checkout.id), "merchantId": 12345, "amount": 1250, "currency": "PLN"}
    assert asked.json == {
        **signed,
        "posId": 123,
        "description": "Zażółć #3",
        "email": "anna@example.com",
        "country": "PL",
        "language": "pl",
        "urlReturn": "https://photos.example.com/g/token/orders/1",
        "urlStatus": "https://photos.example.com/webhooks/x/1",
        "sign": przelewy24.sign(signed, CRC),
        "encoding": "UTF-8",
    }


def transaction(status: int, amount: int = 1250) -> Reply:
    found = {"orderId": 123456789, "sessionId": "x", "status": status, "amount": amount, "currency": "PLN"}
    return 200, {"data": found, "responseCode": 0}


async def test_what_was_paid_is_verified_with_the_stored_amount(provider: PretendProvider) -> None:
    checkout = a_checkout(money=Money(amount=1250, currency="PLN"))
    provider.on("GET", f"/api/v1/transaction/by/sessionId/{checkout.id}", transaction(1, amount=1300))
    provider.on("PUT", VERIFY, (200, {"data": {"status": "success"}, "responseCode": 0}))
    notice = await przelewy24.look_up(shop_at(provider), checkout)
    assert notice is not None
    assert (notice.news, notice.payment_id, notice.order_id) == (PaymentReceived, "123456789", checkout.order_id)
    assert (notice.money, notice.state) == (Money(amount=1300, currency="PLN"), CheckoutState.PAID)
    signed = {"sessionId": str(checkout.id), "orderId": 123456789, "amount": 1250, "currency": "PLN"}
    assert provider.asked[-1].json == {
        "merchantId": 12345,
        "posId": 123,
        **signed,
        "sign": przelewy24.sign(signed, CRC),
    }


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ((400, {"error": "Incorrect amount", "code": 400}), ProviderRefused),
        ((200, {"data": {"status": "failure"}}), ProviderRefused),
        ((200, b"<html>"), ProviderRefused),
        ((503, {}), ProviderUnreachable),
    ],
)
async def test_what_is_not_verified_pays_nothing(
    provider: PretendProvider, reply: Reply, error: type[Exception]
) -> None:
    checkout = a_checkout()
    provider.on("GET", f"/api/v1/transaction/by/sessionId/{checkout.id}", transaction(1))
    provider.on("PUT", VERIFY, reply)
    with pytest.raises(error):
        await przelewy24.look_up(shop_at(provider), checkout)


async def test_another_amount_is_told_although_it_is_not_verified(provider: PretendProvider) -> None:
    checkout = a_checkout()
    provider.on("GET", f"/api/v1/transaction/by/sessionId/{checkout.id}", transaction(1, amount=1251))
    provider.on("PUT", VERIFY, (400, {"error": "Incorrect amount", "code": 400}))
    notice = await przelewy24.look_up(shop_at(provider), checkout)
    assert notice is not None
    assert (notice.kind, notice.news, notice.payment_id) == ("not verified", PaymentReceived, "123456789")
    assert notice.money == Money(amount=1251, currency="PLN")


@pytest.mark.parametrize(("status", "state"), [(2, CheckoutState.PAID), (3, CheckoutState.FAILED)])
async def test_what_is_settled_is_not_verified_again(
    provider: PretendProvider, status: int, state: CheckoutState
) -> None:
    checkout = a_checkout()
    provider.on("GET", f"/api/v1/transaction/by/sessionId/{checkout.id}", transaction(status))
    notice = await przelewy24.look_up(shop_at(provider), checkout)
    assert notice is not None
    assert notice.state is state
    assert len(provider.asked) == 1


@pytest.mark.parametrize("reply", [transaction(0), (404, {"error": "Transaction not found", "code": 404})])
async def test_nobody_has_paid_yet(provider: PretendProvider, reply: Reply) -> None:
    checkout = a_checkout()
    provider.on("GET", f"/api/v1/transaction/by/sessionId/{checkout.id}", reply)
    assert await przelewy24.look_up(shop_at(provider), checkout) is None


def long_transaction(length: int) -> Reply:
    found = {"orderId": 1, "status": 2, "amount": 1250, "currency": "PLN", "statement": "x" * length}
    return 200, {"data": found}


async def test_an_answer_that_comes_in_pieces_is_read_to_its_end(provider: PretendProvider) -> None:
    checkout = a_checkout()
    longer_than_a_read = 900_000
    provider.on("GET", f"/api/v1/transaction/by/sessionId/{checkout.id}", long_transaction(longer_than_a_read))
    notice = await przelewy24.look_up(shop_at(provider), checkout)
    assert notice is not None
    assert notice.state is CheckoutState.PAID


async def test_an_endless_answer_is_refused(provider: PretendProvider) -> None:
    checkout = a_checkout()
    provider.on("GET", f"/api/v1/transaction/by/sessionId/{checkout.id}", long_transaction(LARGEST))
    with pytest.raises(ProviderRefused, match="too long"):
        await przelewy24.look_up(shop_at(provider), checkout)
