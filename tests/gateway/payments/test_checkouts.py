"""A client pays online: the provider's page is started once, and what became of it is on the order."""

import json
from asyncio import gather
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from stripe import WebhookSignature

from contracts.base import uuid7
from contracts.gateway import PaymentReceived
from services.gateway.payments import przelewy24
from tests.gateway.client import Answer, StudioClient
from tests.gateway.ordering import order_to_place
from tests.gateway.paying import Bank
from tests.gateway.payments.pretend import Asked, PretendProvider, Reply, pretend_provider
from tests.gateway.running import RunningGateway, running_gateway
from tests.infra import Servers
from tests.waiting import eventually

SESSIONS = "/v1/checkout/sessions"
SECRET = "whsec_test"
KEYS = json.dumps({"secret_key": "sk_test_very_secret", "webhook_secret": SECRET}).encode()
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
async def bank() -> AsyncIterator[PretendProvider]:
    """Who plays Stripe."""
    async with pretend_provider() as running:
        yield running


@pytest.fixture(scope="module")
async def town(
    servers: Servers, tmp_path_factory: pytest.TempPathFactory, bank: PretendProvider
) -> AsyncIterator[RunningGateway]:
    """A gateway that takes it for Stripe, and looks for lost payments all the time."""
    folder = tmp_path_factory.mktemp("checkouts")
    async with running_gateway(
        servers,
        folder,
        stripe_url=bank.url,
        przelewy24_url=bank.url,
        payu_url=bank.url,
        look_for_payments_every="0.2",
    ) as running:
        yield running


@dataclass
class Paying:
    """An unpaid order of 12.50 PLN, whose studio has connected Stripe."""

    town: RunningGateway
    studio: StudioClient
    receipt: dict[str, Any]

    async def pay(self) -> Answer:
        """Press *Pay now*."""
        path = urlsplit(self.receipt["status_url"]).path
        return await self.town.client.post(f"{path}/checkout")

    async def read(self) -> dict[str, Any]:
        """The order as the client sees it."""
        path = urlsplit(self.receipt["status_url"]).path
        receipt: dict[str, Any] = (await self.town.client.get(path)).expect(200)
        return receipt

    async def until(self, **payment: Any) -> dict[str, Any]:
        async def look() -> dict[str, Any] | None:
            receipt = await self.read()
            return receipt if receipt["payment"].items() >= payment.items() else None

        return await eventually(look)

    async def hear(self, kind: str, **given: Any) -> Answer:
        """Stripe's webhook about the order's checkout."""
        checkout_id = await self.checkout("id")
        about = {
            "id": "cs_1",
            "client_reference_id": self.receipt["id"],
            "metadata": {"order_id": self.receipt["id"], "checkout_id": str(checkout_id)},
            "mode": "payment",
            "payment_status": "paid",
            "amount_total": 1250,
            "currency": "pln",
            "payment_intent": f"pi_{self.receipt['id']}",
            **given,
        }
        event = {"id": f"evt_{uuid7().hex}", "object": "event", "livemode": True, "type": f"checkout.session.{kind}"}
        body = json.dumps({**event, "data": {"object": about}})
        shown = (await self.studio.get("/api/v1/payment-providers/stripe")).expect(200)
        headers = {**JSON, "Stripe-Signature": WebhookSignature.generate_signature_header(body, SECRET)}
        return await self.town.client.call("POST", shown["webhook_url"], headers=headers, data=body.encode())

    async def checkout(self, what: str) -> Any:
        order_id = self.receipt["id"]
        return await self.town.db.pool.fetchval(
            f"SELECT {what} FROM checkout WHERE order_id = $1 ORDER BY id DESC LIMIT 1",  # noqa: S608 - our columns
            order_id,
        )


@pytest.fixture
async def order(town: RunningGateway, bank: PretendProvider) -> Paying:
    bank.asked.clear()
    numbers = iter(range(1, 100))

    def session(asked: Asked) -> Reply:
        number = next(numbers)
        return 200, {"id": f"cs_{number}", "url": f"https://pay.example/{number}"}

    bank.replies.clear()
    bank.replies["POST", SESSIONS] = session
    studio = await town.studio()
    (await studio.put("/api/v1/payment-providers/stripe", KEYS, headers=JSON)).expect(201)
    path, body = await order_to_place(town, studio)
    return Paying(town, studio, (await town.client.post(path, body)).expect(201))


async def test_a_client_pays_online_and_the_order_is_paid(order: Paying, bank: PretendProvider) -> None:
    payment = order.receipt["payment"]
    assert (payment["methods"], payment["state"]) == (["by_hand", "online"], None)
    assert payment["checkout_url"] == f"{order.receipt['status_url']}/checkout"
    assert (await order.pay()).expect(200) == {"url": "https://pay.example/1"}
    (asked,) = bank.asked
    assert asked.form["client_reference_id"] == order.receipt["id"]
    assert asked.form["success_url"].endswith(f"/orders/{order.receipt['id']}")
    (await order.hear("completed", payment_status="unpaid")).expect(200)
    assert (await order.read())["payment"] == {
        "methods": ["by_hand"],
        "instructions": payment["instructions"],
        "state": "waiting",
    }
    assert (await order.pay()).expect(409)["type"].endswith("payment-under-way")
    (await order.hear("async_payment_succeeded")).expect(200)
    receipt = await order.until(state="paid")
    assert "checkout_url" not in receipt["payment"]
    (await order.hear("async_payment_failed")).expect(200)
    assert (await order.read())["payment"]["state"] == "paid"
    assert (await order.pay()).expect(409)["type"].endswith("order-paid")


async def test_pressing_again_leads_to_the_same_page(order: Paying, bank: PretendProvider) -> None:
    answers = await gather(*(order.pay() for _ in range(4)))
    assert {answer.status for answer in answers} == {200}
    assert len({asked.headers["idempotency-key"] for asked in bank.asked}) == 1
    number = len(bank.asked)
    (await order.pay()).expect(200)
    assert len(bank.asked) == number


async def test_what_was_not_answered_is_asked_again_with_the_same_key(order: Paying, bank: PretendProvider) -> None:
    busy = {"type": "invalid_request_error", "code": "rate_limit"}
    bank.on("POST", SESSIONS, (400, {"error": {"type": "invalid_request_error"}}), (429, {"error": busy}))
    (await order.pay()).expect(502)
    refused = bank.asked[-1].headers["idempotency-key"]
    (await order.pay()).expect(503)
    unanswered = bank.asked[-1].headers["idempotency-key"]
    bank.on("POST", SESSIONS, (200, {"id": "cs_9", "url": "https://pay.example/9"}))
    assert (await order.pay()).expect(200)["url"] == "https://pay.example/9"
    assert bank.asked[-1].headers["idempotency-key"] == unanswered != refused


async def test_a_failure_that_stripe_replays_for_its_key_hinders_nobody_for_long(
    order: Paying, bank: PretendProvider
) -> None:
    good = bank.replies["POST", SESSIONS]
    failed = set[str]()

    def answer(asked: Asked) -> Reply:
        key = asked.headers["idempotency-key"]
        if not failed or key in failed:
            failed.add(key)
            return 500, {"error": {"type": "api_error"}}
        assert callable(good)
        return good(asked)

    bank.replies["POST", SESSIONS] = answer
    assert (await order.pay()).expect(200) == {"url": "https://pay.example/1"}
    assert len(failed) == 1


async def test_while_stripe_is_down_the_client_is_asked_to_try_again(order: Paying, bank: PretendProvider) -> None:
    good = bank.replies["POST", SESSIONS]
    bank.on("POST", SESSIONS, (503, {}))
    assert (await order.pay()).expect(503)["type"].endswith("provider-unreachable")
    bank.replies["POST", SESSIONS] = good
    (await order.pay()).expect(200)


async def test_a_checkout_that_was_asked_for_otherwise_before_is_replaced(order: Paying, bank: PretendProvider) -> None:
    lost = (400, {"error": {"type": "idempotency_error"}})
    bank.on("POST", SESSIONS, lost, (200, {"id": "cs_9", "url": "https://pay.example/9"}))
    assert (await order.pay()).expect(200)["url"] == "https://pay.example/9"


async def test_a_declined_payment_is_tried_anew(order: Paying) -> None:
    (await order.pay()).expect(200)
    (await order.hear("async_payment_failed", payment_status="unpaid")).expect(200)
    receipt = await order.read()
    assert (receipt["payment"]["state"], receipt["payment"]["methods"]) == ("declined", ["by_hand", "online"])
    assert (await order.pay()).expect(200) == {"url": "https://pay.example/2"}
    assert (await order.read())["payment"]["state"] is None


async def test_after_a_wrong_payment_is_dismissed_the_order_can_be_paid_online_again(order: Paying) -> None:
    (await order.pay()).expect(200)
    (await order.hear("completed", amount_total=1000)).expect(200)
    assert (await order.pay()).status == 409

    async def look() -> dict[str, Any] | None:
        items = (await order.studio.get("/api/v1/payments?problem=true")).expect(200)["items"]
        return items[0] if items else None

    payment = await eventually(look)
    assert payment["problem"] == "wrong_amount"
    problem = (await order.pay()).expect(409)
    assert problem["type"].endswith("/payment-held")
    assert problem["detail"] == "The photographer is looking at your payment of 10.00 PLN; do not pay again."
    assert (await order.read())["payment"]["state"] == "held"
    (await order.studio.post(f"/api/v1/payments/{payment['id']}/dismiss", {"reason": "Paid back"})).expect(200)
    (await order.pay()).expect(200)


async def test_who_has_paid_the_wrong_amount_elsewhere_is_not_let_pay_again(order: Paying) -> None:
    other = await Bank.connect(order.studio)
    (await other.tell(order.receipt["id"], amount=1000)).expect(200)
    assert (await order.until(state="held"))["payment"]["methods"] == ["by_hand"]
    assert (await order.pay()).expect(409)["type"].endswith("/payment-held")
    (await other.tell(order.receipt["id"], "payment.refunded", amount=1000)).expect(200)
    await order.until(state=None)
    (await order.pay()).expect(200)


async def test_a_payment_of_nothing_is_looked_at_and_keeps_nobody_from_paying(order: Paying) -> None:
    (await order.pay()).expect(200)
    (await order.hear("completed", amount_total=0)).expect(200)
    await order.until(methods=["by_hand", "online"])
    (payment,) = (await order.studio.get("/api/v1/payments?problem=true")).expect(200)["items"]
    assert (payment["amount"]["amount"], payment["problem"]) == (0, "wrong_amount")
    (await order.pay()).expect(200)


async def test_a_payment_whose_webhook_was_lost_pays_the_order(order: Paying, bank: PretendProvider) -> None:
    (await order.pay()).expect(200)
    found = {
        "id": "cs_1",
        "status": "complete",
        "mode": "payment",
        "payment_status": "paid",
        "amount_total": 1250,
        "currency": "pln",
        "client_reference_id": order.receipt["id"],
        "metadata": {"checkout_id": str(await order.checkout("id"))},
        "payment_intent": {"id": "pi_1", "status": "succeeded"},
    }
    bank.on("GET", f"{SESSIONS}/cs_1", (200, found))
    checkout_id = await order.checkout("id")
    await order.town.db.pool.execute("UPDATE checkout SET next_look_at = now() WHERE id = $1", checkout_id)
    receipt = await order.until(state="paid")
    assert receipt["status"] in ("placed", "paid")
    (received,) = [each for each in await order.town.sent(PaymentReceived) if str(each.order_id) == order.receipt["id"]]
    assert received.payment_id == "pi_1"


@dataclass
class Przelewy24:
    """Plays Przelewy24, where the order's client has started to pay."""

    order: Paying
    bank: PretendProvider
    webhook_url: str
    session_id: str

    @classmethod
    async def started(cls, order: Paying, bank: PretendProvider) -> "Przelewy24":
        """Its page is open."""
        (await order.studio.delete("/api/v1/payment-providers/stripe")).expect(204)
        keys = json.dumps({"merchant_id": "12345", "api_key": "very-secret", "crc": "bar"}).encode()
        connected = (await order.studio.put("/api/v1/payment-providers/przelewy24", keys, headers=JSON)).expect(201)
        bank.on("POST", "/api/v1/transaction/register", (200, {"data": {"token": "T1"}}))
        assert (await order.pay()).expect(200)["url"] == f"{bank.url}/trnRequest/T1"
        return cls(order, bank, connected["webhook_url"], str(await order.checkout("id")))

    async def notify(self, amount: int, *, verified: bool) -> None:
        """The client has paid so much; `verified`: what our asking for it comes to."""
        found = {"orderId": 7, "amount": amount, "currency": "PLN", "status": 1}
        self.bank.on("GET", f"/api/v1/transaction/by/sessionId/{self.session_id}", (200, {"data": found}))
        answer = (200, {"data": {"status": "success"}}) if verified else (400, {"error": "Incorrect amount"})
        self.bank.on("PUT", "/api/v1/transaction/verify", answer)
        said = {"merchantId": 12345, "posId": 12345, "sessionId": self.session_id, "amount": amount}
        said |= {"originAmount": amount, "currency": "PLN", "orderId": 7, "methodId": 1, "statement": "p24"}
        body = json.dumps(said | {"sign": przelewy24.sign(said, "bar")}).encode()
        (await self.order.town.client.call("POST", self.webhook_url, headers=JSON, data=body)).expect(200)

    async def problem(self) -> tuple[str, str | None, int]:
        """What the studio is shown of it: the problem, the order, the amount."""

        async def look() -> dict[str, Any] | None:
            items = (await self.order.studio.get("/api/v1/payments?problem=true")).expect(200)["items"]
            return items[0] if items else None

        payment = await eventually(look)
        order = payment["order"]
        return payment["problem"], order and order["id"], payment["amount"]["amount"]


async def test_a_przelewy24_payment_is_verified_before_it_pays(order: Paying, bank: PretendProvider) -> None:
    there = await Przelewy24.started(order, bank)
    await there.notify(1250, verified=True)
    await order.until(state="paid")
    assert [asked.json["amount"] for asked in bank.asked if asked.method == "PUT"] == [1250]


async def test_another_amount_at_przelewy24_is_listed_with_its_order(order: Paying, bank: PretendProvider) -> None:
    there = await Przelewy24.started(order, bank)
    await there.notify(1000, verified=False)
    assert await there.problem() == ("wrong_amount", order.receipt["id"], 1000)


async def test_money_for_a_gallery_that_was_deleted_meanwhile_is_listed(order: Paying, bank: PretendProvider) -> None:
    there = await Przelewy24.started(order, bank)
    (await order.studio.delete(f"/api/v1/galleries/{await order.checkout('gallery_id')}")).expect(204)
    await eventually(lambda: _gone(order))
    await there.notify(1250, verified=True)
    assert await there.problem() == ("unknown_order", None, 1250)


async def _gone(order: Paying) -> bool:
    return (await order.checkout("id")) is None


CHECKS = [
    (
        "stripe",
        {"secret_key": "sk_test_very_secret", "webhook_secret": SECRET},
        ("GET", SESSIONS),
        (200, {"object": "list", "data": [], "has_more": False, "url": SESSIONS}),
        (401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key: sk_test_very_secret"}}),
    ),
    (
        "przelewy24",
        {"merchant_id": "12345", "api_key": "very-secret", "crc": "bar"},
        ("GET", "/api/v1/testAccess"),
        (200, {"data": True, "error": ""}),
        (401, {"error": "Incorrect authentication", "code": 401}),
    ),
    (
        "payu",
        {"pos_id": "300746", "client_id": "300746", "client_secret": "very-secret", "second_key": "bar"},
        ("POST", "/pl/standard/user/oauth/authorize"),
        (200, {"access_token": "a", "token_type": "bearer"}),
        (401, {"error": "invalid_client"}),
    ),
]


@pytest.mark.parametrize(("provider", "keys", "asks", "good", "wrong"), CHECKS, ids=[each[0] for each in CHECKS])
async def test_keys_can_be_tried_out_before_a_client_meets_them(
    order: Paying,
    bank: PretendProvider,
    provider: str,
    keys: dict[str, str],
    asks: tuple[str, str],
    good: Reply,
    wrong: Reply,
) -> None:
    path, page = f"/api/v1/payment-providers/{provider}", f"/payments/providers/{provider}/test"
    (await order.studio.delete("/api/v1/payment-providers/stripe")).expect(204)
    (await order.studio.post(f"{path}/test")).expect(404)
    (await order.studio.put(path, json.dumps(keys).encode(), headers=JSON)).expect(201)
    for_people = {"Accept": "text/html", "Origin": order.town.url}

    bank.on(*asks, good)
    assert (await order.studio.post(f"{path}/test")).expect(200) == {"accepted": True}
    assert [(asked.method, asked.path) for asked in bank.asked] == [asks]
    shown = await order.studio.call("POST", page, headers=for_people)
    assert (shown.status, "accepts these keys" in shown.body.decode()) == (200, True)

    bank.on(*asks, wrong)
    refused = await order.studio.post(f"{path}/test")
    assert refused.expect(409)["type"].endswith("keys-refused")
    shown = await order.studio.call("POST", page, headers=for_people)
    assert (shown.status, "does not accept these keys" in shown.body.decode()) == (422, True)
    assert b"secret" not in refused.body

    bank.on(*asks, (503, {"error": {"type": "api_error"}}))
    assert (await order.studio.post(f"{path}/test")).expect(503)["type"].endswith("provider-silent")


async def test_keys_that_are_none_are_refused_by_their_names(order: Paying) -> None:
    keys = json.dumps({"merchant_id": "me", "api_key": "very-secret"}).encode()
    refused = await order.studio.put("/api/v1/payment-providers/przelewy24", keys, headers=JSON)
    assert [each["field"] for each in refused.expect(422)["errors"]] == ["merchant_id", "crc"]
    assert b"very-secret" not in refused.body


async def test_who_cannot_pay_online_is_told_what_to_do(order: Paying) -> None:
    (await order.studio.delete("/api/v1/payment-providers/stripe")).expect(204)
    assert (await order.read())["payment"]["methods"] == ["by_hand"]
    assert (await order.pay()).expect(409)["type"].endswith("no-online-payment")
    (await order.studio.put("/api/v1/payment-providers/standard", b"{}", headers=JSON)).expect(201)
    assert (await order.pay()).expect(409)["type"].endswith("no-online-payment")
    (await order.studio.post(f"/api/v1/orders/{order.receipt['id']}/cancel")).expect(200)
    assert (await order.pay()).expect(409)["type"].endswith("order-cancelled")


async def test_anothers_order_is_not_there(order: Paying) -> None:
    path, _ = await order_to_place(order.town, order.studio)
    for order_id in (order.receipt["id"], str(uuid7()), "nonsense"):
        (await order.town.client.post(f"{path}/{order_id}/checkout")).expect(404)


async def test_a_deleted_gallery_takes_its_checkouts_along(order: Paying) -> None:
    (await order.pay()).expect(200)
    gallery_id = await order.checkout("gallery_id")
    (await order.studio.delete(f"/api/v1/galleries/{gallery_id}")).expect(204)
    await eventually(lambda: _gone(order))


async def test_keys_are_in_no_log_and_in_no_table(order: Paying, bank: PretendProvider) -> None:
    message = "Invalid API Key provided: sk_test_very_secret"
    bank.on("POST", SESSIONS, (401, {"error": {"message": message}}))
    (await order.pay()).expect(502)
    kept = await _everything(order.town)
    assert order.receipt["id"] in kept
    for secret in ("sk_test_very_secret", SECRET):
        assert secret not in order.town.service.log.read_text()
        assert secret not in kept
        assert secret.encode().hex() not in kept  # as text, bytes are written so


async def _everything(town: RunningGateway) -> str:
    """All rows of all tables."""
    tables = await town.db.pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    rows = [await town.db.pool.fetch(f'SELECT t::text AS row FROM "{table}" AS t') for (table,) in tables]  # noqa: S608
    return "".join(row["row"] for each in rows for row in each)
