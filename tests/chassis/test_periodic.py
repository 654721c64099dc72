"""Work that comes round, whatever happens."""

import asyncio

import asyncpg
import pytest
from aio_pika.exceptions import AMQPConnectionError, ChannelInvalidStateError

from chassis.periodic import for_ever


@pytest.mark.parametrize("error", [asyncpg.InternalServerError, AMQPConnectionError, ChannelInvalidStateError, OSError])
async def test_work_that_has_lost_its_servers_is_put_off_to_its_next_turn(error: type[Exception]) -> None:
    turns = 0
    done = asyncio.Event()

    async def work() -> None:
        nonlocal turns
        turns += 1
        if turns == 1:
            raise error("gone")
        done.set()

    working = asyncio.create_task(for_ever("test", work, every=0.01))
    async with asyncio.timeout(5):
        await done.wait()
    working.cancel()


async def test_work_that_is_asked_for_while_it_is_done_is_done_once_more() -> None:
    turns = 0
    asked, done = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        nonlocal turns
        turns += 1
        asked.set() if turns == 1 else done.set()

    working = asyncio.create_task(for_ever("test", work, every=600, sooner=asked))
    async with asyncio.timeout(5):
        await done.wait()
    working.cancel()


async def test_a_mistake_in_the_work_is_not_hidden() -> None:
    async def work() -> None:
        raise LookupError("a mistake")

    with pytest.raises(LookupError):
        await for_ever("test", work, every=600)
