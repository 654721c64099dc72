"""Lost webhooks: the provider is asked, and what it says is taken in like a webhook, once."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from asyncpg import CheckViolationError

from chassis.db import Database
from chassis.objects import ObjectStore
from contracts.base import Money, uuid7
from contracts.gateway import PaymentReceived, PaymentRefunded
from services.gateway.payments import checkout_store, connections, reconciliation, webhooks
from services.gateway.payments.cashier import Cashier
from services.gateway.payments.connections import Secrets, WebhookSecret
from services.gateway.payments.providers import Checkout, CheckoutState, Notice, Started
from services.gateway.payments.webhooks import Webhook
from services.gateway.signing import Signer
from tests.conftest import OpenDatabase
from tests.gateway.payments.pretend import PretendProvider, Reply, a_checkout
from tests.outbox import emitted

SIGNER = Signer("https://photos.example.com", "s" * 32, ObjectStore("http://key:secret@127.0.0.1:1/bucket"))
"""Signing asks nobody."""


@pytest.fixture
async def db(open_database: OpenDatabase) -> Database:
    return await open_database("gateway")


@pytest.fixture
async def cashier(db: Database, provider: PretendProvider) -> Cashier:
    return Cashier(db, SIGNER, provider.http, {"stripe": provider.url})


async def opened(cashier: Cashier, **given: Any) -> Checkout:
    """A checkout whose page was shown, of a studio that is connected."""
    checkout = a_checkout(**given)
    await cashier.db.pool.execute(
        """INSERT INTO studio (id, name, email, password_hash, locale, contact_email)
           VALUES ($1, 'Studio', $2, '', 'en', $2)""",
        checkout.studio_id,
        f"{checkout.studio_id}@example.com",
    )
    shared = Secrets(webhook_secrets=(WebhookSecret(value="whsec_1"),), keys={"secret_key": "sk_test_1"})
    await connections.change(cashier.db, SIGNER, checkout.studio_id, checkout.provider, lambda _: shared)
    async with cashier.db.transaction() as tx:
        checkout = await checkout_store.open_or_new(tx, checkout)
    await checkout_store.opened(cashier.db, checkout.id, Started("cs_1", "https://pay.example/1"))
    return checkout


async def due(cashier: Cashier, checkout: Checkout) -> None:
    await cashier.db.pool.execute("UPDATE checkout SET next_look_at = now() WHERE id = $1", checkout.id)


async def state(db: Database, checkout: Checkout) -> str:
    found: str = await db.pool.fetchval("SELECT state FROM checkout WHERE id = $1", checkout.id)
    return found


async def minutes_to_next(db: Database, checkout: Checkout) -> int | None:
    found: timedelta | None = await db.pool.fetchval(
        "SELECT next_look_at - now() FROM checkout WHERE id = $1", checkout.id
    )
    return None if found is None else round(found.total_seconds() / 60)


def found(checkout: Checkout, **given: Any) -> dict[str, Any]:
    return {
        "id": "cs_1",
        "status": "complete",
        "mode": "payment",
        "payment_status": "paid",
        "amount_total": 1250,
        "currency": "pln",
        "client_reference_id": str(checkout.order_id),
        "metadata": {"order_id": str(checkout.order_id), "checkout_id": str(checkout.id)},
        "payment_intent": {"id": "pi_1", "status": "succeeded"},
        **given,
    }


async def received(db: Database) -> list[tuple[Any, str, int]]:
    told = [each for each in await emitted(db) if isinstance(each, PaymentReceived)]
    return [(each.order_id, each.payment_id, each.money.amount) for each in told]


async def test_a_payment_whose_webhook_was_lost_is_found(cashier: Cashier, provider: PretendProvider) -> None:
    checkout = await opened(cashier)
    provider.on("GET", "/v1/checkout/sessions/cs_1", (200, found(checkout)))
    await reconciliation.look(cashier)
    assert provider.asked == []  # the client may still be at it
    await due(cashier, checkout)
    await reconciliation.look(cashier)
    assert await received(cashier.db) == [(checkout.order_id, "pi_1", 1250)]
    assert (await state(cashier.db, checkout), await minutes_to_next(cashier.db, checkout)) == ("paid", None)


async def test_several_copies_ask_once(cashier: Cashier, provider: PretendProvider) -> None:
    checkouts = [await opened(cashier, external_id=f"cs_{number}") for number in range(5)]
    provider.on("GET", "/v1/checkout/sessions/cs_1", (200, found(checkouts[0], status="open")))
    for checkout in checkouts:
        await due(cashier, checkout)
    await asyncio.gather(*(reconciliation.look(cashier) for _ in range(4)))
    assert len(provider.asked) == len(checkouts)


async def test_who_says_nothing_is_asked_ever_more_rarely_and_at_last_no_more(
    cashier: Cashier, provider: PretendProvider
) -> None:
    checkout = await opened(cashier)
    waits = [await minutes_to_next(cashier.db, checkout)]
    finer = found(checkout, currency="isk", amount_total=50_050)
    replies: list[Reply] = [(500, {}), (200, found(checkout, status="open")), (200, b"nonsense"), (200, finer)]
    for reply in replies:
        provider.on("GET", "/v1/checkout/sessions/cs_1", reply)
        await due(cashier, checkout)
        await reconciliation.look(cashier)
        waits.append(await minutes_to_next(cashier.db, checkout))
    assert waits == [10, 2, 4, 8, 16]
    assert await state(cashier.db, checkout) == "open"
    await cashier.db.pool.execute("UPDATE checkout SET looks = 500")
    await due(cashier, checkout)
    await reconciliation.look(cashier)
    assert await minutes_to_next(cashier.db, checkout) == 720
    await cashier.db.pool.execute("UPDATE checkout SET started_at = now() - interval '16 days'")
    await due(cashier, checkout)
    await reconciliation.look(cashier)
    assert await minutes_to_next(cashier.db, checkout) is None


async def test_a_look_up_and_a_late_webhook_tell_the_same_payment(cashier: Cashier, provider: PretendProvider) -> None:
    checkout = await opened(cashier)
    provider.on("GET", "/v1/checkout/sessions/cs_1", (200, found(checkout)))
    for _ in range(2):
        await due(cashier, checkout)
        await reconciliation.look(cashier)
    assert await received(cashier.db) == [(checkout.order_id, "pi_1", 1250)]


async def test_money_that_was_under_way_at_the_first_look_is_told_when_it_has_come(
    cashier: Cashier, provider: PretendProvider
) -> None:
    checkout = await opened(cashier)
    under_way = found(checkout, payment_status="unpaid", payment_intent={"id": "pi_1", "status": "processing"})
    states = []
    for document in (under_way, found(checkout)):
        provider.on("GET", "/v1/checkout/sessions/cs_1", (200, document))
        await due(cashier, checkout)
        await reconciliation.look(cashier)
        states.append(await state(cashier.db, checkout))
    assert states == ["waiting", "paid"]
    assert await received(cashier.db) == [(checkout.order_id, "pi_1", 1250)]


HELD = Notice(
    "1", "notification", payment_id="7", money=Money(amount=1000, currency="PLN"), state=CheckoutState.WAITING
)
"""The client has paid, and the provider keeps the money."""


async def test_money_that_a_provider_never_settles_is_told_for_no_order_and_holds_up_no_client(
    cashier: Cashier, provider: PretendProvider
) -> None:
    checkout = await opened(cashier)
    held = replace(HELD, checkout_id=checkout.id)
    await webhooks.accept(cashier.db, [Webhook(checkout.studio_id, "stripe", held, b"")])
    seen = []
    for age in (14, 16):
        await cashier.db.pool.execute("UPDATE checkout SET started_at = now() - make_interval(days => $1)", age)
        await due(cashier, checkout)
        await reconciliation.look(cashier)
        seen.append((await state(cashier.db, checkout), await received(cashier.db)))
    assert len(provider.asked) == 2
    assert seen == [("waiting", []), ("expired", [(None, "7", 1000)])]
    assert await minutes_to_next(cashier.db, checkout) is None


async def test_money_that_is_settled_at_the_last_look_pays_its_order(
    cashier: Cashier, provider: PretendProvider
) -> None:
    checkout = await opened(cashier)
    held = replace(HELD, checkout_id=checkout.id)
    await webhooks.accept(cashier.db, [Webhook(checkout.studio_id, "stripe", held, b"")])
    await cashier.db.pool.execute("UPDATE checkout SET started_at = now() - interval '16 days'")
    provider.on("GET", "/v1/checkout/sessions/cs_1", (200, found(checkout)))
    await due(cashier, checkout)
    await reconciliation.look(cashier)
    assert await received(cashier.db) == [(checkout.order_id, "pi_1", 1250)]
    assert await state(cashier.db, checkout) == "paid"


async def test_who_gave_up_on_the_page_is_told_of_nothing(cashier: Cashier, provider: PretendProvider) -> None:
    checkout = await opened(cashier)
    await cashier.db.pool.execute("UPDATE checkout SET started_at = now() - interval '16 days'")
    await due(cashier, checkout)
    await reconciliation.look(cashier)
    assert (await state(cashier.db, checkout), await received(cashier.db)) == ("open", [])


async def test_money_for_a_checkout_that_is_not_here_is_told_for_no_order(cashier: Cashier) -> None:
    checkout = await opened(cashier)
    for number, of in enumerate((checkout.id, uuid7(), None)):
        held = replace(HELD, event_id=f"{number}", payment_id=f"{number}", checkout_id=of)
        await webhooks.accept(cashier.db, [Webhook(checkout.studio_id, "stripe", held, b"")])
    assert await received(cashier.db) == [(None, "1", 1000), (None, "2", 1000)]
    told = await cashier.db.pool.fetch("SELECT told FROM webhook ORDER BY event_id")
    assert [row["told"] for row in told] == [False, True, True]


async def test_a_disconnected_provider_is_not_asked(cashier: Cashier, provider: PretendProvider) -> None:
    checkout = await opened(cashier)
    await connections.delete(cashier.db, checkout.studio_id, "stripe")
    await due(cashier, checkout)
    await reconciliation.look(cashier)
    assert provider.asked == []


async def test_one_that_cannot_be_looked_up_keeps_nobody_from_the_others(
    cashier: Cashier, provider: PretendProvider
) -> None:
    broken, checkout = await opened(cashier), await opened(cashier)
    await cashier.db.pool.execute(
        "UPDATE payment_connection SET sealed = 'sealed by another secret' WHERE studio_id = $1", broken.studio_id
    )
    provider.on("GET", "/v1/checkout/sessions/cs_1", (200, found(checkout)))
    for each in (broken, checkout):
        await due(cashier, each)
    await reconciliation.look(cashier)
    assert (await state(cashier.db, broken), await state(cashier.db, checkout)) == ("open", "paid")
    assert await minutes_to_next(cashier.db, broken) == 2


async def test_what_is_heard_late_takes_nothing_back(cashier: Cashier) -> None:
    rising = [state for state in CheckoutState if state is not CheckoutState.STARTING]
    for first in rising:
        for second in rising:
            checkout = await opened(cashier)
            for number, told in enumerate((first, second)):
                notice = Notice(f"{checkout.id}{number}", "told", checkout_id=checkout.id, state=told)
                await webhooks.accept(cashier.db, [Webhook(checkout.studio_id, "stripe", notice, b"")])
            assert await state(cashier.db, checkout) == max(first, second, key=rising.index)


async def test_a_notice_moves_no_checkout_of_another_studio_or_provider(cashier: Cashier) -> None:
    checkout = await opened(cashier)
    notice = Notice("1", "told", checkout_id=checkout.id, state=CheckoutState.PAID)
    await webhooks.accept(cashier.db, [Webhook(uuid7(), "stripe", notice, b"")])
    await webhooks.accept(cashier.db, [Webhook(checkout.studio_id, "payu", notice, b"")])
    assert await state(cashier.db, checkout) == "open"


@pytest.mark.parametrize("names_checkout", [True, False])
async def test_refunds_that_are_told_one_by_one_are_told_in_all(cashier: Cashier, names_checkout: bool) -> None:
    checkout = await opened(cashier)
    notices = [
        Notice(
            f"event {number}",
            "refund",
            PaymentRefunded,
            "pay_1",
            order_id=None if names_checkout else checkout.order_id,
            money=Money(amount=625, currency="PLN"),
            refund_id=f"refund {number}",
            checkout_id=checkout.id if names_checkout else None,
        )
        for number in range(2)
    ]
    await cashier.db.pool.execute(  # all are inside at the same moment, were it possible
        """CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql
               AS $$ BEGIN PERFORM pg_sleep(0.5); RETURN NEW; END $$;
           CREATE TRIGGER linger BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION linger()"""
    )
    for event in ("told", "told again"):
        told = [replace(notice, event_id=f"{event} {notice.event_id}") for notice in notices]
        told_apart = ([Webhook(checkout.studio_id, "stripe", notice, b"")] for notice in told)
        await asyncio.gather(*(webhooks.accept(cashier.db, each) for each in told_apart))
        refunds = [each for each in await emitted(cashier.db) if isinstance(each, PaymentRefunded)]
        assert max(each.money.amount for each in refunds) == 1250
    assert {each.order_id for each in refunds} == {checkout.order_id}


async def test_who_may_be_paying_just_now_is_counted(cashier: Cashier) -> None:
    checkout = await opened(cashier)
    assert await checkout_store.under_way(cashier.db, checkout.studio_id) == {"stripe": 1}
    assert await checkout_store.under_way(cashier.db, uuid7()) == {}
    paid = Notice("1", "paid", checkout_id=checkout.id, state=CheckoutState.PAID)
    await webhooks.accept(cashier.db, [Webhook(checkout.studio_id, "stripe", paid, b"")])
    assert await checkout_store.under_way(cashier.db, checkout.studio_id) == {}


async def test_what_came_at_the_same_moment_is_taken_in_together(cashier: Cashier) -> None:
    checkout, other = await opened(cashier), await opened(cashier)
    told = Notice("1", "paid", PaymentReceived, "pay_1", money=checkout.money, checkout_id=checkout.id)
    paid = replace(told, state=CheckoutState.PAID)
    notices = [
        (other, replace(paid, checkout_id=other.id)),
        (checkout, replace(told, event_id="2", state=CheckoutState.WAITING)),
        (checkout, paid),
        (checkout, paid),  # a repeat, at the same moment
    ]
    await webhooks.accept(cashier.db, [Webhook(each.studio_id, "stripe", notice, b"") for each, notice in notices])
    assert await received(cashier.db) == [(each.order_id, "pay_1", 1250) for each in (checkout, checkout, other)]
    assert (await state(cashier.db, checkout), await state(cashier.db, other)) == ("paid", "paid")


async def test_a_webhook_and_its_news_are_kept_together_or_not_at_all(cashier: Cashier) -> None:
    checkout = await opened(cashier)
    notice = Notice("1", "paid", PaymentReceived, "pay_1", money=checkout.money, checkout_id=checkout.id)
    told = [Webhook(checkout.studio_id, "stripe", notice, b"")]
    await cashier.db.pool.execute("ALTER TABLE outbox ADD CONSTRAINT closed CHECK (false) NOT VALID")
    with pytest.raises(CheckViolationError):
        await webhooks.accept(cashier.db, told)
    await cashier.db.pool.execute("ALTER TABLE outbox DROP CONSTRAINT closed")
    await webhooks.accept(cashier.db, told)
    assert await received(cashier.db) == [(checkout.order_id, "pay_1", 1250)]


async def test_an_order_has_one_open_checkout_while_it_is_good(cashier: Cashier) -> None:
    first = await opened(cashier)

    async def again(**given: Any) -> Checkout:
        async with cashier.db.transaction() as tx:
            return await checkout_store.open_or_new(tx, replace(first, id=uuid7(), **given))

    assert (await again()).id == first.id
    assert {each.id for each in await asyncio.gather(again(), again(), again())} == {first.id}
    assert (await again(provider="payu")).id != first.id
    await cashier.db.pool.execute("UPDATE checkout SET started_at = now() - interval '13 hours'")
    second = await again()
    assert second.id != first.id
    assert await state(cashier.db, first) == "expired"
