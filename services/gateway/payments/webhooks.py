"""Webhooks that were verified: kept raw and as news, in one transaction; the rest happens by itself."""

from uuid import UUID

from chassis import outbox
from chassis.db import Database, Tx
from contracts.base import Cause, caused_by, uuid7
from services.gateway.payments.providers import Notice


async def accept(db: Database, studio_id: UUID, provider: str, notice: Notice, body: bytes) -> bool:
    """Keep a webhook and tell orders what it says. False: it was here before, and nothing is done twice."""
    async with db.transaction() as tx:
        if not await _keep(tx, studio_id, provider, notice, body):
            return False
        if notice.news and notice.payment_id and notice.money:
            with caused_by(Cause(uuid7())):
                news = notice.news(
                    studio_id=studio_id,
                    provider=provider,
                    payment_id=notice.payment_id,
                    order_id=notice.order_id,
                    money=notice.money,
                )
            await outbox.emit(tx, news)
    return True


async def _keep(tx: Tx, studio_id: UUID, provider: str, notice: Notice, body: bytes) -> bool:
    kept = await tx.execute(
        """INSERT INTO webhook (studio_id, provider, event_id, type, payment_id, order_id, body)
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING""",
        studio_id,
        provider,
        notice.event_id,
        notice.kind,
        notice.payment_id,
        notice.order_id,
        body,
    )
    return bool(kept == "INSERT 0 1")
