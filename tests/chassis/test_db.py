"""Migrations: numbered SQL, under a lock, forward only."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from chassis import db as database
from chassis.db import Database, hold_migrations, migrate
from contracts.topology import SERVICES
from tests.waiting import eventually

MIGRATIONS = database._migrations


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


async def test_a_copy_of_the_same_release_starts_while_a_backup_holds_the_schema_as_it_is(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(database_url, "orders")
    async with connected(database_url) as holding:
        await hold_migrations(holding, "orders")
        await asyncio.wait_for(migrate(database_url, "orders"), timeout=10)
        monkeypatch.setattr(database, "_migrations", with_one_more)
        newer = asyncio.create_task(migrate(database_url, "orders"))
        await eventually(lambda: waits_for_a_lock(holding))
    await newer


async def test_a_migration_that_meets_a_long_reader_gives_up_before_everybody_waits_behind_it(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(database_url, "orders")
    monkeypatch.setattr(database, "_migrations", with_one_more)
    async with connected(database_url) as reading, reading.transaction():
        await reading.fetch("SELECT FROM orders.inbox")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await migrate(database_url, "orders")
    await migrate(database_url, "orders")


async def test_a_second_role_works_while_the_first_ones_password_is_changed(database_url: str) -> None:
    await migrate(database_url, "orders")
    name = f"second_{uuid4().hex}"
    async with connected(database_url) as owner:
        first = await owner.fetchval("SELECT current_user")
        await owner.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'new' IN ROLE {first}")
        await owner.execute(f"ALTER ROLE {name} SET role = {first}")

    db = await Database.open(as_role(database_url, name), "orders")
    assert await db.pool.fetchval("SELECT session_user || ' as ' || current_user") == f"{name} as {first}"
    await db.close()


async def test_a_service_starts_with_a_role_that_has_its_schema_and_nothing_else(database_url: str) -> None:
    name = f"orders_{uuid4().hex}"
    async with connected(database_url) as owner:
        await owner.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'new'")
        await owner.execute(f"CREATE SCHEMA orders AUTHORIZATION {name}")

    db = await Database.open(as_role(database_url, name), "orders")
    assert await db.pool.fetchval("SELECT count(*) FROM outbox") == 0
    await db.close()


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
    takes_away = re.compile(
        r"\bDROP (?!INDEX|NOT NULL|CONSTRAINT \w+_check\d*\b)|\bRENAME\b|\bSET (NOT NULL|DATA TYPE)"
    )
    assert [name for name, sql in database._migrations(service) if takes_away.search(re.sub("--.*", "", sql))] == []


def with_one_more(service: str) -> list[tuple[str, str]]:
    """The migrations of the next release."""
    return [*MIGRATIONS(service), ("services.orders/9999_later.sql", "ALTER TABLE inbox ADD COLUMN later int")]


async def waits_for_a_lock(connection: asyncpg.Connection) -> bool:
    return bool(await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"))


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


def as_role(url: str, name: str) -> str:
    return urlsplit(url)._replace(netloc=f"{name}:new@{urlsplit(url).netloc.rpartition('@')[2]}").geturl()
