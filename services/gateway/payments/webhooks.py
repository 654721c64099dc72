"""Webhooks that were verified: kept raw and as news, in one transaction; the rest happens by itself."""

from uuid import UUID

from chassis import outbox
from chassis.db import Database, Tx
from contracts.base import Cause, caused_by, uuid7
from contracts.gateway import PaymentNews
from services.gateway.payments.providers import Notice


async def accept(db: Database, studio_id: UUID, provider: str, notice: Notice, body: bytes) -> bool:
    """Keep a webhook and tell orders what it says. False: it was here before, and nothing is done twice."""
    news = _news_of(studio_id, provider, notice)
    async with db.transaction() as tx:
        if not await _keep(tx, studio_id, provider, notice, body, told=news is not None):
            return False
        if news:
            await outbox.emit(tx, news)
    return True


def _news_of(studio_id: UUID, provider: str, notice: Notice) -> PaymentNews | None:
    if not (notice.news and notice.payment_id and notice.money):
        return None
    with caused_by(Cause(uuid7())):
        return notice.news(
            studio_id=studio_id,
            provider=provider,
            payment_id=notice.payment_id,
            order_id=notice.order_id,
            money=notice.money,
        )


async def _keep(tx: Tx, studio_id: UUID, provider: str, notice: Notice, body: bytes, *, told: bool) -> bool:
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
        told,
    )
    return bool(kept == "INSERT 0 1")
