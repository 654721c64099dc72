"""Migrations: numbered SQL, under a lock, forward only."""

import asyncio
import re

import pytest

from chassis import db as database
from chassis.db import Database, migrate
from contracts.topology import SERVICES


@pytest.mark.parametrize("service", SERVICES)
async def test_migrations_apply_to_an_empty_database_once(database_url: str, service: str) -> None:
    await migrate(database_url, service)
    await migrate(database_url, service)

    db = await Database.open(database_url, service)
    names = [row["name"] for row in await db.pool.fetch("SELECT name FROM migration ORDER BY applied_at, name")]
    await db.close()
    assert len(names) == len(set(names)) >= 2


async def test_copies_that_start_at_the_same_moment_migrate_once(database_url: str) -> None:
    await asyncio.gather(*(migrate(database_url, "orders") for _ in range(5)))


async def test_services_keep_to_their_own_schema(database_url: str) -> None:
    await migrate(database_url, "orders")
    db = await Database.open(database_url, "entitlements")
    tables = {
        row["schemaname"] for row in await db.pool.fetch("SELECT schemaname FROM pg_tables WHERE tablename = 'inbox'")
    }
    assert tables == {"orders", "entitlements"}
    assert await db.pool.fetchval("SELECT current_schema()") == "entitlements"
    await db.close()


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_only_add_so_that_copies_of_the_release_before_go_on(service: str) -> None:
    takes_away = re.compile(r"\bDROP (?!INDEX|NOT NULL|CONSTRAINT \w+_check\b)|\bRENAME\b|\bSET (NOT NULL|DATA TYPE)")
    assert [name for name, sql in database._migrations(service) if takes_away.search(re.sub("--.*", "", sql))] == []
