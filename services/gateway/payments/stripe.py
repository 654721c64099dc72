"""Stripe: a Checkout Session for each order, by Stripe's own library."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import stripe
from aiohttp import ClientError, ClientTimeout
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from stripe import AIOHTTPClient, StripeClient, WebhookSignature
from stripe.params.checkout import SessionCreateParams

from contracts.gateway import PaymentDisputed, PaymentReceived, PaymentRefunded
from services.gateway.payments.asking import understood
from services.gateway.payments.providers import (
    TOLERANCE,
    BadWebhook,
    Checkout,
    CheckoutLost,
    CheckoutState,
    Incoming,
    Notice,
    ProviderRefused,
    ProviderUnreachable,
    Purchase,
    Secret,
    Shop,
    Started,
    order_id_of,
    unreadable,
)
from services.gateway.payments.stripe_amounts import from_stripe, to_stripe
from services.gateway.payments.stripe_objects import Charge, Dispute, Event, Named, Session

stripe.enable_telemetry = False  # it would write an id of this machine into the user's folder, and send it

makes_secret = False

TIMEOUT = ClientTimeout(total=15)
RETRIES = 2
EXPIRES = timedelta(hours=23)
"""After the start; Stripe takes up to 24 hours."""
LOCALES: Mapping[str, Literal["en", "pl"]] = {"en": "en", "pl": "pl"}
TEST_KEYS = ("sk_test_", "rk_test_")
TIME = re.compile(r"(?:^|,)t=([0-9]{1,10})(?=,|$)")
SIGNATURE = re.compile(r"(?:^|,)v1=([0-9a-f]{64})(?=,|$)")
"""Of the header only this reaches the library, which stumbles over other things in it."""


class Keys(BaseModel):
    """A secret key (or a restricted one that may use Checkout Sessions), and the secret of the webhook's endpoint."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    secret_key: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=r"^(sk|rk)_[!-~]+$")]
    webhook_secret: Secret


async def check(shop: Shop) -> None:
    """List a session: restricted keys may do that if they may start one. See `providers.PaymentPage`."""
    with _our_errors():
        await _client(shop).v1.checkout.sessions.list_async({"limit": 1})


async def start(shop: Shop, purchase: Purchase) -> Started:
    """Create a Checkout Session. See `providers.PaymentPage`."""
    checkout = purchase.checkout
    ours = {"order_id": str(checkout.order_id), "checkout_id": str(checkout.id)}
    if shop.keys["secret_key"].startswith(TEST_KEYS):
        ours["test"] = "yes"
    params: SessionCreateParams = {
        "mode": "payment",
        "client_reference_id": ours["order_id"],
        "metadata": ours,
        "payment_intent_data": {"metadata": ours},  # so that charges have it, too
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": checkout.money.currency.lower(),
                    "unit_amount": to_stripe(checkout.money),
                    "product_data": {"name": purchase.title},
                },
            }
        ],
        "customer_email": purchase.email,
        "locale": LOCALES.get(purchase.locale, "auto"),
        "success_url": purchase.back_url,
        "cancel_url": purchase.back_url,
        "expires_at": int((checkout.started_at + EXPIRES).timestamp()),
    }
    with _our_errors(failure=CheckoutLost):  # which Stripe would answer to this key for a day
        client = _client(shop)
        session = await client.v1.checkout.sessions.create_async(params, {"idempotency_key": str(checkout.id)})
    if not session.url:
        raise ProviderRefused("Stripe gave no page")
    return Started(session.id, session.url)


async def look_up(shop: Shop, checkout: Checkout) -> Notice | None:
    """Read a Checkout Session. See `providers.PaymentPage`."""
    with _our_errors():
        sessions = _client(shop).v1.checkout.sessions
        found = await sessions.retrieve_async(checkout.external_id or "", {"expand": ["payment_intent"]})
    document = found.to_dict()
    intent = document.get("payment_intent")
    intent = intent if isinstance(intent, dict) else {"id": intent}
    session = understood(Session, {**document, "payment_intent": intent.get("id")})
    kind = _kind_of(session, intent.get("status"))
    event_id = f"checkout:{checkout.id}:{kind}:{session.payment_status}"  # a completed one may be paid days later
    return _about_session(event_id, kind, session) if kind else None


def read(incoming: Incoming, secrets: Sequence[str]) -> Notice:
    """Verify a webhook and translate it. Raises `BadWebhook`."""
    _verify(incoming, secrets)
    try:
        event = Event.model_validate_json(incoming.body)
        return _translated(event)
    except ValidationError as error:
        raise BadWebhook(unreadable(error)) from None


def _verify(incoming: Incoming, secrets: Sequence[str]) -> None:
    header = incoming.headers.get("stripe-signature", "")
    time, signatures = TIME.findall(header), SIGNATURE.findall(header)
    if len(time) == 1 and abs(incoming.now - datetime.fromtimestamp(int(time[0]), UTC)) <= TOLERANCE:
        clean = ",".join((f"t={time[0]}", *(f"v1={signature}" for signature in signatures)))
        if any(_signed_by(secret, incoming.body, clean) for secret in secrets):
            return
    raise BadWebhook("The signature is wrong, or the timestamp is over five minutes away from now.")


def _signed_by(secret: str, body: bytes, header: str) -> bool:
    try:
        return bool(WebhookSignature.verify_header(body, header, secret))
    except (stripe.SignatureVerificationError, ValueError):  # ValueError: the body is no UTF-8
        return False


def _translated(event: Event) -> Notice:
    about = event.data.object
    match event.type:
        case (
            "checkout.session.completed"
            | "checkout.session.async_payment_succeeded"
            | "checkout.session.async_payment_failed"
            | "checkout.session.expired"
        ):
            session = Session.model_validate(about)
            if session.mode == "payment" and _counts(event, session):
                return _about_session(event.id, event.type, session)
        case "charge.refunded" if _counts(event, charge := Charge.model_validate(about)):
            money = from_stripe(charge.amount_refunded, charge.currency)
            order_id = order_id_of(charge.said("order_id"))
            return Notice(event.id, event.type, PaymentRefunded, charge.payment_id, order_id, money)
        case "charge.dispute.created":
            dispute = Dispute.model_validate(about)
            payment_id = dispute.payment_intent or dispute.charge or dispute.id
            money = from_stripe(dispute.amount, dispute.currency)
            return Notice(event.id, event.type, PaymentDisputed, payment_id, None, money)
    return Notice(event.id, event.type)


def _counts(event: Event, about: Named) -> bool:
    """Whether it is real money, or test money that was asked for by a studio's test key."""
    return event.livemode or bool(about.said("test"))


def _about_session(event_id: str, kind: str, session: Session) -> Notice:
    state = _state(kind, session)
    order_id = order_id_of(session.client_reference_id or session.said("order_id"))
    checkout_id = order_id_of(session.said("checkout_id"))
    if state is not CheckoutState.PAID:
        return Notice(event_id, kind, order_id=order_id, checkout_id=checkout_id, state=state)
    if session.amount_total is None or session.currency is None:
        raise BadWebhook("This cannot be read: amount_total, currency")
    money = from_stripe(session.amount_total, session.currency)
    return Notice(
        event_id,
        kind,
        PaymentReceived,
        session.payment_id,
        order_id,
        money,
        checkout_id=checkout_id,
        state=state,
    )


def _state(kind: str, session: Session) -> CheckoutState:
    match kind.removeprefix("checkout.session."):
        case "async_payment_failed":
            return CheckoutState.FAILED
        case "expired":
            return CheckoutState.EXPIRED
        case "async_payment_succeeded":
            return CheckoutState.PAID
    return CheckoutState.WAITING if session.payment_status == "unpaid" else CheckoutState.PAID


def _kind_of(session: Session, intent_status: str | None) -> str | None:
    """The event that would have told this; None: nothing has happened."""
    match session.status:
        case "expired":
            return "checkout.session.expired"
        case "complete":
            declined = session.payment_status == "unpaid" and intent_status in ("requires_payment_method", "canceled")
            return f"checkout.session.{'async_payment_failed' if declined else 'completed'}"
    return None


def _client(shop: Shop) -> StripeClient:
    return StripeClient(
        shop.keys["secret_key"],
        http_client=AIOHTTPClient(timeout=TIMEOUT, session=shop.http),
        base_addresses={"api": shop.server},
        max_network_retries=RETRIES,
    )


@contextmanager
def _our_errors(failure: type[Exception] = ProviderUnreachable) -> Iterator[None]:
    """Stripe's errors as ours; `failure`: what it is when Stripe itself has failed.

    Their texts may hold a part of a key, so only their kind and code go on.
    """
    try:
        yield
    except stripe.IdempotencyError as error:
        raise CheckoutLost(_described(error)) from None
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise ProviderUnreachable(_described(error)) from None
    except stripe.StripeError as error:
        is_theirs = (error.http_status or 500) >= 500
        raise (failure if is_theirs else ProviderRefused)(_described(error)) from None
    except (ClientError, TimeoutError) as error:  # while the answer is read, the library lets these escape
        raise ProviderUnreachable(type(error).__name__) from None


def _described(error: stripe.StripeError) -> str:
    return f"{type(error).__name__} {error.http_status or ''} {error.code or ''}".strip()
