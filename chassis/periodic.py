"""Work that comes round."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import asyncpg
import structlog
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError

from chassis.retries import BROKEN

LOST = (*BROKEN, asyncpg.PostgresError, AMQPError, ChannelInvalidStateError)

log = structlog.get_logger()


async def for_ever(
    what: str, work: Callable[[], Awaitable[None]], *, every: float, sooner: asyncio.Event | None = None
) -> None:
    """Do `work` now, again `every` so many seconds, and whenever `sooner` is set, until cancelled.

    Without the database or the broker it waits for its turn.
    """
    asked = sooner or asyncio.Event()
    while True:
        asked.clear()  # before the work: who asks during it gets one more
        try:
            await work()
        except LOST as error:
            log.warning("put off", what=what, error=f"{type(error).__name__}: {error}")
        with suppress(TimeoutError):
            async with asyncio.timeout(every):
                await asked.wait()
