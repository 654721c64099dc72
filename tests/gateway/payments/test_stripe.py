"""Stripe: what is asked for, what its events mean, and that nothing odd in them does harm.

Shapes are those of Stripe's API reference; signatures are made by Stripe's own library.
"""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from stripe import WebhookSignature

from contracts.base import Money, utc_now, uuid7
from contracts.gateway import PaymentDisputed, PaymentReceived, PaymentRefunded
from services.gateway.payments import stripe
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
from services.gateway.payments.stripe_amounts import from_stripe, to_stripe
from tests.gateway.payments.pretend import PretendProvider, a_checkout, a_purchase

SECRET = "whsec_test_secret"
SESSIONS = "/v1/checkout/sessions"
ORDER, CHECKOUT = uuid7(), uuid7()


def session(**given: Any) -> dict[str, Any]:
    """A Checkout Session that was paid."""
    return {
        "id": "cs_test_a11YYufWQzNY63zpQ6QSNRQhkUpVph4WRmzW0zWJO2znZKdVujZ0N0S22u",
        "object": "checkout.session",
        "amount_subtotal": 1250,
        "amount_total": 1250,
        "client_reference_id": str(ORDER),
        "currency": "pln",
        "customer_email": "anna@example.com",
        "livemode": True,
        "metadata": {"order_id": str(ORDER), "checkout_id": str(CHECKOUT)},
        "mode": "payment",
        "payment_intent": "pi_1GszsK2eZvKYlo2CfhZyoZLp",
        "payment_method_types": ["card"],
        "payment_status": "paid",
        "status": "complete",
        "url": None,
        **given,
    }


def charge(**given: Any) -> dict[str, Any]:
    """A charge of which a part went back."""
    return {
        "id": "ch_3MmlLrLkdIwHu7ix0snN0B15",
        "object": "charge",
        "amount": 1250,
        "amount_captured": 1250,
        "amount_refunded": 500,
        "currency": "pln",
        "metadata": {"order_id": str(ORDER)},
        "paid": True,
        "payment_intent": "pi_1GszsK2eZvKYlo2CfhZyoZLp",
        "refunded": False,
        "status": "succeeded",
        **given,
    }


def dispute(**given: Any) -> dict[str, Any]:
    """A chargeback."""
    return {
        "id": "du_1MtJUT2eZvKYlo2CNaw2HvEv",
        "object": "dispute",
        "amount": 1250,
        "charge": "ch_3MmlLrLkdIwHu7ix0snN0B15",
        "currency": "pln",
        "metadata": {},
        "payment_intent": "pi_1GszsK2eZvKYlo2CfhZyoZLp",
        "reason": "general",
        "status": "warning_needs_response",
        **given,
    }


def event(kind: str, about: Any, **given: Any) -> str:
    """An event as Stripe sends it."""
    return json.dumps(
        {
            "id": "evt_1NG8Du2eZvKYlo2CUI79vXWy",
            "object": "event",
            "api_version": "2026-10-28.endive",
            "created": 1686089970,
            "data": {"object": about},
            "livemode": True,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
            **given,
        }
    )


def incoming(body: str | bytes, secret: str = SECRET, *, header: str = "{}", age: float = 0) -> Incoming:
    """The webhook, signed; `header` is put around the signature."""
    now = utc_now()
    text = body if isinstance(body, str) else body.decode(errors="replace")
    made = WebhookSignature.generate_signature_header(text, secret, int(now.timestamp() - age))
    raw = body.encode() if isinstance(body, str) else body
    return Incoming(raw, {"stripe-signature": header.format(made)}, now)


def read(kind: str, about: Any) -> Notice:
    return stripe.read(incoming(event(kind, about)), [SECRET])


def test_a_paid_session_is_a_payment_of_its_order() -> None:
    notice = read("checkout.session.completed", session())
    assert notice.event_id == "evt_1NG8Du2eZvKYlo2CUI79vXWy"
    assert (notice.news, notice.order_id) == (PaymentReceived, ORDER)
    assert (notice.checkout_id, notice.state) == (CHECKOUT, CheckoutState.PAID)
    assert notice.money == Money(amount=1250, currency="PLN")


def test_all_events_of_a_payment_name_it_alike() -> None:
    told = [
        read("checkout.session.completed", session()),
        read("checkout.session.async_payment_succeeded", session()),
        read("charge.refunded", charge()),
        read("charge.dispute.created", dispute()),
    ]
    assert {notice.payment_id for notice in told} == {"pi_1GszsK2eZvKYlo2CfhZyoZLp"}
    assert [notice.news for notice in told] == [PaymentReceived, PaymentReceived, PaymentRefunded, PaymentDisputed]


def test_a_refund_says_all_that_went_back() -> None:
    notice = read("charge.refunded", charge(amount_refunded=700))
    assert (notice.money, notice.order_id) == (Money(amount=700, currency="PLN"), ORDER)


@pytest.mark.parametrize(
    ("kind", "payment_status", "state"),
    [
        ("completed", "unpaid", CheckoutState.WAITING),
        ("async_payment_failed", "unpaid", CheckoutState.FAILED),
        ("expired", "unpaid", CheckoutState.EXPIRED),
    ],
)
def test_a_session_that_is_not_paid_pays_nothing(kind: str, payment_status: str, state: CheckoutState) -> None:
    notice = read(f"checkout.session.{kind}", session(payment_status=payment_status, payment_intent=None))
    assert (notice.news, notice.state, notice.checkout_id) == (None, state, CHECKOUT)


def test_other_kinds_of_events_say_nothing() -> None:
    assert read("customer.created", {"anything": None}) == Notice("evt_1NG8Du2eZvKYlo2CUI79vXWy", "customer.created")


@pytest.mark.parametrize(
    ("mode", "given"),
    [
        ("setup", {"amount_total": None, "currency": None, "payment_status": "no_payment_required"}),
        ("subscription", {"payment_intent": None, "client_reference_id": None, "metadata": {}}),
    ],
)
def test_a_session_that_is_no_payment_is_recorded_and_nothing_more(mode: str, given: dict[str, Any]) -> None:
    told = read("checkout.session.completed", session(mode=mode, **given))
    assert told == Notice("evt_1NG8Du2eZvKYlo2CUI79vXWy", "checkout.session.completed")


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        ("checkout.session.completed", session()),
        ("checkout.session.completed", session(metadata=None)),
        ("checkout.session.expired", session(payment_status="unpaid")),
        ("charge.refunded", charge()),
    ],
)
def test_test_money_that_was_not_asked_for_by_a_test_key_is_recorded_and_nothing_more(kind: str, about: Any) -> None:
    told = stripe.read(incoming(event(kind, about, livemode=False)), [SECRET])
    assert told == Notice("evt_1NG8Du2eZvKYlo2CUI79vXWy", kind)


async def test_test_money_that_was_asked_for_by_a_test_key_pays(provider: PretendProvider) -> None:
    provider.on("POST", SESSIONS, (200, {"id": "cs_1", "url": "https://pay.example/1"}))
    checkout = a_checkout(id=CHECKOUT, order_id=ORDER)
    for key, pays in (("sk_test_1", True), ("rk_test_1", True), ("sk_live_1", False), ("rk_live_1", False)):
        await stripe.start(provider.shop({"secret_key": key}, SECRET), a_purchase(checkout))
        form = provider.asked[-1].form
        kept, on_charge = (
            {name.removeprefix(f"{of}[")[:-1]: value for name, value in form.items() if name.startswith(f"{of}[")}
            for of in ("metadata", "payment_intent_data[metadata]")
        )
        told = [
            stripe.read(incoming(event(kind, about, livemode=False)), [SECRET])
            for kind, about in (
                ("checkout.session.completed", session(metadata=kept)),
                ("charge.refunded", charge(metadata=on_charge)),
            )
        ]
        assert [(notice.news is not None, notice.order_id) for notice in told] == [(pays, ORDER if pays else None)] * 2


def test_a_session_that_somebody_else_made_is_for_no_order_of_ours() -> None:
    notice = read("checkout.session.completed", session(client_reference_id="10268", metadata={}))
    assert (notice.news, notice.order_id, notice.checkout_id) == (PaymentReceived, None, None)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ("{", "body"),
        ("[]", "body"),
        ("null", "body"),
        ('"text"', "body"),
        ("[" * 100_000, "body"),
        ('{"id": "evt_1", "object": "event"}', "type, livemode, data"),
        (event("x", {}, object="v2.core.event"), "object"),
        (event("x", {}, id=7), "id"),
        (event("checkout.session.completed", None), "data.object"),
        (event("checkout.session.completed", []), "data.object"),
        (event("checkout.session.completed", {}), "id, mode, payment_status"),
        (event("checkout.session.completed", session(amount_total=None)), "amount_total, currency"),
        (event("checkout.session.completed", session(amount_total=12.5)), "amount_total"),
        (event("checkout.session.completed", session(currency=None)), "amount_total, currency"),
        (event("charge.refunded", charge(currency="zł")), "currency"),
        (event("charge.refunded", charge(amount_refunded=-1)), "amount_refunded"),
    ],
)
def test_a_signed_body_that_says_nothing_is_refused_with_the_reason(body: str, where: str) -> None:
    with pytest.raises(BadWebhook) as refused:
        stripe.read(incoming(body), [SECRET])
    assert str(refused.value) == f"This cannot be read: {where}"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "{}x",
        "t=1",
        "v1=",
        "t=,v1=",
        "t=nan,v1=abc",
        "t=99999999999999999999,v1=" + "a" * 64,
        "t=1,{}",
        "nonsense",
        "v1=żółw,t=1",
        ",,,===",
        "t=-1,v1=" + "a" * 64,
        "t=9999999999,v1=" + "a" * 64,
    ],
)
def test_a_forged_header_is_refused(header: str) -> None:
    with pytest.raises(BadWebhook):
        stripe.read(incoming(event("x", {}), header=header), [SECRET])


def test_without_the_header_a_webhook_is_refused() -> None:
    with pytest.raises(BadWebhook):
        stripe.read(Incoming(event("x", {}).encode(), {}, utc_now()), [SECRET])


@pytest.mark.parametrize("header", ["{},v1=żółw", "{},v0=abc", "v1=zzz,{}", "{},v1=" + "a" * 64, "scheme=1,{}"])
def test_a_good_signature_counts_among_others(header: str) -> None:
    assert stripe.read(incoming(event("x", {}), header=header), [SECRET]).kind == "x"


def test_a_body_that_is_no_text_is_refused() -> None:
    with pytest.raises(BadWebhook):
        stripe.read(incoming(b'{"type": "\xff"}'), [SECRET])


@pytest.mark.parametrize("age", [301, -301, 86_400, -86_400])
def test_a_webhook_from_another_time_is_refused(age: float) -> None:
    with pytest.raises(BadWebhook):
        stripe.read(incoming(event("x", {}), age=age), [SECRET])


@pytest.mark.parametrize("age", [290, -290])
def test_clocks_may_differ_by_some_minutes(age: float) -> None:
    assert stripe.read(incoming(event("x", {}), age=age), [SECRET]).kind == "x"


def test_each_secret_of_a_rotation_is_good_and_others_are_not() -> None:
    for secret in ("whsec_new", "whsec_old"):
        assert stripe.read(incoming(event("x", {}), secret), ["whsec_new", "whsec_old"]).kind == "x"
    with pytest.raises(BadWebhook):
        stripe.read(incoming(event("x", {}), "whsec_third"), ["whsec_new", "whsec_old"])


def test_a_tampered_body_is_refused() -> None:
    signed = incoming(event("checkout.session.completed", session(amount_total=1250)))
    tampered = Incoming(signed.body.replace(b"1250", b"1251"), signed.headers, signed.now)
    with pytest.raises(BadWebhook):
        stripe.read(tampered, [SECRET])


@pytest.mark.parametrize(
    ("amount", "currency", "theirs"),
    [
        (1250, "PLN", 1250),
        (500, "JPY", 500),
        (500, "ISK", 50_000),
        (50_000, "MGA", 500),
        (1230, "KWD", 1230),
        (0, "USD", 0),
    ],
)
def test_amounts_are_told_in_stripes_own_minor_units(amount: int, currency: str, theirs: int) -> None:
    assert to_stripe(Money(amount=amount, currency=currency)) == theirs
    assert from_stripe(theirs, currency) == Money(amount=amount, currency=currency)


@pytest.mark.parametrize(("amount", "currency"), [(1, "UGX"), (50_001, "MGA"), (1234, "KWD")])
def test_amounts_that_stripe_cannot_take_are_refused(amount: int, currency: str) -> None:
    with pytest.raises(ProviderRefused):
        to_stripe(Money(amount=amount, currency=currency))


@pytest.mark.parametrize(("theirs", "currency"), [(50_050, "ISK"), (50_001, "ISK")])
def test_amounts_finer_than_the_currency_are_none_of_ours(theirs: int, currency: str) -> None:
    with pytest.raises(BadWebhook):
        read("checkout.session.completed", session(amount_total=theirs, currency=currency.lower()))


def shop_at(provider: PretendProvider) -> Shop:
    return provider.shop({"secret_key": "sk_test_very_secret"}, SECRET)


async def test_a_session_is_asked_for_with_all_that_leads_back_to_the_order(provider: PretendProvider) -> None:
    provider.on("POST", SESSIONS, (200, {"id": "cs_1", "object": "checkout.session", "url": "https://pay.example/1"}))
    checkout = a_checkout()
    started = await stripe.start(shop_at(provider), a_purchase(checkout))
    assert (started.external_id, started.url) == ("cs_1", "https://pay.example/1")
    (asked,) = provider.asked
    assert asked.headers["idempotency-key"] == str(checkout.id)
    assert asked.headers["authorization"] == "Bearer sk_test_very_secret"
    assert json.loads(asked.headers["x-stripe-client-user-agent"]).keys().isdisjoint({"telemetry_id", "platform"})
    expires = int((checkout.started_at + timedelta(hours=23)).timestamp())
    assert asked.form == {
        "mode": "payment",
        "client_reference_id": str(checkout.order_id),
        "metadata[order_id]": str(checkout.order_id),
        "metadata[checkout_id]": str(checkout.id),
        "payment_intent_data[metadata][order_id]": str(checkout.order_id),
        "payment_intent_data[metadata][checkout_id]": str(checkout.id),
        "metadata[test]": "yes",
        "payment_intent_data[metadata][test]": "yes",
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": "pln",
        "line_items[0][price_data][unit_amount]": "1250",
        "line_items[0][price_data][product_data][name]": "Zażółć #3",
        "customer_email": "anna@example.com",
        "locale": "pl",
        "success_url": "https://photos.example.com/g/token/orders/1",
        "cancel_url": "https://photos.example.com/g/token/orders/1",
        "expires_at": str(expires),
    }


async def test_a_server_error_is_tried_again_with_the_same_key(provider: PretendProvider) -> None:
    provider.on(
        "POST", SESSIONS, (500, {"error": {"type": "api_error"}}), (200, {"id": "cs_1", "url": "https://pay.example/1"})
    )
    await stripe.start(shop_at(provider), a_purchase(a_checkout()))
    assert len({asked.headers["idempotency-key"] for asked in provider.asked}) == 1
    assert len(provider.asked) == 2


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (
            401,
            {"error": {"type": "invalid_request_error", "message": "Invalid API Key: sk_test_very_secret"}},
            "refused",
        ),
        (400, {"error": {"type": "invalid_request_error", "code": "parameter_invalid"}}, "refused"),
        (400, {"error": {"type": "idempotency_error", "message": "Keys for idempotent requests"}}, "lost"),
        (429, {"error": {"type": "invalid_request_error", "code": "rate_limit"}}, "unreachable"),
        (503, {"error": {"type": "api_error"}}, "lost"),
        (200, b"<html>no JSON</html>", "refused"),
        (200, {"id": "cs_1", "url": None}, "refused"),
    ],
)
async def test_what_stripe_answers_otherwise_is_told_without_secrets(
    provider: PretendProvider, status: int, answer: Any, error: str
) -> None:
    provider.on("POST", SESSIONS, (status, answer))
    kinds = {"refused": ProviderRefused, "lost": CheckoutLost, "unreachable": ProviderUnreachable}
    with pytest.raises(kinds[error]) as told:
        await stripe.start(shop_at(provider), a_purchase(a_checkout()))
    assert type(told.value) is kinds[error]
    assert "secret" not in str(told.value)


async def test_where_nobody_listens_stripe_is_unreachable(provider: PretendProvider) -> None:
    shop = Shop({"secret_key": "sk"}, SECRET, "http://127.0.0.1:1", provider.http)
    with pytest.raises(ProviderUnreachable):
        await stripe.start(shop, a_purchase(a_checkout()))


def test_a_shop_shows_no_secret() -> None:
    shown = repr(Shop({"secret_key": "sk_test_very_secret"}, SECRET, "http://127.0.0.1:1", None))  # type: ignore[arg-type]
    assert "secret" not in shown.lower()


@pytest.mark.parametrize(
    ("found", "kind", "state"),
    [
        ({"status": "open", "payment_status": "unpaid", "payment_intent": None}, None, None),
        ({"status": "expired", "payment_status": "unpaid", "payment_intent": None}, "expired", CheckoutState.EXPIRED),
        ({"payment_intent": {"id": "pi_1", "status": "succeeded"}}, "completed", CheckoutState.PAID),
        (
            {"payment_status": "unpaid", "payment_intent": {"id": "pi_1", "status": "processing"}},
            "completed",
            CheckoutState.WAITING,
        ),
        (
            {"payment_status": "unpaid", "payment_intent": {"id": "pi_1", "status": "requires_payment_method"}},
            "async_payment_failed",
            CheckoutState.FAILED,
        ),
    ],
)
async def test_a_look_up_says_what_the_webhook_would_have_said(
    provider: PretendProvider, found: dict[str, Any], kind: str | None, state: CheckoutState | None
) -> None:
    checkout = a_checkout(id=CHECKOUT, order_id=ORDER, external_id="cs_1")
    provider.on("GET", f"{SESSIONS}/cs_1", (200, session(**found)))
    notice = await stripe.look_up(shop_at(provider), checkout)
    if kind is None:
        assert notice is None
        return
    assert notice is not None
    assert notice.kind == f"checkout.session.{kind}"
    assert (notice.state, notice.checkout_id, notice.order_id) == (state, CHECKOUT, ORDER)
    if state is CheckoutState.PAID:
        assert (notice.payment_id, notice.money) == ("pi_1", Money(amount=1250, currency="PLN"))


def test_the_ids_in_metadata_are_read_back() -> None:
    assert isinstance(read("checkout.session.completed", session(client_reference_id=None)).order_id, UUID)
