"""All SQL about checkouts."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from operator import itemgetter
from uuid import UUID

from asyncpg import Record

from chassis.db import Database, Tx, one_row
from contracts.base import Money
from services.gateway.payments.providers import Checkout, CheckoutState, Notice, Started

GOOD_FOR = timedelta(hours=12)
"""How long after its start a checkout is still shown to its client; providers keep their pages for longer."""
FIRST_LOOK = timedelta(minutes=10)
LOOK_AGAIN = timedelta(minutes=2)
"""Doubled with every look."""
LOOK_AT_LEAST = timedelta(hours=12)
LOOK_FOR = timedelta(days=15)
"""A bank transfer through a provider may take two weeks."""
SETTLED = (CheckoutState.PAID, CheckoutState.FAILED, CheckoutState.EXPIRED)
"""What a provider says last; nobody has to ask any more."""
_RISING = list(CheckoutState)


async def open_or_new(tx: Tx, new: Checkout) -> Checkout:
    """The order's open checkout at the same provider, while it is good; otherwise the `new` one, which is kept."""
    await tx.execute(
        """UPDATE checkout SET state = 'expired' WHERE order_id = $1 AND state IN ('starting', 'open')
           AND (started_at < now() - $3::interval OR provider <> $2)""",
        new.order_id,
        new.provider,
        GOOD_FOR,
    )
    found = tx.fetchrow(
        """INSERT INTO checkout (id, order_id, gallery_id, studio_id, provider, amount, currency, state, started_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, 'starting', $8)
           ON CONFLICT (order_id) WHERE state IN ('starting', 'open') DO UPDATE SET looks = checkout.looks
           RETURNING *""",
        new.id,
        new.order_id,
        new.gallery_id,
        new.studio_id,
        new.provider,
        new.money.amount,
        new.money.currency,
        new.started_at,
    )
    return _checkout(await one_row(found))


async def one(db: Database, checkout_id: UUID) -> Checkout | None:
    """A checkout."""
    row = await db.pool.fetchrow("SELECT * FROM checkout WHERE id = $1", checkout_id)
    return _checkout(row) if row else None


async def under_way(db: Database, studio_id: UUID) -> dict[str, int]:
    """How many of the studio's clients may be paying now, or have paid and wait for the bank, by provider."""
    rows = await db.pool.fetch(
        """SELECT provider, count(*) FROM checkout
           WHERE studio_id = $1 AND next_look_at IS NOT NULL AND state IN ('open', 'waiting') GROUP BY provider""",
        studio_id,
    )
    return {row["provider"]: row["count"] for row in rows}


async def opened(db: Database, checkout_id: UUID, started: Started) -> None:
    """The provider has a page for it: from now on it may be paid, and is looked after."""
    await db.pool.execute(
        """UPDATE checkout SET external_id = $2, url = $3, next_look_at = now() + $4::interval,
               state = CASE state WHEN 'starting' THEN 'open' ELSE state END
           WHERE id = $1""",
        checkout_id,
        started.external_id,
        started.url,
        FIRST_LOOK,
    )


async def give_up(db: Database, checkout_id: UUID) -> None:
    """There will be no page for it."""
    await db.pool.execute("UPDATE checkout SET state = 'expired' WHERE id = $1 AND state = 'starting'", checkout_id)


async def hear(tx: Tx, told: Iterable[tuple[UUID, str, Notice]]) -> None:
    """Raise checkouts' states to what providers told studios of them; see `CheckoutState`."""
    about = [
        (
            notice.checkout_id,
            studio_id,
            provider,
            notice.state,
            _RISING,
            notice.state in SETTLED,
            notice.look_now,
            *((notice.payment_id, held.amount, held.currency) if (held := notice.held) else (None, None, None)),
        )
        for studio_id, provider, notice in told
        if notice.checkout_id
    ]
    if not about:
        return
    await tx.executemany(
        """UPDATE checkout SET
               state = CASE WHEN array_position($5::text[], $4::text) > array_position($5::text[], state)
                            THEN $4 ELSE state END,
               looks = CASE WHEN $7 THEN 0 ELSE looks END,
               next_look_at = CASE WHEN state = 'paid' OR $6 THEN NULL WHEN $7 THEN now() ELSE next_look_at END,
               payment_id = coalesce($8, payment_id), paid = coalesce($9, paid), paid_in = coalesce($10, paid_in)
           WHERE id = $1 AND studio_id = $2 AND provider = $3""",
        sorted(about, key=itemgetter(0)),
    )


async def to_look_at(db: Database, most: int, providers: Collection[str]) -> list[Checkout]:
    """Checkouts whose provider is to be asked now. Whoever gets one has it for `LOOK_AGAIN`, then it is due again."""
    rows = await db.pool.fetch(
        """UPDATE checkout SET looks = looks + 1,
               next_look_at = now() + least($3::interval * 2 ^ least(looks, 20), $4::interval)
           WHERE id IN (SELECT id FROM checkout WHERE next_look_at <= now() AND provider = ANY($2)
                        ORDER BY next_look_at LIMIT $1 FOR UPDATE SKIP LOCKED)
           RETURNING *""",
        most,
        list(providers),
        LOOK_AGAIN,
        LOOK_AT_LEAST,
    )
    return [_checkout(row) for row in rows]


async def end(tx: Tx, checkouts: Iterable[UUID]) -> list[Record]:
    """Ask no more about those of these that nothing was heard of for `LOOK_FOR`; their clients may pay anew.

    Returns what providers still hold of them: `studio_id`, `provider`, `payment_id`, `paid`, `paid_in`.
    """
    ended = await tx.fetch(
        """UPDATE checkout SET next_look_at = NULL, state = CASE state WHEN 'waiting' THEN 'expired' ELSE state END
           WHERE id IN (SELECT id FROM checkout WHERE id = ANY($1) AND next_look_at IS NOT NULL
                          AND started_at < now() - $2::interval ORDER BY id FOR UPDATE)
           RETURNING studio_id, provider, payment_id, paid, paid_in""",
        list(checkouts),
        LOOK_FOR,
    )
    return [row for row in ended if row["payment_id"]]


def _checkout(row: Record) -> Checkout:
    return Checkout(
        id=row["id"],
        order_id=row["order_id"],
        gallery_id=row["gallery_id"],
        studio_id=row["studio_id"],
        provider=row["provider"],
        external_id=row["external_id"],
        url=row["url"],
        money=Money(amount=row["amount"], currency=row["currency"]),
        state=CheckoutState(row["state"]),
        started_at=row["started_at"],
    )
