"""PayU Poland, REST API 2.1."""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from contracts.base import ONE_LINE, CurrencyCode
from contracts.gateway import PaymentReceived, PaymentRefunded
from services.gateway.payments.asking import Answer, ask, refusal, understood
from services.gateway.payments.minor_units import counted, uncounted
from services.gateway.payments.providers import (
    BadWebhook,
    Checkout,
    CheckoutLost,
    CheckoutState,
    Id,
    Incoming,
    Notice,
    Purchase,
    Secret,
    Shop,
    Started,
    order_id_of,
    unreadable,
)

makes_secret = False

ALGORITHMS = {
    "MD5": "md5",
    "SHA-256": "sha256",
    "SHA256": "sha256",
    "SHA-384": "sha384",
    "SHA384": "sha384",
    "SHA-512": "sha512",
    "SHA512": "sha512",
}
"""By the header's words; PayU itself takes MD5 where a shop has not asked for better."""
STATES = {
    "WAITING_FOR_CONFIRMATION": CheckoutState.WAITING,
    "COMPLETED": CheckoutState.PAID,
    "CANCELED": CheckoutState.FAILED,
    "REJECTED": CheckoutState.FAILED,
}
"""What `NEW` and `PENDING` say is nothing: the client may still be looking for the bank's page."""
LANGUAGES = ("pl", "en")

Number = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$")]
DIGITS = 2
"""Of the minor unit of every currency, also of one that has none."""
Amount = Annotated[int, Field(ge=0, le=1_000_000_000_000)]
"""PayU writes it as a string."""


class Keys(BaseModel):
    """As PayU's panel shows them; the second key signs notifications."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    pos_id: Number
    client_id: Number
    client_secret: Secret
    webhook_secret: Secret = Field(alias="second_key")


class Order(BaseModel):
    """A payment, in PayU's words an order."""

    orderId: Id
    extOrderId: str | None = None
    status: Id
    totalAmount: Amount
    currencyCode: CurrencyCode


class Orders(BaseModel):
    """The answer to a look-up."""

    orders: Annotated[tuple[Order, ...], Field(min_length=1, max_length=1)]


class Refund(BaseModel):
    """One refund; several may come to a payment."""

    refundId: Id
    amount: Amount
    currencyCode: CurrencyCode
    status: Id


class Notification(BaseModel):
    """Of a payment, or of a refund of one."""

    order: Order | None = None
    refund: Refund | None = None
    orderId: Id | None = None
    extOrderId: str | None = None


class Created(BaseModel):
    """PayU's name of a payment, and its page."""

    orderId: Id
    redirectUri: Annotated[str, StringConstraints(min_length=1, max_length=2_000), ONE_LINE]


async def check(shop: Shop) -> None:
    """Ask to be let in; the second key is not asked for. See `providers.PaymentPage`."""
    await _token(shop)


async def start(shop: Shop, purchase: Purchase) -> Started:
    """Create an order whose `extOrderId` is the checkout's id: PayU takes it once. See `providers.PaymentPage`."""
    checkout = purchase.checkout
    amount = str(counted(checkout.money, DIGITS))
    wanted = {
        "extOrderId": str(checkout.id),
        "merchantPosId": shop.keys["pos_id"],
        "customerIp": purchase.client_ip,
        "description": purchase.title,
        "currencyCode": checkout.money.currency,
        "totalAmount": amount,
        "products": [{"name": purchase.title, "unitPrice": amount, "quantity": "1"}],
        "buyer": {"email": purchase.email, "language": purchase.locale if purchase.locale in LANGUAGES else "en"},
        "notifyUrl": purchase.webhook_url,
        "continueUrl": purchase.back_url,
    }
    answer = await _ask(shop, "POST", "orders", json=wanted)
    if _code(answer) == "ERROR_ORDER_NOT_UNIQUE":
        raise CheckoutLost("ERROR_ORDER_NOT_UNIQUE")
    created = understood(Created, _accepted(answer))
    return Started(created.orderId, created.redirectUri)


async def look_up(shop: Shop, checkout: Checkout) -> Notice | None:
    """Read an order. See `providers.PaymentPage`."""
    body = _accepted(await _ask(shop, "GET", f"orders/{checkout.external_id}"))
    (found,) = understood(Orders, body).orders
    if found.status not in STATES:
        return None
    return _about(f"checkout:{checkout.id}:{found.status}", found)


def read(incoming: Incoming, secrets: Sequence[str]) -> Notice:
    """Verify a notification and translate it. Raises `BadWebhook`."""
    _verify(incoming, secrets)
    try:
        said = Notification.model_validate_json(incoming.body)
    except ValidationError as error:
        raise BadWebhook(unreadable(error)) from None
    if said.refund and said.orderId:
        return _refunded(said.refund, said.orderId, said.extOrderId)
    if said.order:
        return _about(f"{said.order.orderId}:{said.order.status}", said.order)
    raise BadWebhook("This cannot be read: order")


def _verify(incoming: Incoming, secrets: Sequence[str]) -> None:
    header = incoming.headers.get("openpayu-signature", "")
    parts = dict(part.strip().partition("=")[::2] for part in header.split(";"))
    algorithm = ALGORITHMS.get(parts.get("algorithm", ""))
    given = parts.get("signature", "").lower().encode()
    if algorithm is None or not any(
        hmac.compare_digest(given, signature(incoming.body, secret, algorithm).encode()) for secret in secrets
    ):
        raise BadWebhook("The signature is wrong.")


def signature(body: bytes, second_key: str, algorithm: str = "md5") -> str:
    """PayU's signature of a body."""
    return hashlib.new(algorithm, body + second_key.encode(), usedforsecurity=False).hexdigest()


def _about(event_id: str, order: Order) -> Notice:
    state = STATES.get(order.status)
    is_paid = state is CheckoutState.PAID
    return Notice(
        event_id,
        order.status,
        PaymentReceived if is_paid else None,
        order.orderId,
        money=uncounted(order.totalAmount, order.currencyCode, DIGITS),
        checkout_id=order_id_of(order.extOrderId),
        state=state,
    )


def _refunded(refund: Refund, payment_id: str, checkout_id: str | None) -> Notice:
    event_id = f"{payment_id}:refund:{refund.refundId}:{refund.status}"
    return Notice(
        event_id,
        f"refund {refund.status}",
        PaymentRefunded if refund.status == "FINALIZED" else None,
        payment_id,
        money=uncounted(refund.amount, refund.currencyCode, DIGITS),
        refund_id=refund.refundId,
        checkout_id=order_id_of(checkout_id),
    )


async def _ask(shop: Shop, method: str, path: str, **request: Any) -> Answer:
    headers = {"Authorization": f"Bearer {await _token(shop)}"}
    return await ask(shop.http, method, f"{shop.server}/api/v2_1/{path}", headers=headers, **request)


async def _token(shop: Shop) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": shop.keys["client_id"],
        "client_secret": shop.keys["client_secret"],
    }
    let_in = await ask(shop.http, "POST", f"{shop.server}/pl/standard/user/oauth/authorize", data=form)
    token = let_in.body.get("access_token")
    if not let_in.accepted or not isinstance(token, str):
        raise refusal(let_in, let_in.body.get("error"))
    return token


def _accepted(answer: Answer) -> dict[str, Any]:
    if not answer.accepted or _code(answer) not in ("SUCCESS", None):
        raise refusal(answer, _code(answer))
    return answer.body


def _code(answer: Answer) -> str | None:
    status = answer.body.get("status")
    code = status.get("statusCode") if isinstance(status, dict) else None
    return code if isinstance(code, str) else None
