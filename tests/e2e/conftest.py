"""A whole Photoferry: five service processes and real servers, once for the run."""

from collections.abc import AsyncIterator

import aiohttp
import asyncpg
import pytest

from deploy.local.config import Config
from deploy.local.ports import free_port
from deploy.local.supervisor import Supervisor
from tests.e2e.people import Photographer, World


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
