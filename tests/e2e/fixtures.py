"""A whole Photoferry: five service processes and real servers, once for the run."""

from collections.abc import AsyncIterator

import aiohttp
import asyncpg
import pytest

from deploy.local.config import Config
from deploy.local.ports import free_port
from deploy.local.supervisor import Supervisor
from tests.e2e.people import Photographer, World
from tests.waiting import eventually


@pytest.fixture(scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Supervisor]:
    """Every service and server, as `make up` starts them."""
    config = Config(
        port=free_port(), mail_port=free_port(), data=tmp_path_factory.mktemp("stack"), rate_limits="off", durable=False
    )
    async with Supervisor(config) as running:
        yield running


@pytest.fixture
async def world(stack: Supervisor) -> AsyncIterator[World]:
    """The stack as people reach it."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        assert stack.servers.mail is not None
        yield World(stack.url, stack.servers.mail.web_url, http)


@pytest.fixture
async def photographer(world: World) -> Photographer:
    """A studio that has just signed up."""
    return await Photographer.sign_up(world)


@pytest.fixture
async def database(stack: Supervisor) -> AsyncIterator[asyncpg.Connection]:
    """All services' schemas, as only a test sees them."""
    assert stack.servers.postgres is not None
    connection = await asyncpg.connect(stack.servers.postgres.url)
    yield connection
    await connection.close()


@pytest.fixture
async def nothing_undelivered(stack: Supervisor) -> AsyncIterator[None]:
    """Once things have settled, every queue is empty: nothing waits for another try, and nobody found a message dead.

    But for what other tests have let die.
    """

    async def left() -> dict[str, int]:
        assert stack.servers.rabbitmq is not None
        return {name: length for name, length in (await stack.servers.rabbitmq.queue_lengths()).items() if length}

    def dead(lengths: dict[str, int]) -> dict[str, int]:
        return {name: length for name, length in lengths.items() if name.endswith(".dead")}

    async def settled() -> bool:
        now = await left()
        return now == before or dead(now) != before

    before = dead(await left())
    yield
    await eventually(settled, within=90, every=0.5)  # as long as the delay after a failure that follows another
    assert dead(await left()) == before
