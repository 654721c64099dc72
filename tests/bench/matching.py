"""How fast entitlements matches 2,000 finals with 600 orders of 10 photos, all of one gallery: handlers, no broker.

`python -m tests.bench.matching` prints the figures.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from chassis import inbox, outbox
from chassis.db import Database
from contracts.base import Message, uuid7
from deploy.local.servers import Postgres
from tests.entitlements.delivering import deliver
from tests.entitlements.making import paid, proof, uploaded

FINALS = 2_000
ORDERS = 600
LINES = 10
IN_HAND = 3
"""Messages of one queue, as `follow_transfer` has them."""
BARE = 2_000
"""Transactions to take the machine's measure with."""


@dataclass(frozen=True)
class Matching:
    """Seconds; transactions a second; and what part of the bare transactions' rate the matching reaches.

    One gallery's transactions wait for each other, so the nearest limit is the rate of bare ones `in_turn`.
    """

    orders_seconds: float
    finals_seconds: float
    finals_per_second: float
    bare_in_turn_per_second: float
    bare_per_second: float
    share_of_bare_in_turn: float
    share_of_bare: float


async def measure_matching(db: Database) -> Matching:
    """Run it in an empty database of entitlements. Fails when an order is not ready at the end."""
    bare_in_turn = await _bare_per_second(db, 1)
    bare = await _bare_per_second(db, 10)
    gallery = uuid7()
    names = [f"IMG_{number:04}.jpg" for number in range(FINALS)]
    orders = [paid(gallery, *random.sample(names, LINES)) for _ in range(ORDERS)]
    handle = partial(deliver, db)
    await _timed(handle, [proof(gallery, name) for name in names], IN_HAND)
    orders_seconds = await _timed(handle, orders, IN_HAND)
    finals_seconds = await _timed(handle, [uploaded(gallery, name) for name in names], IN_HAND)
    assert await db.pool.fetchval("SELECT count(*) FROM client_order WHERE ready") == ORDERS
    rate = FINALS / finals_seconds
    return Matching(orders_seconds, finals_seconds, rate, bare_in_turn, bare, rate / bare_in_turn, rate / bare)


async def _bare_per_second(db: Database, in_hand: int) -> float:
    return BARE / await _timed(partial(_bare, db), [uploaded(uuid7(), "a.jpg") for _ in range(BARE)], in_hand)


async def _bare(db: Database, message: Message) -> None:
    """Inbox, one effect, outbox: what every handling costs at least."""
    async with inbox.once(db, "bare", message) as tx:
        await tx.execute("INSERT INTO gone (id, gallery_id) VALUES ($1, $2)", message.message_id, message.about_gallery)
        await outbox.emit(tx, message)


async def _timed(handle: Callable[[Message], Awaitable[None]], messages: Sequence[Message], in_hand: int) -> float:
    """Seconds to handle all messages, `in_hand` at a time."""
    rest = iter(messages)

    async def work() -> None:
        for message in rest:
            await handle(message)

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(in_hand)))
    return time.perf_counter() - began


async def main() -> None:
    """Measure on a private PostgreSQL that writes its log to disk, as in production."""
    with TemporaryDirectory() as folder:
        async with Postgres(Path(folder) / "postgres") as postgres:
            db = await Database.open(await postgres.create_database("bench"), "entitlements")
            figures = await measure_matching(db)
            await db.close()
    for name, figure in asdict(figures).items():
        print(f"{name:>24} {figure:10.2f}")


if __name__ == "__main__":
    asyncio.run(main())
