"""Work that comes round."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import structlog

from chassis.retries import BROKEN

log = structlog.get_logger()


async def for_ever(what: str, work: Callable[[], Awaitable[None]], *, every: float) -> None:
    """Do `work` now and again `every` so many seconds, until cancelled. Without the database it waits for its turn."""
    while True:
        try:
            await work()
        except (*BROKEN, asyncpg.PostgresError) as error:
            log.warning("put off", what=what, error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(every)
