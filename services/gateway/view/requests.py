"""Writes under way: from the command's commit to its answer in the view."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from asyncpg import Record

from chassis.db import Database, Tx
from contracts.base import Event, Refused
from contracts.entitlements import EntitlementsGranted, EntitlementsRevoked, OrderNotReady, OrderReady
from contracts.erasure import GalleryErased
from contracts.notifier import NotificationEvent, ReminderEvent
from contracts.transfers import PhotoUploaded, TransferUploaded, UploadRejected

NOBODY_WAITS_FOR = (
    PhotoUploaded,
    TransferUploaded,
    UploadRejected,
    EntitlementsGranted,
    EntitlementsRevoked,
    OrderReady,
    OrderNotReady,
    NotificationEvent,
    ReminderEvent,
    GalleryErased,
)
"""Events that come by the thousand and answer no request: looking for one would be a round trip each."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Who asks for what: the same `key` of the same caller (`scope`) must come with the same `fingerprint`."""

    scope: str
    key: str | None
    fingerprint: bytes
    action: str
    gallery_id: UUID | None


class Refusal(Refused):
    """A refusal of any service, read back."""

    subject_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A write under way. It is answered when nothing is `pending`."""

    id: UUID
    fingerprint: bytes
    action: str
    subject: Any
    """JSON: what the answer is about."""
    pending: int
    refusals: list[Refusal]
    gave_up: bool
    answer: bytes | None
    """What was answered first, sealed."""

    @property
    def answered(self) -> bool:
        """Whether every answer has come."""
        return self.pending <= 0


async def add(tx: Tx, request_id: UUID, claim: Claim, *, subject: str, pending: int) -> bool:
    """Claim the request; False when the caller has used this idempotency key before."""
    added = await tx.execute(
        """INSERT INTO request (id, scope, idempotency_key, fingerprint, action, gallery_id, subject, pending)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (scope, idempotency_key) DO NOTHING""",
        request_id,
        claim.scope,
        claim.key,
        claim.fingerprint,
        claim.action,
        claim.gallery_id,
        subject,
        pending,
    )
    return bool(added == "INSERT 0 1")


async def answer(tx: Tx, events: Iterable[Event]) -> set[UUID]:
    """Note that each event answers the command that caused it. Returns the requests that have their last answer."""
    answers = [
        (event.causation_id, [event.model_dump_json()] if isinstance(event, Refused) else [])
        for event in events
        if event.causation_id and not isinstance(event, NOBODY_WAITS_FOR)
    ]
    if not answers:
        return set()
    rows = await tx.fetchmany(
        """UPDATE request SET pending = pending - 1, refusals = refusals || $2::json[] WHERE id = $1
           RETURNING id, pending""",
        sorted(answers),
    )
    return {row["id"] for row in rows if row["pending"] <= 0}


async def set_subject(tx: Tx, request_id: UUID, subject: str) -> None:
    """What the answer is about, as JSON, once it is known."""
    await tx.execute("UPDATE request SET subject = $2 WHERE id = $1", request_id, subject)


async def unanswered(db: Database) -> list[Record]:
    """`service` and `count` of the writes of the last hour that a service was sent more than a minute ago."""
    return await db.pool.fetch(
        """SELECT split_part(sent.topic, '.', 1) AS service, count(*) AS count
           FROM (SELECT message_id, topic, published_at FROM outbox ORDER BY id DESC LIMIT 10000) AS sent
           JOIN request ON request.id = sent.message_id
           WHERE pending > 0 AND published_at BETWEEN now() - interval '1 hour' AND now() - interval '1 minute'
           GROUP BY service ORDER BY service"""
    )


async def keep_answer(db: Database, request_id: UUID, answer: bytes) -> bytes | None:
    """Keep what a request is answered. Returns what another call has kept before, if any; None of a deleted request."""
    kept: bytes | None = await db.pool.fetchval(
        "UPDATE request SET answer = coalesce(answer, $2) WHERE id = $1 RETURNING answer", request_id, answer
    )
    return kept


async def by_id(tx: Tx, request_id: UUID) -> Request | None:
    """A request."""
    return _request(await tx.fetchrow("SELECT * FROM request WHERE id = $1", request_id))


async def by_key(tx: Tx, scope: str, key: str) -> Request | None:
    """The request that the caller made with this idempotency key."""
    return _request(await tx.fetchrow("SELECT * FROM request WHERE scope = $1 AND idempotency_key = $2", scope, key))


def _request(row: Record | None) -> Request | None:
    if row is None:
        return None
    return Request(
        id=row["id"],
        fingerprint=row["fingerprint"],
        action=row["action"],
        subject=json.loads(row["subject"]),
        pending=row["pending"],
        refusals=[Refusal.model_validate_json(text) for text in row["refusals"]],
        gave_up=row["gave_up"],
        answer=row["answer"],
    )


def done(request_id: UUID, action: str, subject: str) -> Request:
    """A request that is answered from the start."""
    return Request(request_id, b"", action, json.loads(subject), 0, [], False, None)
