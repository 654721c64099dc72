"""Who would be mailed and who not, before *Notify clients* is pressed."""

from uuid import UUID

from chassis.db import Database

_NAMED = """json_build_object('id', o.id, 'number', o.number,
    'client', json_build_object('name', o.client ->> 'name', 'email', o.client ->> 'email'))"""
_LIST = """CASE
    WHEN o.status = 'placed' THEN 'unpaid'
    WHEN n.state IN ('failed', 'unknown') THEN 'failed'
    WHEN n.state IN ('queued', 'sending', 'sent') OR n.sent_at IS NOT NULL THEN 'already_emailed'
    WHEN r.ready THEN 'will_email'
    ELSE 'waiting' END"""
_SHOWN = """CASE list
    WHEN 'waiting' THEN json_build_object('order', named, 'missing', (
        SELECT coalesce(json_agg(l.filename ORDER BY l.position), '[]') FROM order_line l
        WHERE l.order_id = listed.id AND NOT EXISTS (
            SELECT FROM entitlement e WHERE e.order_id = l.order_id AND e.photo_id = l.photo_id AND e.granted)))
    WHEN 'failed' THEN json_build_object(
        'id', named -> 'id', 'number', named -> 'number', 'client', named -> 'client', 'state', state, 'error', error)
    ELSE named END"""
_LISTS = ("will_email", "already_emailed", "unpaid", "waiting", "failed")
_MEMBERS = ", ".join(
    f"'{name}', coalesce(json_agg(shown ORDER BY number) FILTER (WHERE list = '{name}'), '[]')" for name in _LISTS
)
_PREVIEW = f"""
    SELECT convert_to(json_build_object({_MEMBERS})::text, 'UTF8')
    FROM (SELECT list, number, {_SHOWN} AS shown
          FROM (SELECT o.id, o.number, n.state, n.error, {_LIST} AS list, {_NAMED} AS named
                FROM client_order o LEFT JOIN readiness r ON r.order_id = o.id
                LEFT JOIN notification n ON n.order_id = o.id
                WHERE o.gallery_id = $1 AND o.status IN ('placed', 'paid')) AS listed) AS lists"""


async def preview(db: Database, gallery_id: UUID) -> bytes:
    """Every placed or paid order of a gallery in one of five lists, as JSON.

    Who waits in the queue or is being mailed just now counts as mailed already: pressing again mails nobody twice.
    """
    body: bytes = await db.pool.fetchval(_PREVIEW, gallery_id)
    return body
