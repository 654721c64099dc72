"""What is told to endpoints: which of our events, and in which words."""

import json
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from asyncpg import Record

from chassis.db import Tx
from contracts.base import Message, utc_now, uuid7
from contracts.entitlements import OrderReady
from contracts.gateway import PhotoDownloaded
from contracts.notifier import ClientNotified
from contracts.orders import OrderPaid, OrderPlaced
from services.gateway.outgoing import deliveries

News = OrderPlaced | OrderPaid | OrderReady | ClientNotified | PhotoDownloaded
Kind = Literal["order.placed", "order.paid", "order.ready", "client.notified", "photo.downloaded"]

KINDS: dict[type[Message], Kind] = {
    OrderPlaced: "order.placed",
    OrderPaid: "order.paid",
    OrderReady: "order.ready",
    ClientNotified: "client.notified",
    PhotoDownloaded: "photo.downloaded",
}


TEST = "photoferry.test"


class NotInTheView(Exception):
    """The order has not reached the view yet: its news is told a moment later."""


async def queue(tx: Tx, news: Sequence[News]) -> None:
    """Queue deliveries to those endpoints that want to hear it. Raises `NotInTheView`."""
    orders = await tx.fetch(
        """SELECT o.id, o.gallery_id, o.number, o.client, o.amount, o.currency, e.id AS endpoint_id, e.events
           FROM client_order o
           LEFT JOIN webhook_endpoint e ON e.studio_id = o.studio_id AND e.disabled_at IS NULL
           WHERE o.id = ANY($1)""",
        [_order_id(each) for each in news],
    )
    if unknown := {_order_id(each) for each in news} - {row["id"] for row in orders}:
        raise NotInTheView(", ".join(map(str, unknown)))
    told = [
        (row["endpoint_id"], row["gallery_id"], str(each.message_id), KINDS[type(each)], _body(each, row))
        for each in news
        for row in orders
        if row["id"] == _order_id(each) and KINDS[type(each)] in (row["events"] or ())
    ]
    if told:
        await deliveries.add(tx, told)


def test(endpoint_id: UUID) -> deliveries.New:
    """A delivery that tells nothing, to try an endpoint out."""
    body = {"type": TEST, "timestamp": utc_now().isoformat(), "data": {}}
    return endpoint_id, None, str(uuid7()), TEST, json.dumps(body)


def _order_id(news: News) -> UUID:
    match news:
        case OrderPlaced() | OrderPaid():
            return news.order.id
        case ClientNotified():
            return news.notification.order_id
        case _:
            return news.order_id


def _body(news: News, order: Record) -> str:
    """As the Standard Webhooks recommend: `{type, timestamp, data}`."""
    client = json.loads(order["client"])
    data: dict[str, Any] = {
        "order_id": str(order["id"]),
        "number": order["number"],
        "gallery_id": str(order["gallery_id"]),
        "client": {"name": client["name"], "email": client["email"]},
        "total": {"amount": order["amount"], "currency": order["currency"]},
    }
    if isinstance(news, PhotoDownloaded):
        data |= {"transfer_ids": [str(id_) for id_ in news.transfer_ids], "as_zip": news.as_zip}
    return json.dumps({"type": KINDS[type(news)], "timestamp": news.occurred_at.isoformat(), "data": data})
