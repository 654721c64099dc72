"""A failing message neither vanishes nor spins (rule 5)."""

import asyncio
import traceback
from typing import Any, Literal

import asyncpg
import structlog
from aio_pika.abc import AbstractIncomingMessage
from faststream import BaseMiddleware
from faststream._internal.context import ContextRepo
from faststream.message import StreamMessage

from chassis import tracing
from chassis.bus import RETRY_DELAYS, Unknown, Unreadable, dead_queue, retry_exchange
from chassis.inbox import AlreadyHandled
from chassis.masking import masked_error
from chassis.publisher import Publisher
from chassis.telemetry import RETRIES, WAITED, handling
from contracts.base import utc_now

ATTEMPTS = 6
HAND_BACK_AFTER = 1.0
"""Seconds."""
LONGEST_ERROR = 1_000
"""Characters."""
HEADER_ATTEMPT = "photoferry-attempt"
HEADER_QUEUE = "photoferry-queue"
HEADER_ERROR = "photoferry-error"
HEADER_TRACE = "photoferry-traceback"

log = structlog.get_logger()


class BrokenDependency(Exception):
    """What a handler needs (database, object store, mail server) is down: try again for as long as it takes."""


BROKEN = (
    BrokenDependency,
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.exceptions.OperatorInterventionError,  # shuts down, starts up, recovers
    asyncpg.exceptions.InsufficientResourcesError,  # disk full, too many connections
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the connection broke at the wrong moment
)
FAULTS = (ValueError, FileNotFoundError, PermissionError)
"""Kinds of the above that are mistakes in a message or in the code, like a number that PostgreSQL cannot hold."""


class Retries:
    """Broker middleware: acknowledges what was handled, and sends what failed to a delay queue or the dead queue."""

    def __init__(self, publisher: Publisher) -> None:
        self.publisher = publisher
        self.in_hand: set[object] = set()
        """Deliveries to this process that it has not answered."""

    def __call__(self, message: Any, /, *, context: ContextRepo) -> "_Delivery":
        return _Delivery(message, context=context, retries=self)


class _Delivery(BaseMiddleware[Any, Any]):
    def __init__(self, message: Any, /, *, context: ContextRepo, retries: Retries) -> None:
        super().__init__(message, context=context)
        self.retries = retries
        self.publisher = retries.publisher

    async def consume_scope(self, call_next: Any, msg: StreamMessage[Any]) -> None:
        self.retries.in_hand.add(self)
        try:
            await self._handle(call_next, msg)
        finally:
            self.retries.in_hand.discard(self)

    async def _handle(self, call_next: Any, msg: StreamMessage[Any]) -> None:
        queue = self.context.get_local("handler_").queue.name
        if attempts_of(msg.raw_message):
            RETRIES.labels(queue).inc()
        elif published_at := msg.raw_message.timestamp:
            WAITED.labels(queue).observe((utc_now() - published_at).total_seconds())
        with handling(queue) as outcome:
            try:
                await call_next(msg)
                outcome.is_("handled")
            except AlreadyHandled:
                outcome.is_("repeated")
            except Exception as error:
                tracing.failed(error)
                try:
                    outcome.is_(await self._send_on(queue, msg.raw_message, error))
                except Exception as worse:
                    await self._hand_back(msg, worse)
                    return
            await msg.ack()

    async def _hand_back(self, msg: StreamMessage[Any], error: Exception) -> None:
        """RabbitMQ does not take the message for its delay: back to the head of its queue, and no faster than this."""
        log.error("message handed back", message_id=msg.message_id, error=describe(error))
        await asyncio.sleep(HAND_BACK_AFTER)
        await msg.raw_message.nack(requeue=True)

    async def _send_on(self, queue: str, raw: AbstractIncomingMessage, error: Exception) -> Literal["failed", "dead"]:
        attempt = attempts_of(raw) + 1
        delay = next_delay(error, attempt)
        headers = {HEADER_ATTEMPT: attempt, HEADER_QUEUE: queue, HEADER_ERROR: describe(error)}
        log.warning(
            "message failed",
            queue=queue,
            topic=raw.type,
            message_id=raw.message_id,
            attempt=attempt,
            retry_in=delay,
            error=masked_error(describe(error), raw.type, raw.body, cut_at=LONGEST_ERROR),
        )
        if delay is None:
            headers[HEADER_TRACE] = "".join(traceback.format_tb(error.__traceback__))[-4_000:]
            await self.publisher.publish_again("", dead_queue(queue.split(".")[0]), raw, headers)
            return "dead"
        await self.publisher.publish_again(retry_exchange(delay), queue, raw, headers)
        return "failed"


def attempts_of(message: AbstractIncomingMessage) -> int:
    """How often a message has failed so far."""
    attempt = message.headers.get(HEADER_ATTEMPT, 0)
    return attempt if isinstance(attempt, int) else 0


def next_delay(error: Exception, attempt: int) -> int | None:
    """Seconds to wait before the next try, or None: the message is dead. `attempt` counts from 1."""
    is_broken = isinstance(error, BROKEN) and not isinstance(error, FAULTS)
    is_hopeless = isinstance(error, Unreadable) and not isinstance(error, Unknown)
    if is_hopeless or (attempt >= ATTEMPTS and not is_broken):
        return None
    return RETRY_DELAYS[min(attempt, len(RETRY_DELAYS)) - 1]


def describe(error: Exception) -> str:
    """An error in a few words, of which its type is the first."""
    return f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
