"""SQL of the mails: what is to be sent, who sends it, what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from uuid import UUID

from asyncpg import Record

from chassis import tracing
from chassis.db import Tx
from contracts.base import Cause
from contracts.notifier import MailState, SendPasswordReset
from mails.writing import Kind


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail about an order; without `order_id`, one that lists links, to `email`, or one to the photographer.

    Without `gallery_id`, one in `locale` to `email` about the password of who logs in with that; its link is derived
    from `id`.
    """

    id: UUID
    kind: Kind
    gallery_id: UUID | None
    order_id: UUID | None
    attempt: int | None
    email: str | None
    locale: str | None
    expires_at: datetime
    order_ids: tuple[UUID, ...]
    state: MailState
    error: str | None
    tries: int
    first_tried_at: datetime | None
    changed_at: datetime
    revision: int
    correlation_id: UUID
    causation_id: UUID | None
    traceparent: str | None

    @property
    def cause(self) -> Cause:
        """The request that wanted this mail, and the message that made it due, unless that was the time."""
        return Cause(self.correlation_id, self.causation_id)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt to send a mail: `queued` again, to be tried after `retry_in` seconds, or an end."""

    state: MailState
    error: str | None = None
    retry_in: float = 0.0


async def withdraw_not_due(tx: Tx, gallery_id: UUID, order_ids: Iterable[UUID] | None) -> list[Mail]:
    """Take mails out of the queue that are not to be sent any more, of these orders or of the whole locked gallery.

    One that somebody wanted on purpose goes only when its order can never be paid again, or is nobody's any more.
    """
    rows = await tx.fetch(
        """DELETE FROM mail USING client_order o
           WHERE o.id = mail.order_id AND mail.gallery_id = $1 AND ($2::uuid[] IS NULL OR o.id = ANY ($2))
               AND mail.state = 'queued'
               AND CASE WHEN mail.on_purpose THEN o.status IN ('refunded', 'cancelled') OR o.erased
                        ELSE NOT EXISTS (SELECT FROM due_mail d
                                         WHERE d.order_id = o.id AND d.gallery_id = $1 AND d.kind = mail.kind
                                             AND d.attempt = mail.attempt) END
           RETURNING mail.*, nextval('revision') AS withdrawn_as, now() AS withdrawn_at""",
        gallery_id,
        None if order_ids is None else list(order_ids),
    )
    return [
        replace(_mail(row), state=MailState.NONE, revision=row["withdrawn_as"], changed_at=row["withdrawn_at"])
        for row in rows
    ]


async def queue_due(tx: Tx, cause: Cause, gallery_id: UUID, order_ids: Iterable[UUID] | None) -> list[Mail]:
    """Queue the mails that are due, of these orders or of the whole locked gallery. The key keeps each at one."""
    rows = await tx.fetch(
        """INSERT INTO mail (gallery_id, kind, order_id, attempt, order_ids, on_purpose, correlation_id, causation_id,
               traceparent)
           SELECT gallery_id, kind, order_id, attempt, ARRAY[order_id], false, $3, $4, $5
           FROM due_mail WHERE gallery_id = $1 AND ($2::uuid[] IS NULL OR order_id = ANY ($2))
           ON CONFLICT (order_id, kind, attempt) DO NOTHING
           RETURNING *""",
        gallery_id,
        None if order_ids is None else list(order_ids),
        cause.correlation_id,
        cause.message_id,
        tracing.traceparent(),
    )
    return [_mail(row) for row in rows]


async def settle_studio(tx: Tx, cause: Cause, gallery_id: UUID) -> None:
    """Queue what the photographer is to be told of a locked gallery now, and withdraw what is not so any more."""
    await tx.execute(
        """DELETE FROM mail m WHERE gallery_id = $1 AND order_id IS NULL AND attempt IS NOT NULL AND state = 'queued'
           AND NOT EXISTS (
               SELECT FROM due_studio_mail d
               WHERE d.gallery_id = $1 AND d.kind = m.kind AND d.attempt = m.attempt)""",
        gallery_id,
    )
    await tx.execute(
        """INSERT INTO mail (gallery_id, kind, attempt, order_ids, on_purpose, correlation_id, causation_id,
               traceparent)
           SELECT gallery_id, kind, attempt, '{}', false, $2, $3, $4 FROM due_studio_mail WHERE gallery_id = $1
           ON CONFLICT DO NOTHING""",
        gallery_id,
        cause.correlation_id,
        cause.message_id,
        tracing.traceparent(),
    )


async def galleries_with_due(tx: Tx) -> list[UUID]:
    """Galleries with mails that have become due by the time alone: reminders, and what tells of the gallery's end."""
    rows = await tx.fetch(
        """SELECT gallery_id FROM due_mail d WHERE kind <> 'ready' AND NOT EXISTS (
               SELECT FROM mail m WHERE m.order_id = d.order_id AND m.kind = d.kind AND m.attempt = d.attempt)
           UNION
           SELECT gallery_id FROM due_studio_mail d WHERE NOT EXISTS (
               SELECT FROM mail m WHERE m.gallery_id = d.gallery_id AND m.kind = d.kind AND m.attempt = d.attempt)"""
    )
    return [row["gallery_id"] for row in rows]


async def hasten(tx: Tx, cause: Cause, order_id: UUID) -> Mail | None:
    """Make an order's queued notification due now, whatever it was waiting for; None when none is queued."""
    row = await tx.fetchrow(
        """UPDATE mail SET on_purpose = true, due_at = now(), tries = 0, first_tried_at = NULL, error = NULL,
               changed_at = now(), revision = nextval('revision'), correlation_id = $2, causation_id = $3,
               traceparent = $4
           WHERE order_id = $1 AND kind = 'ready' AND state = 'queued' RETURNING *""",
        order_id,
        cause.correlation_id,
        cause.message_id,
        tracing.traceparent(),
    )
    return _mail(row) if row else None


async def queue_again(tx: Tx, cause: Cause, gallery_id: UUID, order_id: UUID) -> Mail | None:
    """Queue one more notification for an order of a locked gallery; None while one is being sent."""
    row = await tx.fetchrow(
        """INSERT INTO mail (gallery_id, kind, order_id, attempt, order_ids, on_purpose, correlation_id, causation_id,
               traceparent)
           SELECT $1, 'ready', $2::uuid, coalesce(max(attempt), 0) + 1, ARRAY[$2::uuid], true, $3, $4, $5
           FROM mail WHERE order_id = $2 AND kind = 'ready' HAVING bool_and(state <> 'sending') IS NOT FALSE
           RETURNING *""",
        gallery_id,
        order_id,
        cause.correlation_id,
        cause.message_id,
        tracing.traceparent(),
    )
    return _mail(row) if row else None


async def queue_links(tx: Tx, cause: Cause, gallery_id: UUID, email: str, order_ids: Iterable[UUID]) -> None:
    """Queue a mail to `email` that lists the personal links of those of these orders whose client is not erased."""
    await tx.execute(
        """INSERT INTO mail (gallery_id, kind, email, order_ids, on_purpose, correlation_id, causation_id, traceparent)
           SELECT $1, 'links', $2, array_agg(one.id), true, $4, $5, $6 FROM unnest($3::uuid[]) AS one (id)
           WHERE NOT EXISTS (SELECT FROM erased_subject e WHERE e.id = one.id) HAVING count(*) > 0""",
        gallery_id,
        email,
        list(set(order_ids)),
        cause.correlation_id,
        cause.message_id,
        tracing.traceparent(),
    )


async def queue_password_reset(tx: Tx, command: SendPasswordReset) -> None:
    """Queue the mail with a reset's link, unless a later one for the address is known; an earlier one is dropped."""
    await tx.execute(
        """WITH ended AS (
               DELETE FROM mail WHERE kind = 'reset' AND email = $2 AND state = 'queued' AND expires_at < $4)
           INSERT INTO mail (id, kind, email, locale, expires_at, order_ids, on_purpose, correlation_id, causation_id,
               traceparent)
           SELECT $1, 'reset', $2, $3, $4, '{}', true, $5, $6, $7
           WHERE NOT EXISTS (SELECT FROM mail WHERE kind = 'reset' AND email = $2 AND expires_at > $4)
           ON CONFLICT (id) DO NOTHING""",
        command.reset_id,
        command.email,
        command.locale,
        command.expires_at,
        command.correlation_id,
        command.message_id,
        tracing.traceparent(),
    )


async def erase(tx: Tx, gallery_id: UUID, order_id: UUID) -> None:
    """Forget the addresses that mails about an order of a locked gallery went to, and what mail servers said of them.

    A mail of links that is still to go goes without this order's.
    """
    await tx.execute("UPDATE mail SET error = NULL WHERE order_id = $1", order_id)
    await tx.execute(
        """DELETE FROM mail WHERE gallery_id = $1 AND kind = 'links' AND $2 = ANY (order_ids)
           AND (state <> 'queued' OR cardinality(order_ids) = 1)""",
        gallery_id,
        order_id,
    )
    await tx.execute(
        """UPDATE mail SET order_ids = array_remove(order_ids, $2)
           WHERE gallery_id = $1 AND kind = 'links' AND $2 = ANY (order_ids)""",
        gallery_id,
        order_id,
    )


async def hold_or_release(tx: Tx, gallery_id: UUID) -> None:
    """Hold those mails of a locked gallery that somebody wants on purpose and that cannot be written yet."""
    await tx.execute(
        """UPDATE mail SET held = wanted.hold FROM wanted_mail wanted
           WHERE wanted.gallery_id = $1 AND wanted.held <> wanted.hold AND mail.id = wanted.id
               AND mail.state = 'queued'""",
        gallery_id,
    )


async def sign_on(session: Tx) -> int:
    """The number of a new sender, which lives as long as the session: its advisory lock shows that."""
    number = int(await session.fetchval("SELECT nextval('sender')"))
    await session.execute("SELECT pg_advisory_lock(hashtext('notifier.sender'), $1)", number)
    return number


async def withdraw_expired(session: Tx) -> list[UUID]:
    """Take mails out of the queue whose links are good for nothing any more."""
    rows = await session.fetch(
        "DELETE FROM mail WHERE kind = 'reset' AND state = 'queued' AND expires_at <= now() RETURNING id"
    )
    return [row["id"] for row in rows]


async def any_due(session: Tx) -> bool:
    """Whether something waits to be sent just now."""
    due = await session.fetchval(
        "SELECT true FROM mail WHERE state = 'queued' AND NOT held AND due_at <= now() AND expires_at > now() LIMIT 1"
    )
    return due is not None


async def longest_wait(tx: Tx) -> float:
    """Seconds since the first of those mails became due that could be sent just now, or 0."""
    waited: float | None = await tx.fetchval(
        """SELECT extract(epoch FROM now() - min(due_at))::float8 FROM mail
           WHERE state = 'queued' AND NOT held AND due_at <= now()"""
    )
    return waited or 0.0


async def count_unsent(tx: Tx) -> dict[MailState, int]:
    """How many mails are in each state but `sent`."""
    rows = await tx.fetch("SELECT state, count(*) FROM mail WHERE state <> 'sent' GROUP BY state")
    return {MailState(row["state"]): row["count"] for row in rows}


async def claim(tx: Tx, sender: int) -> Mail | None:
    """Take the next mail in hand: one that somebody waits for first, then the one that waits longest."""
    row = await tx.fetchrow(
        """UPDATE mail SET state = 'sending', claimed_by = $1, tries = tries + 1, error = NULL, changed_at = now(),
               first_tried_at = coalesce(first_tried_at, now()), revision = nextval('revision')
           WHERE id = (
               SELECT id FROM mail WHERE state = 'queued' AND NOT held AND due_at <= now() AND expires_at > now()
               ORDER BY on_purpose DESC, due_at FOR UPDATE SKIP LOCKED LIMIT 1)
           RETURNING *""",
        sender,
    )
    return _mail(row) if row else None


async def finish(tx: Tx, mail: Mail, sender: int, outcome: Outcome) -> Mail | None:
    """Note what became of the mail in the sender's hand; None when it is not there any more.

    With an error the gallery is locked: it may quote the client's address, and an erasure may be under way.
    """
    row = await tx.fetchrow(
        """UPDATE mail SET state = $3, due_at = now() + $5, changed_at = now(), revision = nextval('revision'),
               error = CASE WHEN NOT EXISTS (SELECT FROM client_order o WHERE o.id = order_id AND erased) THEN $4 END
           WHERE id = $1 AND state = 'sending' AND claimed_by = $2 RETURNING *""",
        mail.id,
        sender,
        outcome.state,
        outcome.error,
        timedelta(seconds=outcome.retry_in),
    )
    return _mail(row) if row else None


async def give_up_orphans(tx: Tx) -> list[Mail]:
    """Mails in the hand of a sender that lives no more may have gone out or not (rule 6)."""
    rows = await tx.fetch(
        """UPDATE mail SET state = 'unknown', changed_at = now(), revision = nextval('revision'),
               error = 'The program was stopped while this mail was being sent.'
           WHERE state = 'sending' AND NOT EXISTS (
               SELECT FROM pg_locks
               WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND objid = mail.claimed_by::oid
                   AND classid::bigint = hashtext('notifier.sender')::bigint & 4294967295
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
           RETURNING *"""
    )
    return [_mail(row) for row in rows]


def _mail(row: Record) -> Mail:
    values = {field.name: row[field.name] for field in fields(Mail)}
    enums = {"kind": Kind(row["kind"]), "state": MailState(row["state"])}
    return Mail(**values | enums | {"order_ids": tuple(row["order_ids"])})
