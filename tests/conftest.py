"""What every test may ask for: a database of its own, a service's schema in it."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count

import pytest

from chassis.db import Database
from deploy.local.ports import keep_to
from tests.infra import Servers

_names = (f"test_{number}" for number in count(1))

keep_to(
    int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")),
    of=int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")),
)

OpenDatabase = Callable[[str], Awaitable[Database]]


@pytest.fixture
async def database_url(servers: Servers) -> AsyncIterator[str]:
    """An empty database of the test's own."""
    name = next(_names)
    yield await servers.postgres.create_database(name)
    await servers.postgres.drop_database(name)


@pytest.fixture
async def open_database(database_url: str) -> AsyncIterator[OpenDatabase]:
    """Open a service's migrated schema in the test's database: `await open_database("orders")`."""
    opened: list[Database] = []

    async def open_(service: str) -> Database:
        opened.append(await Database.open(database_url, service))
        return opened[-1]

    yield open_
    for database in opened:
        await database.close()


@pytest.fixture(scope="session")
async def rabbitmq_url(servers: Servers) -> str:
    """A virtual host for this run."""
    return await servers.rabbitmq.add_vhost("tests")
