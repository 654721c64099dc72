"""What is told to endpoints: which of our events, and in which words."""

import json
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from asyncpg import Record

from chassis.db import Database, Tx
from contracts.base import Message, utc_now, uuid7
from contracts.entitlements import OrderReady
from contracts.gateway import PhotoDownloaded
from contracts.notifier import ClientNotified
from contracts.orders import OrderPaid, OrderPlaced
from services.gateway.outgoing import deliveries
from services.gateway.standard_webhooks import TEST, body

News = OrderPlaced | OrderPaid | OrderReady | ClientNotified | PhotoDownloaded
Kind = Literal["order.placed", "order.paid", "order.ready", "client.notified", "photo.downloaded"]

KINDS: dict[type[Message], Kind] = {
    OrderPlaced: "order.placed",
    OrderPaid: "order.paid",
    OrderReady: "order.ready",
    ClientNotified: "client.notified",
    PhotoDownloaded: "photo.downloaded",
}


AT_ONCE = 500
"""News that one look takes."""


async def note(tx: Tx, news: Sequence[Message]) -> None:
    """Note those of the messages that somebody may want to hear. They are told once their order is in the view."""
    told = [each for each in news if isinstance(each, News)]
    if told:
        await tx.execute(
            """INSERT INTO webhook_news (event_id, order_id, gallery_id, kind, at, more)
               SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::json[])
               WHERE EXISTS (SELECT FROM webhook_endpoint)""",
            [str(each.message_id) for each in told],
            [_order_id(each) for each in told],
            [each.about_gallery for each in told],
            [KINDS[type(each)] for each in told],
            [each.occurred_at for each in told],
            [json.dumps(_more(each)) for each in told],
        )


async def queue(db: Database) -> None:
    """Make deliveries of news, for each endpoint that wants to hear it; whoever comes first takes it."""
    async with db.pool.acquire() as tx, tx.transaction():  # once a second, and nothing of it is for the relay
        rows = await tx.fetch(
            """WITH taken AS (
                   DELETE FROM webhook_news WHERE event_id IN (
                       SELECT event_id FROM webhook_news n JOIN client_order o ON o.id = n.order_id
                       ORDER BY event_id LIMIT $1 FOR UPDATE OF n SKIP LOCKED) RETURNING *)
               SELECT n.*, o.number, o.client, o.amount, o.currency, e.id AS endpoint_id
               FROM taken n JOIN client_order o ON o.id = n.order_id
               JOIN webhook_endpoint e
                   ON e.studio_id = o.studio_id AND n.kind = ANY(e.events) AND e.disabled_at IS NULL
               ORDER BY n.event_id FOR SHARE OF o""",  # an erasure waits for these deliveries, or they for it
            AT_ONCE,
        )
        if rows:
            told = [(row["endpoint_id"], row["gallery_id"], row["event_id"], row["kind"], _body(row)) for row in rows]
            await deliveries.add(tx, told)


def test(endpoint_id: UUID) -> deliveries.New:
    """A delivery that tells nothing, to try an endpoint out."""
    return endpoint_id, None, str(uuid7()), TEST, body(TEST, utc_now(), {})


def _order_id(news: News) -> UUID:
    match news:
        case OrderPlaced() | OrderPaid():
            return news.order.id
        case ClientNotified():
            return news.notification.order_id
        case _:
            return news.order_id


def _more(news: News) -> dict[str, Any]:
    if isinstance(news, PhotoDownloaded):
        return {"transfer_ids": [str(id_) for id_ in news.transfer_ids], "as_zip": news.as_zip}
    return {}


def _body(row: Record) -> str:
    client = json.loads(row["client"])
    data = {
        "order_id": str(row["order_id"]),
        "number": row["number"],
        "gallery_id": str(row["gallery_id"]),
        "client": {"name": client["name"], "email": client["email"]},
        "total": {"amount": row["amount"], "currency": row["currency"]},
        **json.loads(row["more"]),
    }
    return body(row["kind"], row["at"], data)
