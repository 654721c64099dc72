"""Webhooks that were verified: kept raw and as news, in one transaction; the rest happens by itself."""

from dataclasses import replace
from uuid import UUID

from chassis import outbox
from chassis.db import Database, Tx
from contracts.base import Cause, Money, caused_by, uuid7
from services.gateway.payments import checkout_store
from services.gateway.payments.providers import Notice


async def accept(db: Database, studio_id: UUID, provider: str, notice: Notice, body: bytes) -> bool:
    """Keep a webhook and tell orders what it says. False: it was here before, and nothing is done twice."""
    async with db.transaction() as tx:
        if notice.checkout_id and not notice.order_id:
            order_id = await checkout_store.order_of(tx, studio_id, provider, notice.checkout_id)
            notice = replace(notice, order_id=order_id)
        if not await _keep(tx, studio_id, provider, notice, body):
            return False
        if notice.checkout_id:
            await checkout_store.hear(tx, studio_id, provider, notice)
        if notice.news and notice.payment_id and notice.money:
            with caused_by(Cause(uuid7())):
                news = notice.news(
                    studio_id=studio_id,
                    provider=provider,
                    payment_id=notice.payment_id,
                    order_id=notice.order_id,
                    money=await _in_all(tx, studio_id, provider, notice, notice.money),
                )
            await outbox.emit(tx, news)
    return True


async def _keep(tx: Tx, studio_id: UUID, provider: str, notice: Notice, body: bytes) -> bool:
    kept = await tx.execute(
        """INSERT INTO webhook (studio_id, provider, event_id, type, payment_id, order_id, body, told)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING""",
        studio_id,
        provider,
        notice.event_id,
        notice.kind,
        notice.payment_id,
        notice.order_id,
        body,
        notice.news is not None,
    )
    return bool(kept == "INSERT 0 1")


async def _in_all(tx: Tx, studio_id: UUID, provider: str, notice: Notice, money: Money) -> Money:
    """What went back by this refund and those before, for providers that tell each by itself."""
    if notice.refund_id is None:
        return money
    of = (studio_id, provider, notice.payment_id)
    await tx.execute(  # two refunds at the same moment would each miss the other
        "SELECT pg_advisory_xact_lock(hashtextextended('refund:' || $1 || $2 || $3, 0))", *map(str, of)
    )
    await tx.execute(
        """INSERT INTO payment_refund (studio_id, provider, payment_id, refund_id, amount) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT DO NOTHING""",
        *of,
        notice.refund_id,
        money.amount,
    )
    amount = await tx.fetchval(
        "SELECT sum(amount)::bigint FROM payment_refund WHERE studio_id = $1 AND provider = $2 AND payment_id = $3", *of
    )
    return money.model_copy(update={"amount": amount})
