"""Orders in the view, with all that happens to them."""

import json
from collections.abc import Iterable, Sequence
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

_NOTE = """INSERT INTO timeline (order_id, at, what, message_id, gallery_id) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT DO NOTHING"""


def shown_client(client: Client) -> dict[str, Any]:
    """A client as the API shows them; an erased one has no address."""
    return client.model_dump() | ({"email": ""} if client.erased else {})


async def put(tx: Tx, orders: Iterable[tuple[Order, bytes]]) -> None:
    """Insert or renew orders, each with its link's digest; an older revision changes nothing.

    Lines never change; every link is kept.
    """
    await tx.executemany(
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
        [
            (
                order.id,
                order.gallery_id,
                order.studio_id,
                order.number,
                json.dumps(client := shown_client(order.client)),
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
            for order, link_digest in orders
        ],
    )


async def note(tx: Tx, events: Iterable[OrderEvent]) -> None:
    """Write the events into their orders' timelines."""
    await tx.executemany(
        _NOTE,
        [
            (event.order.id, event.occurred_at, what, event.message_id, event.order.gallery_id)
            for event in events
            if (what := WHAT.get(type(event)))
        ],
    )


async def put_entitlements(tx: Tx, events: Iterable[EntitlementsGranted | EntitlementsRevoked | OrderReady]) -> None:
    """Grant or revoke, all at once; an older revision changes nothing."""
    await tx.executemany(
        """INSERT INTO entitlement (order_id, transfer_id, photo_id, gallery_id, granted, revision)
           SELECT g.order_id, g.transfer_id, g.photo_id, $4, $5, $6
           FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS g (order_id, transfer_id, photo_id)
           ORDER BY g.order_id, g.transfer_id
           ON CONFLICT (order_id, transfer_id) DO UPDATE SET granted = excluded.granted,
               photo_id = excluded.photo_id, revision = excluded.revision
           WHERE entitlement.revision < excluded.revision
               -- a final that moves from one photo of an order to another is revoked and granted in one turn
               OR entitlement.revision = excluded.revision AND excluded.granted""",
        [
            (
                [grant.order_id for grant in event.grants],
                [grant.transfer_id for grant in event.grants],
                [grant.photo_id for grant in event.grants],
                event.gallery_id,
                not isinstance(event, EntitlementsRevoked),
                event.revision,
            )
            for event in events
        ],
    )


async def put_readiness(tx: Tx, events: Sequence[OrderReady | OrderNotReady]) -> None:
    """Whether orders are ready; an older revision changes nothing but the timeline."""
    await tx.executemany(
        """INSERT INTO readiness (order_id, gallery_id, ready, revision) VALUES ($1, $2, $3, $4)
           ON CONFLICT (order_id) DO UPDATE SET ready = excluded.ready, revision = excluded.revision
           WHERE readiness.revision < excluded.revision""",
        [(event.order_id, event.gallery_id, isinstance(event, OrderReady), event.revision) for event in events],
    )
    ready = [event for event in events if isinstance(event, OrderReady)]
    await put_entitlements(tx, ready)  # nobody may see it ready and find nothing to download
    await tx.executemany(
        _NOTE, [(event.order_id, event.occurred_at, "ready", event.message_id, event.gallery_id) for event in ready]
    )


async def put_notifications(tx: Tx, events: Sequence[NotificationEvent]) -> None:
    """How orders' mails are doing; an older revision changes nothing but the timeline."""
    await tx.executemany(
        """INSERT INTO notification (order_id, gallery_id, state, sent_at, error, revision, asked_at)
           VALUES ($1, $2, $3, $4, CASE WHEN $5::text IS NOT NULL AND NOT erased($1) THEN $5 END, $6, $7)
           ON CONFLICT (order_id) DO UPDATE SET state = excluded.state, error = excluded.error,
               revision = excluded.revision
           WHERE notification.revision < excluded.revision""",
        [
            (
                mail.order_id,
                mail.gallery_id,
                mail.state,
                mail.changed_at if mail.state is MailState.SENT else None,
                mail.error,
                mail.revision,
                mail.changed_at,  # where nobody has asked for it here, it went by itself
            )
            for mail in (event.notification for event in events)
        ],
    )
    await tx.executemany(
        """WITH latest AS (UPDATE notification SET sent_at = greatest(sent_at, $2) WHERE order_id = $1)
           INSERT INTO timeline (order_id, at, what, message_id, gallery_id) VALUES ($1, $2, 'notified', $3, $4)
           ON CONFLICT DO NOTHING""",
        [
            (mail.order_id, mail.changed_at, event.message_id, mail.gallery_id)
            for event in events
            if (mail := event.notification).state is MailState.SENT
        ],
    )
