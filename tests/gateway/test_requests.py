"""Requests in the database: one answer each, for a month."""

import asyncio
from uuid import UUID

import pytest

from chassis.db import Database
from contracts.base import uuid7
from services.gateway.view import outdated, requests
from services.gateway.view.requests import Claim
from tests.conftest import OpenDatabase


@pytest.fixture
async def db(open_database: OpenDatabase) -> Database:
    return await open_database("gateway")


async def given_request(db: Database, *, days_ago: float = 0, pending: int = 0) -> UUID:
    """A request that was made some time ago."""
    request_id = uuid7()
    async with db.transaction() as tx:
        await requests.add(tx, request_id, Claim("s", None, b"", "order", None), subject="null", pending=pending)
        age = "UPDATE request SET created_at = now() - $2 * interval '1 day' WHERE id = $1"
        await tx.execute(age, request_id, days_ago)
    return request_id


async def test_of_many_answers_at_once_all_callers_get_the_one_that_is_kept(db: Database) -> None:
    request_id = await given_request(db)
    answers = (requests.keep_answer(db, request_id, str(number).encode()) for number in range(20))
    [kept] = set(await asyncio.gather(*answers))
    assert await requests.keep_answer(db, request_id, b"late") == kept


async def test_nothing_is_kept_for_a_request_that_is_gone(db: Database) -> None:
    assert await requests.keep_answer(db, uuid7(), b"late") is None


async def test_a_request_is_forgotten_after_a_month_answered_or_not(db: Database) -> None:
    recent = [await given_request(db, days_ago=29, pending=pending) for pending in (0, 1)]
    for pending in (0, 1):
        await given_request(db, days_ago=31, pending=pending)
    await outdated.forget(db)
    assert [row["id"] for row in await db.pool.fetch("SELECT id FROM request ORDER BY id")] == recent


async def test_the_bodies_of_webhooks_are_forgotten_after_90_days_and_repeats_still_known(db: Database) -> None:
    await db.pool.execute(
        """INSERT INTO webhook (studio_id, provider, event_id, type, body, received_at) VALUES
           (gen_random_uuid(), 'standard', 'new', '', 'new', now() - interval '89 days'),
           (gen_random_uuid(), 'standard', 'old', '', 'old', now() - interval '91 days')"""
    )
    await outdated.forget(db)
    rows = await db.pool.fetch("SELECT event_id, body FROM webhook ORDER BY event_id")
    assert [tuple(row) for row in rows] == [("new", b"new"), ("old", b"")]


async def test_wrong_tries_are_forgotten_a_day_after_the_last(db: Database) -> None:
    await db.pool.execute(
        """INSERT INTO wrong_try (subject, count, last_at) VALUES
           ('account:new@example.com', 40, now() - interval '23 hours'),
           ('account:old@example.com', 40, now() - interval '25 hours')"""
    )
    await outdated.forget(db)
    assert await db.pool.fetchval("SELECT array_agg(subject) FROM wrong_try") == ["account:new@example.com"]
