"""The two halves of a match, handled at the same moment (rule 4)."""

from asyncio import gather, timeout

from chassis.db import Database
from contracts.base import uuid7
from services.entitlements import matching
from tests.entitlements.delivering import deliver
from tests.entitlements.making import paid, uploaded

ROUNDS = 1_000
AT_ONCE = 5
"""Rounds; two connections each."""


async def test_an_order_paid_while_its_final_is_uploaded_always_gets_it(db: Database) -> None:
    for _ in range(ROUNDS // AT_ONCE):
        await gather(*(_both_halves(db) for _ in range(AT_ONCE)))

    assert await db.pool.fetchval("SELECT count(*) FROM entitlement") == ROUNDS
    assert await db.pool.fetchval("SELECT count(*) FROM client_order WHERE ready") == ROUNDS


async def _both_halves(db: Database) -> None:
    gallery = uuid7()
    await gather(deliver(db, paid(gallery, "IMG_0001.JPG")), deliver(db, uploaded(gallery, "img_0001.jpeg")))


async def test_a_gallery_does_not_wait_for_another(db: Database) -> None:
    async with db.transaction() as tx, timeout(10):
        await matching.lock_gallery(tx, uuid7())
        await deliver(db, paid(uuid7(), "IMG_0001.JPG"))
