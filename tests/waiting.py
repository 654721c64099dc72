"""Waiting for a condition, never for a time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def eventually(look: Callable[[], Awaitable[T | None]], *, within: float = 15.0, every: float = 0.02) -> T:
    """The first truthy result of `look`. Fails with the last one when none comes `within` seconds."""
    try:
        async with asyncio.timeout(within):
            while True:
                if found := await look():
                    return found
                await asyncio.sleep(every)
    except TimeoutError:
        raise AssertionError(f"still {await look()!r} after {within} s") from None
