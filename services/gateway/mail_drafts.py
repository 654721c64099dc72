"""Mails as clients would get them, to be read before they go."""

from uuid import UUID
from zoneinfo import ZoneInfo

from chassis.links import status_url
from contracts.base import Money
from mails.writing import Facts, Kind, OrderFacts, Words, write
from services.gateway.errors import not_found
from services.gateway.state import Gateway

_FACTS = """
    SELECT o.id, o.gallery_id, o.number, o.amount, o.currency, o.link_rotation,
        o.client ->> 'name' AS client, o.client ->> 'locale' AS locale,
        (SELECT count(*) FROM order_line l WHERE l.order_id = o.id) AS photos,
        g.settings ->> 'name' AS gallery, g.settings ->> 'payment_instructions' AS payment_instructions,
        (g.settings ->> 'keep_until')::timestamptz AS keep_until,
        g.studio ->> 'name' AS studio, g.studio ->> 'email' AS studio_email
    FROM client_order o JOIN gallery g ON g.id = o.gallery_id WHERE o.id = $1"""


async def draft(ours: Gateway, kind: Kind, order_id: UUID) -> Words:
    """The mail of this kind to an order's client, as it would be sent now. Raises `Problem` 404 without the order."""
    row = await ours.db.pool.fetchrow(_FACTS, order_id)
    if row is None:
        raise not_found("order")
    signer = ours.signer
    if kind is Kind.UNPAID:
        url = status_url(signer.public_url, signer.secret, row["gallery_id"], order_id)
    else:
        url = signer.client_url_of(order_id, row["link_rotation"])
    order = OrderFacts(row["number"], row["photos"], Money(amount=row["amount"], currency=row["currency"]), url)
    facts = Facts(
        gallery=row["gallery"],
        studio=row["studio"],
        studio_email=row["studio_email"],
        payment_instructions=row["payment_instructions"],
        client=row["client"],
        orders=(order,),
        keep_until=row["keep_until"] and row["keep_until"].astimezone(ZoneInfo(ours.settings.time_zone)),
    )
    return write(kind, row["locale"], facts)
