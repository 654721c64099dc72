"""After the tables were rebuilt: what others have been told, by the log, and what is to be told for it to be true."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from asyncpg import Record

from chassis import outbox
from chassis.db import Tx
from chassis.rebuilding import Rebuilt
from contracts.base import Cause, caused_by, uuid7
from contracts.entitlements import (
    EntitlementsGranted,
    EntitlementsRevoked,
    Grant,
    OrderNotReady,
    OrderReady,
    TransferMatched,
)
from services.entitlements import matching
from services.entitlements.matching import Changes
from services.entitlements.store import SUGGESTIONS
from services.entitlements.turn import Turn

TABLES = (
    Rebuilt("client_order"),
    Rebuilt("order_line"),
    Rebuilt("photo"),
    Rebuilt("final"),
    Rebuilt("confirmed_match"),
    Rebuilt("gone"),
    Rebuilt("entitlement", gallery="(SELECT o.gallery_id FROM {schema}.client_order o WHERE o.id = {row}.order_id)"),
)
"""All that entitlements knows; those first that others refer to."""

# Of two messages the higher revision is the newer; of two in one revision, the one that grants.
_RIGHTS = """
    WITH told AS (
        SELECT DISTINCT ON (g.order_id, g.transfer_id) g.*, o.gallery_id, o.topic <> $2 AS granted
        FROM outbox o CROSS JOIN LATERAL json_to_recordset(o.payload -> 'grants')
            AS g (order_id uuid, photo_id uuid, transfer_id uuid)
        WHERE o.topic = ANY($1)
        ORDER BY g.order_id, g.transfer_id, (o.payload ->> 'revision')::bigint DESC, o.topic = $2),
    present AS (
        SELECT e.*, c.gallery_id FROM entitlement e JOIN client_order c ON c.id = e.order_id)
    SELECT coalesce(p.gallery_id, t.gallery_id) AS gallery_id, p IS NOT NULL AS granted,
        coalesce(p.order_id, t.order_id) AS order_id, coalesce(p.photo_id, t.photo_id) AS photo_id,
        coalesce(p.transfer_id, t.transfer_id) AS transfer_id
    FROM present p FULL JOIN told t ON t.order_id = p.order_id AND t.transfer_id = p.transfer_id
    WHERE (p IS NOT NULL) <> coalesce(t.granted, false) OR p.photo_id <> t.photo_id"""

_READINESS = """
    WITH told AS (
        SELECT DISTINCT ON (order_id) (payload ->> 'order_id')::uuid AS order_id, gallery_id, topic = $1 AS ready
        FROM outbox WHERE topic IN ($1, $2)
        ORDER BY order_id, (payload ->> 'revision')::bigint DESC)
    SELECT coalesce(c.gallery_id, t.gallery_id) AS gallery_id, coalesce(c.id, t.order_id) AS order_id,
        coalesce(c.ready, false) AS ready
    FROM client_order c FULL JOIN told t ON t.order_id = c.id
    WHERE coalesce(c.ready, false) <> coalesce(t.ready, false)"""

_MATCHES = """
    WITH told AS (
        SELECT DISTINCT ON (transfer_id) (payload ->> 'transfer_id')::uuid AS transfer_id,
            (payload ->> 'photo_id')::uuid AS photo_id, (payload ->> 'by_hand')::boolean AS by_hand,
            (payload -> 'suggestions')::jsonb AS suggestions
        FROM outbox WHERE topic = $1
        ORDER BY transfer_id, (payload ->> 'revision')::bigint DESC)
    SELECT f.* FROM final f LEFT JOIN told t ON t.transfer_id = f.id
    WHERE t.transfer_id IS NULL
        OR (f.photo_id, f.by_hand, f.suggestions) IS DISTINCT FROM (t.photo_id, t.by_hand, t.suggestions)"""


async def tell_the_rest(tx: Tx) -> int:
    """Tell what the tables say and the newest messages do not; returns how many messages that took.

    Nobody may handle messages meanwhile. Reads the whole log.
    """
    topics = [kind.topic for kind in (EntitlementsGranted, EntitlementsRevoked, OrderReady)]
    rights = await tx.fetch(_RIGHTS, topics, EntitlementsRevoked.topic)
    readiness = await tx.fetch(_READINESS, OrderReady.topic, OrderNotReady.topic)
    matches = await tx.fetch(_MATCHES, TransferMatched.topic)
    changes = _by_gallery(rights, readiness)
    finals = _grouped(matches)
    told = 0
    with caused_by(Cause(uuid7())):
        for gallery_id in sorted(changes.keys() | finals.keys()):
            turn = Turn(tx, gallery_id, await matching.lock_gallery(tx, gallery_id))
            for final in finals[gallery_id]:
                suggestions = SUGGESTIONS.validate_json(final["suggestions"])
                turn.tell_match(final["id"], final["photo_id"], final["by_hand"], suggestions)
            await turn.tell(changes[gallery_id])
            await outbox.emit(tx, *turn.events)
            told += len(turn.events)
    return told


def _by_gallery(rights: Iterable[Record], readiness: Iterable[Record]) -> defaultdict[UUID, Changes]:
    changes: defaultdict[UUID, Changes] = defaultdict(Changes)
    for row in rights:
        of_gallery = changes[row["gallery_id"]]
        grant = Grant(order_id=row["order_id"], photo_id=row["photo_id"], transfer_id=row["transfer_id"])
        (of_gallery.granted if row["granted"] else of_gallery.revoked).append(grant)
    for row in readiness:
        of_gallery = changes[row["gallery_id"]]
        (of_gallery.ready if row["ready"] else of_gallery.not_ready).append(row["order_id"])
    return changes


def _grouped(finals: Iterable[Record]) -> defaultdict[UUID, list[Record]]:
    grouped: defaultdict[UUID, list[Record]] = defaultdict(list)
    for final in finals:
        grouped[final["gallery_id"]].append(final)
    return grouped
