"""Forgetting the client of an order in all that the gateway keeps: the view, answers, webhooks in and out."""

import json

from chassis import erasure
from chassis.db import Tx
from contracts.orders import Order
from services.gateway.view.orders import shown_client


async def forget_client(tx: Tx, order: Order) -> None:
    """Forget who placed an order, before its row is renewed; as often as it is told. Later news bring nothing back."""
    payments = await tx.fetch("SELECT id FROM payment WHERE order_id = $1", order.id)
    await erasure.erase(tx, order.gallery_id, [order.id, *(row["id"] for row in payments)])
    await tx.execute(
        """WITH mailed AS (
               DELETE FROM link_mail l USING client_order o
               WHERE o.id = $1 AND l.gallery_id = $2 AND l.email = o.email),
           notified AS (UPDATE notification SET error = NULL WHERE order_id = $1),
           reminded AS (UPDATE reminder SET error = NULL WHERE order_id = $1),
           paying AS (UPDATE checkout SET url = NULL WHERE order_id = $1), -- the provider's page may greet its client
           answered AS (
               UPDATE request SET answer = NULL WHERE gallery_id = $2 AND strpos(subject::text, $1::text) > 0),
           told AS (
               UPDATE webhook_delivery SET answer = NULL,
                   body = jsonb_set(body::jsonb, '{data,client}', $4::jsonb)::text,
                   attempts = (SELECT coalesce(jsonb_agg(one || '{"answer": null}' ORDER BY place), '[]')
                               FROM jsonb_array_elements(attempts) WITH ORDINALITY AS tried (one, place))
               WHERE gallery_id = $2 AND body::jsonb #>> '{data,order_id}' = $1::text)
           -- the rows stay: a repeat is known by them
           UPDATE webhook SET body = '' WHERE studio_id = $3 AND body <> '' AND (
               order_id = $1
               OR (provider, payment_id) IN (SELECT provider, payment_id FROM payment p WHERE p.order_id = $1))""",
        order.id,
        order.gallery_id,
        order.studio_id,
        json.dumps({key: value for key, value in shown_client(order.client).items() if key in ("name", "email")}),
    )
