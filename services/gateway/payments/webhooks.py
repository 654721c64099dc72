"""Webhooks that were verified: kept raw and as news, in one transaction; the rest happens by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from asyncpg import Record

from chassis import outbox
from chassis.db import Database, Tx
from contracts.base import Cause, Money, caused_by, uuid7
from contracts.gateway import PaymentNews, PaymentReceived
from services.gateway.payments import checkout_store
from services.gateway.payments.providers import Checkout, Notice


@dataclass(frozen=True, slots=True)
class Webhook:
    """What a provider said to a studio, and the `body` in which it said it."""

    studio_id: UUID
    provider: str
    notice: Notice
    body: bytes
    correlation_id: UUID = field(default_factory=uuid7)


async def accept(db: Database, webhooks: Sequence[Webhook]) -> None:
    """Keep webhooks and tell orders what they say; for those that were here before, nothing is done twice.

    All who accept lock webhooks first, then checkouts, then refunds, each sorted, so that none waits for one who waits
    for it.
    """
    async with db.transaction() as tx:
        fresh = await _keep(tx, webhooks)
        await checkout_store.hear(tx, [(each.studio_id, each.provider, each.notice) for each in fresh])
        await outbox.emit(tx, *[news for each in fresh if (news := await _news(tx, each))])


async def end(db: Database, checkouts: Sequence[Checkout]) -> None:
    """Stop asking about those of the checkouts that are too old; what was paid and never settled is for no order."""
    async with db.transaction() as tx:
        held = await checkout_store.end(tx, [checkout.id for checkout in checkouts])
        await outbox.emit(tx, *map(_unsettled, held))


def _unsettled(held: Record) -> PaymentReceived:
    with caused_by(Cause(uuid7())):
        return PaymentReceived(
            studio_id=held["studio_id"],
            provider=held["provider"],
            payment_id=held["payment_id"],
            order_id=None,
            money=Money(amount=held["paid"], currency=held["paid_in"]),
        )


async def _keep(tx: Tx, webhooks: Sequence[Webhook]) -> list[Webhook]:
    """Those that were not here before, with the orders of their checkouts; sorted by payment.

    What is held for a checkout that is not here has come in: nobody can ask about it.
    """
    by_key = {(each.studio_id, each.provider, each.notice.event_id): each for each in webhooks}
    rows = await tx.fetch(
        """INSERT INTO webhook (studio_id, provider, event_id, type, payment_id, order_id, body, told)
           SELECT w.studio_id, w.provider, event_id, type, w.payment_id, coalesce(w.order_id, c.order_id),
               CASE WHEN erased(coalesce(w.order_id, c.order_id, p.order_id)) THEN '' ELSE body END,
               told OR held AND c.id IS NULL
           FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::bytea[], $8::bool[],
               $9::bool[], $10::uuid[])
               AS w (studio_id, provider, event_id, type, payment_id, order_id, body, told, held, checkout_id)
           LEFT JOIN checkout c ON c.id = checkout_id AND c.studio_id = w.studio_id AND c.provider = w.provider
           LEFT JOIN payment p
               ON p.studio_id = w.studio_id AND p.provider = w.provider AND p.payment_id = w.payment_id
           ORDER BY w.studio_id, w.provider, event_id
           ON CONFLICT DO NOTHING RETURNING studio_id, provider, event_id, order_id, told""",
        *zip(*map(_values, by_key.values()), strict=True),
    )
    fresh = []
    for studio_id, provider, event_id, order_id, told in rows:
        webhook = by_key[studio_id, provider, event_id]
        news = webhook.notice.news or (PaymentReceived if told else None)
        fresh.append(replace(webhook, notice=replace(webhook.notice, order_id=order_id, news=news)))
    return sorted(fresh, key=lambda each: (each.studio_id, each.provider, each.notice.payment_id or ""))


def _values(webhook: Webhook) -> tuple[object, ...]:
    notice = webhook.notice
    return (
        webhook.studio_id,
        webhook.provider,
        notice.event_id,
        notice.kind,
        notice.payment_id,
        notice.order_id,
        webhook.body,
        notice.news is not None,
        notice.held is not None,
        notice.checkout_id,
    )


async def _news(tx: Tx, webhook: Webhook) -> PaymentNews | None:
    notice = webhook.notice
    if not (notice.news and notice.payment_id and notice.money):
        return None
    money = await _in_all(tx, webhook, notice.money) if notice.refund_id else notice.money
    with caused_by(Cause(webhook.correlation_id)):
        return notice.news(
            studio_id=webhook.studio_id,
            provider=webhook.provider,
            payment_id=notice.payment_id,
            order_id=notice.order_id,
            money=money,
        )


async def _in_all(tx: Tx, webhook: Webhook, money: Money) -> Money:
    """What went back by this refund and those before, for providers that tell each by itself."""
    of = (webhook.studio_id, webhook.provider, webhook.notice.payment_id)
    await tx.execute(  # two refunds at the same moment would each miss the other
        "SELECT pg_advisory_xact_lock(hashtextextended('refund:' || $1 || $2 || $3, 0))", *map(str, of)
    )
    await tx.execute(
        """INSERT INTO payment_refund (studio_id, provider, payment_id, refund_id, amount) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT DO NOTHING""",
        *of,
        webhook.notice.refund_id,
        money.amount,
    )
    amount = await tx.fetchval(
        "SELECT sum(amount)::bigint FROM payment_refund WHERE studio_id = $1 AND provider = $2 AND payment_id = $3", *of
    )
    return money.model_copy(update={"amount": amount})
