"""Orders in the view, with all that happens to them."""

import json
from typing import Any

from chassis.db import Tx
from contracts.entitlements import EntitlementsGranted, EntitlementsRevoked, OrderNotReady, OrderReady
from contracts.notifier import MailState, NotificationEvent
from contracts.orders import (
    Client,
    ClientErased,
    LinkRotated,
    Order,
    OrderCancelled,
    OrderEvent,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
)

WHAT: dict[type[OrderEvent], str] = {
    OrderPlaced: "placed",
    OrderPaid: "paid",
    OrderRefunded: "refunded",
    OrderCancelled: "cancelled",
    LinkRotated: "link_rotated",
    ClientErased: "erased",
}
"""What stands in the timeline for each event; a corrected address stands nowhere, nor what changed nothing."""


def shown_client(client: Client) -> dict[str, Any]:
    """A client as the API shows them; an erased one has no address."""
    return client.model_dump() | ({"email": ""} if client.erased else {})


async def put(tx: Tx, order: Order, link_digest: bytes) -> None:
    """Insert or renew an order; an older revision changes nothing. Lines never change; every link is kept."""
    client = shown_client(order.client)
    await tx.execute(
        """WITH renewed AS (
               INSERT INTO client_order (id, gallery_id, studio_id, number, client, email, status, amount, currency,
                   link_rotation, placed_at, revision, erased)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $16)
               ON CONFLICT (id) DO UPDATE SET client = excluded.client, email = excluded.email,
                   status = excluded.status, link_rotation = excluded.link_rotation, revision = excluded.revision,
                   erased = excluded.erased
               WHERE client_order.revision < excluded.revision),
           linked AS (
               INSERT INTO client_link (digest, order_id, gallery_id, rotation) VALUES ($13, $1, $2, $10)
               ON CONFLICT DO NOTHING)
           INSERT INTO order_line (order_id, gallery_id, photo_id, position, filename)
           SELECT $1, $2, line.photo_id, line.position, line.filename
           FROM unnest($14::uuid[], $15::text[]) WITH ORDINALITY AS line (photo_id, filename, position)
           ON CONFLICT DO NOTHING""",
        order.id,
        order.gallery_id,
        order.studio_id,
        order.number,
        json.dumps(client),
        client["email"].lower(),
        order.status,
        order.total.amount,
        order.total.currency,
        order.link_rotation,
        order.placed_at,
        order.revision,
        link_digest,
        [line.photo_id for line in order.lines],
        [line.filename for line in order.lines],
        order.client.erased,
    )


async def note(tx: Tx, event: OrderEvent) -> None:
    """Write the event into the order's timeline."""
    if what := WHAT.get(type(event)):
        await tx.execute(
            "INSERT INTO timeline (order_id, at, what, message_id, gallery_id) VALUES ($1, $2, $3, $4, $5)",
            event.order.id,
            event.occurred_at,
            what,
            event.message_id,
            event.order.gallery_id,
        )


async def put_entitlements(tx: Tx, event: EntitlementsGranted | EntitlementsRevoked | OrderReady) -> None:
    """Grant or revoke, all at once; an older revision changes nothing."""
    await tx.execute(
        """INSERT INTO entitlement (order_id, transfer_id, photo_id, gallery_id, granted, revision)
           SELECT g.order_id, g.transfer_id, g.photo_id, $4, $5, $6
           FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS g (order_id, transfer_id, photo_id)
           ORDER BY g.order_id, g.transfer_id
           ON CONFLICT (order_id, transfer_id) DO UPDATE SET granted = excluded.granted,
               photo_id = excluded.photo_id, revision = excluded.revision
           WHERE entitlement.revision < excluded.revision""",
        [grant.order_id for grant in event.grants],
        [grant.transfer_id for grant in event.grants],
        [grant.photo_id for grant in event.grants],
        event.gallery_id,
        not isinstance(event, EntitlementsRevoked),
        event.revision,
    )


async def put_readiness(tx: Tx, event: OrderReady | OrderNotReady) -> None:
    """Whether an order is ready; an older revision changes nothing but the timeline."""
    ready = isinstance(event, OrderReady)
    await tx.execute(
        """INSERT INTO readiness (order_id, gallery_id, ready, revision) VALUES ($1, $2, $3, $4)
           ON CONFLICT (order_id) DO UPDATE SET ready = excluded.ready, revision = excluded.revision
           WHERE readiness.revision < excluded.revision""",
        event.order_id,
        event.gallery_id,
        ready,
        event.revision,
    )
    if isinstance(event, OrderReady):
        await put_entitlements(tx, event)  # nobody may see it ready and find nothing to download
        await tx.execute(
            "INSERT INTO timeline (order_id, at, what, message_id, gallery_id) VALUES ($1, $2, 'ready', $3, $4)",
            event.order_id,
            event.occurred_at,
            event.message_id,
            event.gallery_id,
        )


async def put_notification(tx: Tx, event: NotificationEvent) -> None:
    """How an order's mail is doing; an older revision changes nothing but the timeline."""
    mail = event.notification
    sent_at = mail.changed_at if mail.state is MailState.SENT else None
    await tx.execute(
        """INSERT INTO notification (order_id, gallery_id, state, sent_at, error, revision)
           VALUES ($1, $2, $3, $4, CASE WHEN $5::text IS NOT NULL AND NOT erased($1) THEN $5 END, $6)
           ON CONFLICT (order_id) DO UPDATE SET state = excluded.state, error = excluded.error,
               revision = excluded.revision
           WHERE notification.revision < excluded.revision""",
        mail.order_id,
        mail.gallery_id,
        mail.state,
        sent_at,
        mail.error,
        mail.revision,
    )
    if sent_at:
        await tx.execute(
            """WITH latest AS (UPDATE notification SET sent_at = greatest(sent_at, $2) WHERE order_id = $1)
               INSERT INTO timeline (order_id, at, what, message_id, gallery_id) VALUES ($1, $2, 'notified', $3, $4)""",
            mail.order_id,
            sent_at,
            event.message_id,
            mail.gallery_id,
        )
