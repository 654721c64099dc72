from contextlib import suppress
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from deploy.local.servers import LocalError, Postgres
from tests.deploy.processes import listens_beyond_its_address, processes_of, program
from tests.waiting import eventually


async def ask(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_it_serves_utf8_on_loopback_only_and_leaves_nothing(tmp_path: Path) -> None:
    async with Postgres(tmp_path / "postgres", durable=False) as postgres:
        assert program(postgres.pid) == "postgres"
        assert await ask(postgres.url, "SHOW server_encoding") == "UTF8"
        assert await ask(postgres.url, "SELECT lower('ŻÓŁĆ')") == "żółć"
        assert not listens_beyond_its_address(postgres.port)

    assert processes_of(tmp_path) == []


async def test_it_is_durable_unless_told_otherwise(tmp_path: Path) -> None:
    async with Postgres(tmp_path / "durable") as postgres:
        assert await ask(postgres.url, "SHOW fsync") == "on"
        assert await ask(postgres.url, "SHOW synchronous_commit") == "on"

    async with Postgres(tmp_path / "fast", durable=False) as postgres:
        assert await ask(postgres.url, "SHOW fsync") == "off"


async def test_after_a_crash_everything_committed_is_there_at_the_same_address(tmp_path: Path) -> None:
    async with Postgres(tmp_path / "postgres") as postgres:
        url = postgres.url
        await ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
        await postgres.kill()
        await eventually(partial(starts, postgres))

        assert await ask(url, "SELECT answer FROM kept") == 42


async def starts(postgres: Postgres) -> bool:
    """As the supervisor tries: backends of the killed server may need a moment to notice and end."""
    with suppress(LocalError):
        await postgres.start()
        return True
    return False


async def test_it_stops_while_somebody_is_connected(tmp_path: Path) -> None:
    async with Postgres(tmp_path / "postgres", durable=False) as postgres:
        connection = await asyncpg.connect(postgres.url)

    assert await postgres.wait() == 0
    connection.terminate()


async def test_databases_are_copied_and_dropped(tmp_path: Path) -> None:
    async with Postgres(tmp_path / "postgres", durable=False) as postgres:
        template = await postgres.create_database("template")
        await ask(template, "CREATE TABLE kept AS SELECT 42 AS answer")
        copy = await postgres.create_database("copy", template="template")
        assert await ask(copy, "SELECT answer FROM kept") == 42

        await postgres.drop_database("copy")
        with pytest.raises(asyncpg.InvalidCatalogNameError):
            await ask(copy, "SELECT 1")


async def test_a_wrong_password_is_refused(tmp_path: Path) -> None:
    async with Postgres(tmp_path / "postgres", durable=False) as postgres:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(postgres.url, password="guess")


async def test_a_failed_start_shows_why(tmp_path: Path) -> None:
    async with Postgres(tmp_path / "postgres", durable=False) as running:
        other = Postgres(tmp_path / "other", port=running.port, durable=False)
        with pytest.raises(LocalError, match="Address already in use"):
            await other.start()
