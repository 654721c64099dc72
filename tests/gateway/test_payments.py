"""Payment webhooks: verified, committed, answered; an order is paid by itself, and nothing is lost or counted twice."""

import asyncio
import json
from asyncio import gather
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks import Webhook
from stripe import WebhookSignature

from contracts.base import Money, uuid7
from contracts.gateway import PaymentNews, PaymentReceived
from contracts.payments import Payment, PaymentNoted
from services.gateway import standard_webhooks
from services.gateway.payments.connections import Secrets, WebhookSecret
from services.gateway.view import payments as view_payments
from tests.gateway.client import Answer, Caller, StudioClient
from tests.gateway.making import photo_uploaded
from tests.gateway.paying import JSON, Bank
from tests.gateway.running import RunningGateway
from tests.outbox import emitted
from tests.waiting import eventually

PROVIDER = "/api/v1/payment-providers/standard"


@pytest.fixture
async def bank(studio: StudioClient) -> Bank:
    return await Bank.connect(studio)


async def order_in(gateway: RunningGateway, studio: StudioClient) -> str:
    """A placed order of one photo."""
    gallery = await studio.open_gallery()
    photo = photo_uploaded(gallery["id"], "1.jpg")
    await gateway.tell(photo)
    public = gallery["public_url"].rsplit("/", 1)[1]
    asked = {"client": {"name": "Anna", "email": "anna@example.com"}, "photo_ids": [str(photo.photo.id)]}
    placed = await gateway.client.post(f"/api/v1/g/{public}/orders", asked)
    order_id: str = placed.expect(201)["id"]
    return order_id


async def until_status(studio: StudioClient, order_id: str, status: str) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        order: dict[str, Any] = (await studio.get(f"/api/v1/orders/{order_id}")).expect(200)
        return order if order["status"] == status else None

    return await eventually(look)


async def payments_of(studio: StudioClient, number: int = 1, **query: str) -> list[dict[str, Any]]:
    async def look() -> list[dict[str, Any]] | None:
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        items: list[dict[str, Any]] = (await studio.get(f"/api/v1/payments?{asked}")).expect(200)["items"]
        return items if len(items) == number else None

    return await eventually(look)


async def kept(gateway: RunningGateway, bank: Bank) -> int:
    """How many webhooks of this bank's studio are kept."""
    studio_id = UUID(bank.url.rsplit("/", 1)[1])
    number: int = await gateway.db.pool.fetchval("SELECT count(*) FROM webhook WHERE studio_id = $1", studio_id)
    return number


async def test_a_verified_webhook_pays_the_order(gateway: RunningGateway, studio: StudioClient, bank: Bank) -> None:
    order_id = await order_in(gateway, studio)
    (await bank.tell(order_id)).expect(200)
    order = await until_status(studio, order_id, "paid")
    assert [step["what"] for step in order["timeline"]] == ["placed", "paid"]
    (payment,) = await payments_of(studio, problem="false")
    assert payment["order"] == {
        "id": order_id,
        "number": 1,
        "client": {"name": "Anna", "email": "anna@example.com"},
    }
    assert payment["amount"] == {"amount": 1250, "currency": "PLN"}
    assert (payment["provider"], payment["payment_id"], payment["problem"]) == ("standard", "pay_1", None)


async def test_what_webhooks_said_goes_with_the_gallery_and_a_repeat_is_still_known(
    gateway: RunningGateway, studio: StudioClient, bank: Bank
) -> None:
    order_id, other = await order_in(gateway, studio), await order_in(gateway, studio)
    (await bank.tell(order_id, event_id="msg_1", payer="anna@example.com")).expect(200)
    (await bank.tell(None, "payment.disputed", payer="anna@example.com")).expect(200)
    (await bank.tell(other, payment_id="pay_2", payer="bert@example.com")).expect(200)
    await payments_of(studio, 2)
    order = (await studio.get(f"/api/v1/orders/{order_id}")).expect(200)
    (await studio.delete(f"/api/v1/galleries/{order['gallery_id']}")).expect(204)

    bodies = await gateway.db.pool.fetchval(
        "SELECT string_agg(body, '') FROM webhook WHERE studio_id = $1", UUID(bank.url.rsplit("/", 1)[1])
    )
    assert b"anna" not in bodies
    assert b"bert" in bodies
    (await bank.tell(order_id, event_id="msg_1")).expect(200)
    assert await kept(gateway, bank) == 3


async def test_the_timeline_says_once_what_is_wrong_with_a_payment(
    gateway: RunningGateway, studio: StudioClient, bank: Bank
) -> None:
    order_id = await order_in(gateway, studio)
    (await bank.tell(order_id, amount=1000)).expect(200)
    await payments_of(studio)
    (await bank.tell(order_id, "payment.refunded", amount=100)).expect(200)  # it stays wrong
    (await bank.tell(order_id, "payment.disputed", amount=1000)).expect(200)

    async def disputed() -> list[str] | None:
        order = (await studio.get(f"/api/v1/orders/{order_id}")).expect(200)
        said = [step["detail"] for step in order["timeline"] if step["what"] == "payment_problem"]
        return said if said[-1:] == ["disputed"] else None

    assert await eventually(disputed) == ["wrong_amount", "disputed"]


async def test_a_full_refund_takes_the_order_back(gateway: RunningGateway, studio: StudioClient, bank: Bank) -> None:
    order_id = await order_in(gateway, studio)
    (await bank.tell(order_id)).expect(200)
    (await bank.tell(order_id, "payment.refunded")).expect(200)
    await until_status(studio, order_id, "refunded")


async def test_a_webhook_that_comes_again_is_answered_and_does_nothing(
    gateway: RunningGateway, studio: StudioClient, bank: Bank
) -> None:
    order_id = str(uuid7())
    answers = await gather(*(bank.tell(order_id, event_id="msg_same") for _ in range(5)))
    assert {answer.status for answer in answers} == {200}
    assert await kept(gateway, bank) == 1
    (received,) = [each for each in await gateway.sent(PaymentReceived) if str(each.order_id) == order_id]
    assert (received.payment_id, received.money.amount) == ("pay_1", 1250)


@pytest.mark.parametrize(
    "forged",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "v2," + "A" * 43 + "="},
        {"webhook-signature": "nonsense"},
        {"webhook-id": "another"},
        {"webhook-id": ""},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": "99999999999999999999"},
        {"webhook-timestamp": ""},
    ],
)
async def test_a_forged_webhook_is_refused_and_not_kept(
    gateway: RunningGateway, bank: Bank, forged: dict[str, str]
) -> None:
    answer = await bank.say({"type": "payment.succeeded"}, forged=forged)
    problem = answer.expect(400)
    assert problem["type"].endswith("bad-webhook")
    assert await kept(gateway, bank) == 0


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_a_webhook_from_another_time_is_refused(gateway: RunningGateway, bank: Bank, minutes: int) -> None:
    (await bank.tell(None, at=datetime.now(UTC) + timedelta(minutes=minutes))).expect(400)
    assert await kept(gateway, bank) == 0


async def test_a_tampered_body_and_anothers_secret_are_refused(
    gateway: RunningGateway, studio: StudioClient, bank: Bank
) -> None:
    other = await Bank.connect(await gateway.studio())
    other.url = bank.url
    (await other.tell(None)).expect(400)
    now = datetime.now(UTC)
    signature = Webhook(bank.secret).sign("msg_1", now, '{"type": "x"}')
    for body, status in (('{"type": "y"}', 400), ('{"type": "x"}', 200)):
        answer = await bank.say(body, event_id="msg_1", at=now, forged={"webhook-signature": signature})
        assert answer.status == status
    assert await kept(gateway, bank) == 1


@pytest.mark.parametrize("header", ["v1,broken {}", "v1a,abc= {}", "{} v1,zzz", "  {}", "v1 {} ,"])
async def test_a_good_signature_counts_among_others(bank: Bank, header: str) -> None:
    now, body = datetime.now(UTC), '{"type": "other"}'
    good = Webhook(bank.secret).sign("msg_1", now, body)
    (await bank.say(body, event_id="msg_1", at=now, forged={"webhook-signature": header.format(good)})).expect(200)


async def test_every_secret_of_the_last_day_is_good_however_often_it_was_rotated(
    studio: StudioClient, bank: Bank
) -> None:
    rotations = await gather(*(studio.post(f"{PROVIDER}/rotate-secret") for _ in range(3)))
    made = [each.expect(200)["webhook_secret"] for each in rotations]
    assert len({bank.secret, *made}) == 4
    for secret in (bank.secret, *made):
        (await Bank(bank.client, secret, bank.url).tell(None)).expect(200)


async def test_an_old_secret_ends_after_a_day() -> None:
    shared = Secrets(webhook_secrets=(WebhookSecret(value="1"),))
    now = datetime.now(UTC)
    twice = shared.rotated("2", now).rotated("3", now + timedelta(hours=1))
    assert twice.good(now + timedelta(hours=23)) == ["3", "2", "1"]
    assert twice.good(now + timedelta(hours=24)) == ["3", "2"]
    assert twice.good(now + timedelta(hours=25)) == ["3"]
    assert twice.rotated("1", now + timedelta(hours=2)).good(now + timedelta(hours=2)) == ["1", "3", "2"]
    assert twice.rotated("3", now) == twice


async def test_a_secret_of_the_providers_own_is_changed_with_a_day_for_the_old_one(studio: StudioClient) -> None:
    async def connect(secret: str) -> Answer:
        keys = json.dumps({"secret_key": "sk_test_1", "webhook_secret": secret}).encode()
        return await studio.put("/api/v1/payment-providers/stripe", keys, headers=JSON)

    url = (await connect("whsec_old")).expect(201)["webhook_url"]
    (await connect("whsec_new")).expect(200)
    body = json.dumps({"id": "evt_1", "object": "event", "type": "other", "livemode": True, "data": {"object": {}}})
    for secret in ("whsec_old", "whsec_new"):
        headers = {**JSON, "Stripe-Signature": WebhookSignature.generate_signature_header(body, secret)}
        (await Caller(studio.http, studio.url).call("POST", url, headers=headers, data=body)).expect(200)


async def test_who_connects_at_the_same_moment_is_shown_one_secret(studio: StudioClient) -> None:
    answers = await gather(*(studio.put(PROVIDER, b"{}", headers=JSON) for _ in range(6)))
    assert sorted(answer.status for answer in answers) == [200] * 5 + [201]
    (made,) = [answer.json for answer in answers if answer.status == 201]
    (await Bank(Caller(studio.http, studio.url), made["webhook_secret"], made["webhook_url"]).tell(None)).expect(200)


async def test_the_secret_is_shown_once_and_kept_sealed(
    gateway: RunningGateway, studio: StudioClient, bank: Bank
) -> None:
    again = (await studio.put(PROVIDER, b"{}", headers=JSON)).expect(200)
    assert "webhook_secret" not in again
    read = (await studio.get(PROVIDER)).expect(200)
    assert set(read) == {"provider", "webhook_url", "connected_at"}
    assert read["webhook_url"] == bank.url
    (await bank.tell(None)).expect(200)
    sealed = await gateway.db.pool.fetchval("SELECT string_agg(sealed, '') FROM payment_connection")
    assert bank.secret.encode() not in sealed


@pytest.mark.parametrize("together", [[(2, 1)], [(1, 2)], [(2,), (1,)], [(1, 1)]], ids=str)
async def test_an_older_revision_of_a_payment_changes_nothing(
    gateway: RunningGateway, together: list[tuple[int, ...]]
) -> None:
    payment = Payment(
        id=uuid7(),
        studio_id=uuid7(),
        provider="standard",
        payment_id="pay_1",
        order_id=None,
        gallery_id=None,
        money=Money(amount=1250, currency="PLN"),
        received_at=datetime.now(UTC),
        revision=0,
    )
    for revisions in together:
        noted = [payment.model_copy(update={"revision": each, "refunded": each}) for each in revisions]
        async with gateway.db.transaction() as tx:
            await view_payments.put(tx, [PaymentNoted(payment=each) for each in noted])
    refunded = await gateway.db.pool.fetchval("SELECT refunded FROM payment WHERE id = $1", payment.id)
    assert refunded == max(max(revisions) for revisions in together)


async def test_a_disconnected_providers_webhooks_are_not_found(studio: StudioClient, bank: Bank) -> None:
    (await studio.delete(PROVIDER)).expect(204)
    (await bank.tell(None)).expect(404)
    assert (await studio.get(PROVIDER)).expect(200)["connected_at"] is None


async def test_a_body_that_is_no_text_is_refused(bank: Bank) -> None:
    now = datetime.now(UTC)
    signed = standard_webhooks.signed("msg_1", "{}", [bank.secret], now)
    (await bank.client.call("POST", bank.url, headers=JSON | signed, data=b"\xff")).expect(400)


async def test_the_header_may_name_the_letters_of_the_body(bank: Bank) -> None:
    for content_type in ("application/json; charset=utf-8", "Application/JSON"):
        bank.headers = {"Content-Type": content_type}
        (await bank.tell(None)).expect(200)


async def test_a_body_that_does_not_say_how_long_it_is_is_refused_once_it_is_too_long(bank: Bank) -> None:
    async def pieces(number: int) -> AsyncIterator[bytes]:
        for _ in range(number):
            yield b" " * 64_000

    for number, status in ((4, 400), (5, 413)):
        answer = await bank.client.call("POST", bank.url, headers=JSON, data=pieces(number))
        assert answer.status == status


async def test_what_is_no_webhook_is_refused_early(bank: Bank) -> None:
    (await bank.client.get(bank.url)).expect(405)
    (await bank.client.call("POST", bank.url, headers={"Content-Type": "text/plain"}, data=b"{}")).expect(415)
    (await bank.client.call("POST", bank.url, headers=JSON, data=b" " * 256_001)).expect(413)
    (await bank.client.call("POST", f"{bank.url}0", headers=JSON, data=b"{}")).expect(404)
    (await bank.client.call("POST", bank.url.replace("standard", "nobody"), headers=JSON, data=b"{}")).expect(404)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ("[]", "body"),
        ("null", "body"),
        ("{", "body"),
        ('{"type": 7}', "type"),
        ('{"type": "payment.succeeded"}', "timestamp, data"),
        (
            '{"type": "payment.succeeded", "timestamp": "2026-01-01T00:00:00Z",'
            ' "data": {"payment_id": "", "order_id": "x", "amount": 1.5, "currency": "zł"}}',
            "data.payment_id, data.amount, data.currency",
        ),
    ],
)
async def test_a_signed_body_that_says_nothing_is_refused_with_the_reason(
    gateway: RunningGateway, bank: Bank, body: str, where: str
) -> None:
    problem = (await bank.say(body)).expect(400)
    assert problem["detail"] == f"This cannot be read: {where}"
    assert await kept(gateway, bank) == 0


async def test_other_kinds_of_events_are_recorded_and_nothing_more(gateway: RunningGateway, bank: Bank) -> None:
    (await bank.say({"type": "customer.created", "data": {"anything": True}})).expect(200)
    (await bank.tell(str(order_id := uuid7()), "payment.failed")).expect(200)
    assert await kept(gateway, bank) == 2
    told = [each for each in await emitted(gateway.db) if isinstance(each, PaymentNews)]
    assert [each for each in told if each.order_id == order_id] == []


async def test_a_payment_that_does_not_fit_is_listed_and_assigned_by_hand(
    gateway: RunningGateway, studio: StudioClient, bank: Bank
) -> None:
    order_id = await order_in(gateway, studio)
    (await bank.tell(order_id, amount=1000)).expect(200)
    (payment,) = await payments_of(studio, problem="true")
    assert payment["problem"] == "wrong_amount"
    order = (await studio.get(f"/api/v1/orders/{order_id}")).expect(200)
    assert (order["timeline"][-1]["what"], order["timeline"][-1]["detail"]) == ("payment_problem", "wrong_amount")
    assigned = await studio.post(f"/api/v1/payments/{payment['id']}/assign", {"order_id": order_id})
    assert assigned.expect(200)["problem"] is None
    await until_status(studio, order_id, "paid")
    again = await studio.post(f"/api/v1/payments/{payment['id']}/assign", {"order_id": order_id})
    assert again.expect(409)["type"].endswith("payment-used")


async def test_a_payment_for_no_order_is_dismissed_with_a_reason(studio: StudioClient, bank: Bank) -> None:
    (await bank.tell("no id of ours")).expect(200)
    (payment,) = await payments_of(studio, problem="true")
    assert (payment["problem"], payment["order"]) == ("unknown_order", None)
    path = f"/api/v1/payments/{payment['id']}/dismiss"
    assert (await studio.post(path, {"reason": " "})).expect(422)["errors"][0]["field"] == "reason"
    dismissed = (await studio.post(path, {"reason": "A test of the bank"})).expect(200)
    assert dismissed["dismissed"] == "A test of the bank"
    assert (await studio.get("/api/v1/payments?problem=true")).expect(200)["items"] == []


async def test_anothers_orders_and_payments_are_not_there(
    gateway: RunningGateway, studio: StudioClient, bank: Bank
) -> None:
    stranger = await gateway.studio()
    others_order = await order_in(gateway, stranger)
    (await bank.tell(others_order)).expect(200)
    (payment,) = await payments_of(studio, problem="true")
    assert (payment["problem"], payment["order"]) == ("unknown_order", None)
    (await studio.post(f"/api/v1/payments/{payment['id']}/assign", {"order_id": others_order})).expect(404)
    (await stranger.post(f"/api/v1/payments/{payment['id']}/dismiss", {"reason": "x"})).expect(404)
    assert (await stranger.get(f"/api/v1/orders/{others_order}")).expect(200)["status"] == "placed"


async def test_a_test_event_is_taken_in_like_any_and_pays_nothing(
    gateway: RunningGateway, studio: StudioClient, bank: Bank
) -> None:
    sent = (await studio.post(f"{PROVIDER}/test")).expect(200)
    assert sent["type"] == "photoferry.test"
    assert await kept(gateway, bank) == 1
    assert (await studio.get("/api/v1/payments")).expect(200)["items"] == []
    (await studio.delete(PROVIDER)).expect(204)
    (await studio.post(f"{PROVIDER}/test")).expect(404)


async def test_the_studio_is_told_of_each_payment_as_it_comes(
    gateway: RunningGateway, studio: StudioClient, bank: Bank
) -> None:
    async with studio.asking("GET", "/api/v1/payments/events") as answer, asyncio.timeout(30):
        assert answer.status == 200
        (await bank.tell(None)).expect(200)
        async for line in answer.content:
            if line == b"event: payment\n":
                break
    (payment,) = (await studio.get("/api/v1/payments")).expect(200)["items"]
    assert payment["problem"] == "unknown_order"
    assert (await gateway.client.get("/api/v1/payments/events")).status == 401


async def test_a_pretend_bank_is_offered_only_where_there_is_one(studio: StudioClient) -> None:
    listed = (await studio.get("/api/v1/payment-providers")).expect(200)["items"]
    assert "sandbox" not in {each["provider"] for each in listed}
    (await studio.put("/api/v1/payment-providers/sandbox", b"{}", headers=JSON)).expect(404)
