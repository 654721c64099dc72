"""Messages that are at hand together are handled together: one transaction for all of them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context, copy_context
from typing import Generic, TypeVar

import structlog

M = TypeVar("M")

log = structlog.get_logger()


class Together(Generic[M]):
    """Makes of a function that handles many messages one that handles one.

    The first is handled at once; those that come meanwhile are handled together after it. When they fail, each is
    handled alone, so that none suffers from another's fault. They are handled in the context of the first of them.
    """

    def __init__(self, handle: Callable[[Sequence[M]], Awaitable[None]]) -> None:
        self._handle = handle
        self._waiting: list[tuple[M, asyncio.Future[bool], Context]] = []
        self._work: asyncio.Task[None] | None = None

    async def __call__(self, message: M) -> None:
        """Returns when `message` is handled. Raises what it alone raises."""
        is_handled = asyncio.get_running_loop().create_future()
        self._waiting.append((message, is_handled, copy_context()))
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._handle_waiting())
        if not await is_handled:
            await self._handle([message])

    async def _handle_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            messages, context = [message for message, _, _ in batch], batch[0][2]
            error = await asyncio.create_task(self._failure(messages), context=context)
            for _, is_handled, _ in batch:
                if is_handled.done():  # its delivery was given up
                    continue
                if error is not None and len(batch) == 1:
                    is_handled.set_exception(error)
                else:
                    is_handled.set_result(error is None)

    async def _failure(self, messages: Sequence[M]) -> Exception | None:
        try:
            await self._handle(messages)
        except Exception as error:
            if len(messages) > 1:
                log.warning("handled one by one", count=len(messages), error=f"{type(error).__name__}: {error}")
            return error
        return None
