"""PayU: its signatures, what it is asked, what its notifications mean.

The vector `OpenPayUData` is of PayU's public library PayU-EMEA/openpayu_php.
"""

import json
from typing import Any

import pytest

from contracts.base import Money, utc_now, uuid7
from contracts.gateway import PaymentReceived, PaymentRefunded
from services.gateway.payments import payu
from services.gateway.payments.providers import (
    BadWebhook,
    CheckoutLost,
    CheckoutState,
    Incoming,
    Notice,
    ProviderRefused,
    ProviderUnreachable,
    Shop,
)
from tests.gateway.payments.pretend import PretendProvider, Reply, a_checkout, a_purchase

SECRET = "b6ca15b0d1020e8094d9b5f8d163db54"
CHECKOUT = uuid7()
LOG_IN, ORDERS = "/pl/standard/user/oauth/authorize", "/api/v2_1/orders"
KEYS = {"pos_id": "300746", "client_id": "300746", "client_secret": "very secret"}


def order(**given: Any) -> dict[str, Any]:
    return {
        "orderId": "LDLW5N7MF4140324GUEST000P01",
        "extOrderId": str(CHECKOUT),
        "orderCreateDate": "2012-12-31T12:00:00",
        "notifyUrl": "https://photos.example.com/webhooks/payu/1",
        "customerIp": "203.0.113.7",
        "merchantPosId": "300746",
        "description": "Zażółć #3",
        "currencyCode": "PLN",
        "totalAmount": "1250",
        "status": "COMPLETED",
        **given,
    }


def refund(**given: Any) -> dict[str, Any]:
    refunded = {"refundId": "912128", "amount": "500", "currencyCode": "PLN", "status": "FINALIZED", **given}
    return {"orderId": "LDLW5N7MF4140324GUEST000P01", "extOrderId": str(CHECKOUT), "refund": refunded}


def signed(body: bytes, algorithm: str = "MD5", secret: str = SECRET, **given: str) -> Incoming:
    name = payu.ALGORITHMS.get(algorithm, "md5")
    parts = {
        "sender": "checkout",
        "signature": payu.signature(body, secret, name),
        "algorithm": algorithm,
        "content": "DOCUMENT",
        **given,
    }
    header = ";".join(f"{name}={value}" for name, value in parts.items())
    return Incoming(body, {"openpayu-signature": header}, utc_now())


def read(said: Any) -> Notice:
    return payu.read(signed(json.dumps(said).encode()), [SECRET])


def test_payus_own_vector() -> None:
    assert payu.signature(b"OpenPayUData", "SignatureKey") == "8375034eb737d520c829fad4026a38aa"


def test_a_completed_order_is_a_payment() -> None:
    notice = read({"order": order(), "localReceiptDateTime": "2016-03-02T12:58:14.828+01:00", "properties": []})
    assert (notice.news, notice.payment_id) == (PaymentReceived, "LDLW5N7MF4140324GUEST000P01")
    assert (notice.money, notice.checkout_id) == (Money(amount=1250, currency="PLN"), CHECKOUT)
    assert notice.event_id == "LDLW5N7MF4140324GUEST000P01:COMPLETED"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("NEW", None),
        ("PENDING", None),
        ("WAITING_FOR_CONFIRMATION", CheckoutState.WAITING),
        ("CANCELED", CheckoutState.FAILED),
        ("REJECTED", CheckoutState.FAILED),
    ],
)
def test_other_states_pay_nothing(status: str, state: CheckoutState | None) -> None:
    notice = read({"order": order(status=status)})
    assert (notice.news, notice.state) == (None, state)


def test_a_finished_refund_is_told_by_itself() -> None:
    notice = read(refund())
    assert (notice.news, notice.refund_id, notice.checkout_id) == (PaymentRefunded, "912128", CHECKOUT)
    assert (notice.payment_id, notice.money) == ("LDLW5N7MF4140324GUEST000P01", Money(amount=500, currency="PLN"))
    assert read(refund(status="CANCELED")).news is None


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "SHA256", "SHA-384", "SHA-512"])
def test_payu_signs_by_several_algorithms(algorithm: str) -> None:
    body = json.dumps({"order": order()}).encode()
    assert payu.read(signed(body, algorithm), ["other", SECRET]).news is PaymentReceived


@pytest.mark.parametrize(
    "given",
    [
        {"signature": ""},
        {"signature": "żółw"},
        {"signature": "a" * 32},
        {"algorithm": ""},
        {"algorithm": "CRC32"},
        {"algorithm": "SHA-512"},
        {"secret": "other"},
    ],
)
def test_a_forged_notification_is_refused(given: dict[str, str]) -> None:
    body = json.dumps({"order": order()}).encode()
    algorithm = given.pop("algorithm", None)
    incoming = signed(body, **given)
    if algorithm is not None:
        header = incoming.headers["openpayu-signature"].replace("algorithm=MD5", f"algorithm={algorithm}")
        incoming = Incoming(body, {"openpayu-signature": header}, incoming.now)
    with pytest.raises(BadWebhook):
        payu.read(incoming, [SECRET])


def test_a_tampered_body_and_a_missing_header_are_refused() -> None:
    good = signed(json.dumps({"order": order()}).encode())
    for incoming in (
        Incoming(good.body.replace(b"1250", b"1"), good.headers, good.now),
        Incoming(good.body, {}, good.now),
        Incoming(good.body, {"openpayu-signature": ";;=;"}, good.now),
    ):
        with pytest.raises(BadWebhook):
            payu.read(incoming, [SECRET])


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"{}",
        json.dumps({"order": order(totalAmount="12.50")}).encode(),
        json.dumps({"order": order(currencyCode="zł")}).encode(),
        json.dumps({"order": order(currencyCode="JPY", totalAmount="50050")}).encode(),
        json.dumps(refund(currencyCode="JPY", amount="50001")).encode(),
        json.dumps({"refund": refund()["refund"]}).encode(),
    ],
)
def test_what_cannot_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(BadWebhook):
        payu.read(signed(body), [SECRET])


def shop_at(provider: PretendProvider) -> Shop:
    token = {"access_token": "3e5cac39-7e38-4139-8fd6-30adc06a61bd", "token_type": "bearer", "expires_in": 43199}
    provider.on("POST", LOG_IN, (200, token))
    return provider.shop(KEYS, SECRET)


async def test_an_order_is_created_and_its_redirect_not_followed(provider: PretendProvider) -> None:
    page = f"{provider.url}/pay?orderId=1"
    created = {"status": {"statusCode": "SUCCESS"}, "redirectUri": page, "orderId": "LDLW5", "extOrderId": "1"}
    provider.on("POST", ORDERS, (302, created))
    checkout = a_checkout()
    started = await payu.start(shop_at(provider), a_purchase(checkout))
    assert (started.external_id, started.url) == ("LDLW5", page)
    let_in, asked = provider.asked
    assert let_in.form == {
        "grant_type": "client_credentials",
        "client_id": "300746",
        "client_secret": "very secret",
    }
    assert asked.headers["authorization"] == "Bearer 3e5cac39-7e38-4139-8fd6-30adc06a61bd"
    assert asked.json == {
        "extOrderId": str(checkout.id),
        "merchantPosId": "300746",
        "customerIp": "203.0.113.7",
        "description": "Zażółć #3",
        "currencyCode": "PLN",
        "totalAmount": "1250",
        "products": [{"name": "Zażółć #3", "unitPrice": "1250", "quantity": "1"}],
        "buyer": {"email": "anna@example.com", "language": "pl"},
        "notifyUrl": "https://photos.example.com/webhooks/x/1",
        "continueUrl": "https://photos.example.com/g/token/orders/1",
    }


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ((400, {"status": {"statusCode": "ERROR_ORDER_NOT_UNIQUE"}}), CheckoutLost),
        ((400, {"status": {"statusCode": "ERROR_VALUE_INVALID", "statusDesc": "very secret"}}), ProviderRefused),
        ((302, {"status": {"statusCode": "SUCCESS"}}), ProviderRefused),
        ((302, b"<html>"), ProviderRefused),
        ((500, {"status": {"statusCode": "BUSINESS_ERROR"}}), ProviderUnreachable),
        ((429, {}), ProviderUnreachable),
    ],
)
async def test_what_payu_answers_otherwise_is_told_without_secrets(
    provider: PretendProvider, reply: Reply, error: type[Exception]
) -> None:
    provider.on("POST", ORDERS, reply)
    with pytest.raises(error) as told:
        await payu.start(shop_at(provider), a_purchase(a_checkout()))
    assert type(told.value) is error
    assert "secret" not in str(told.value)


async def test_wrong_keys_are_refused(provider: PretendProvider) -> None:
    shop = shop_at(provider)
    provider.on("POST", LOG_IN, (401, {"error": "invalid_client", "error_description": "Bad client credentials"}))
    with pytest.raises(ProviderRefused, match="invalid_client"):
        await payu.start(shop, a_purchase(a_checkout()))


@pytest.mark.parametrize(
    ("status", "state"), [("PENDING", None), ("COMPLETED", CheckoutState.PAID), ("CANCELED", CheckoutState.FAILED)]
)
async def test_a_look_up_says_what_the_notification_would_have_said(
    provider: PretendProvider, status: str, state: CheckoutState | None
) -> None:
    checkout = a_checkout(id=CHECKOUT, external_id="LDLW5")
    found = {"orders": [order(status=status)], "status": {"statusCode": "SUCCESS"}}
    provider.on("GET", f"{ORDERS}/LDLW5", (200, found))
    notice = await payu.look_up(shop_at(provider), checkout)
    assert (notice and (notice.state, notice.event_id)) == (state and (state, f"checkout:{CHECKOUT}:{status}"))


@pytest.mark.parametrize("found", [{}, {"orders": []}, {"orders": [{}]}, {"orders": None}])
async def test_a_look_up_that_finds_nothing_is_refused(provider: PretendProvider, found: dict[str, Any]) -> None:
    provider.on("GET", f"{ORDERS}/LDLW5", (200, found))
    with pytest.raises(ProviderRefused):
        await payu.look_up(shop_at(provider), a_checkout(external_id="LDLW5"))


@pytest.mark.parametrize(("amount", "currency", "theirs"), [(1250, "HUF", "1250"), (500, "JPY", "50000")])
async def test_payu_counts_in_hundredths_of_every_currency(
    provider: PretendProvider, amount: int, currency: str, theirs: str
) -> None:
    created = {"status": {"statusCode": "SUCCESS"}, "redirectUri": "https://pay.example/1", "orderId": "LDLW5"}
    provider.on("POST", ORDERS, (302, created))
    checkout = a_checkout(money=Money(amount=amount, currency=currency))
    await payu.start(shop_at(provider), a_purchase(checkout))
    assert provider.asked[-1].json["totalAmount"] == theirs
    notice = read({"order": order(totalAmount=theirs, currencyCode=currency)})
    assert notice.money == Money(amount=amount, currency=currency)
