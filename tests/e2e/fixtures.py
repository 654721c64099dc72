"""A whole Photoferry: five service processes and real servers, once for the run."""

from collections.abc import AsyncIterator

import aio_pika
import aiohttp
import asyncpg
import pytest

from chassis.bus import RETRY_DELAYS, dead_queue, retry_exchange
from chassis.dead import looking
from chassis.dead_message import DeadMessage
from contracts.topology import QUEUES, SERVICES
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

    rabbitmq = stack.servers.rabbitmq
    assert rabbitmq is not None

    def still_going(lengths: dict[str, int]) -> bool:
        return lengths != before and dead(lengths) == before

    async def settled() -> list[dict[str, int]]:
        if still_going(await waiting(rabbitmq.url)):
            return []
        now = filled(await rabbitmq.queue_lengths())  # takes a second, but also counts what is in hand
        return [] if still_going(now) else [now]

    before = dead(await waiting(rabbitmq.url))
    yield
    (left,) = await eventually(settled, within=90, every=0.2)  # the delay after a failure that follows another
    assert dead(left) == before


async def waiting(url: str) -> dict[str, int]:
    """How many messages wait in each queue that has any."""
    names = [*QUEUES, *map(dead_queue, SERVICES), *map(retry_exchange, RETRY_DELAYS)]
    connection = await aio_pika.connect(url)  # not a robust one: that answers from its cache
    async with connection, connection.channel() as channel:
        found = [(await channel.declare_queue(name, passive=True)).declaration_result for name in names]
    return filled({name: each.message_count or 0 for name, each in zip(names, found, strict=True)})


async def why_dead(url: str) -> list[str]:
    """Of each dead message, what it is and what it died of."""
    async with looking(url) as look:
        found = [DeadMessage(raw).shown() for service in SERVICES async for raw in look.at(service)]
    return [f"{it['topic']} at {it['queue']}: {it['error']} {it['traceback']}" for it in found]


def filled(lengths: dict[str, int]) -> dict[str, int]:
    """Of the queues with anything in them."""
    return {name: length for name, length in lengths.items() if length}


def dead(lengths: dict[str, int]) -> dict[str, int]:
    """Of the dead queues."""
    return {name: length for name, length in lengths.items() if name.endswith(".dead")}
