"""The bus: FastStream's broker, and all of RabbitMQ's topology in one place (rule 5).

exchange photoferry (topic) ──▶ <service>.<handler>: a quorum queue each
exchange photoferry.retry.<seconds> ──▶ a delay queue ──(time is up)──▶ back to the handler's own queue
<service>.dead ◀── what cannot be handled, with the error in its headers
"""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar, get_args, get_origin

import aio_pika
from aio_pika.abc import AbstractChannel, ExchangeType
from faststream import AckPolicy
from faststream.rabbit import Channel, RabbitBroker, RabbitMessage, RabbitQueue, RabbitRouter
from faststream.rabbit.schemas.queue import QueueType
from pydantic import ValidationError

from chassis import tracing
from chassis.telemetry import will_handle
from chassis.together import Together
from contracts.base import Message
from contracts.topology import IN_ORDER, MESSAGES, QUEUES, SERVICES

EXCHANGE = "photoferry"
RETRY_DELAYS = (1, 10, 60, 600)
"""Seconds."""

_QUORUM: dict[str, Any] = {"x-queue-type": "quorum"}
_KEPT: dict[str, Any] = {**_QUORUM, "x-delivery-limit": 1_000_000}  # looking at a dead message gives it back each time
_LOSSLESS: dict[str, Any] = {**_QUORUM, "x-overflow": "reject-publish", "x-dead-letter-strategy": "at-least-once"}


def dead_queue(service: str) -> str:
    """Where messages end that `service` cannot handle."""
    return f"{service}.dead"


def retry_exchange(seconds: int) -> str:
    """Where to publish, under a queue's name, what that queue shall get again after `seconds`."""
    return f"{EXCHANGE}.retry.{seconds}s"


Handler = TypeVar("Handler", bound=Callable[..., Awaitable[None]])


class Handlers(RabbitRouter):
    """A service's handlers, and what they are given beside the message, by the names of their parameters.

    FastStream's own injection resolves each parameter in a worker thread, for every message: a quarter of a light
    handler's CPU.
    """

    def __init__(self) -> None:
        super().__init__()
        self.provided: dict[str, Any] = {}
        self.wanted: set[str] = set()
        self.work: dict[str, Callable[[Sequence[Any]], Awaitable[None]]] = {}
        """What handles messages of a queue (by its name) that are at hand, in their order."""

    def check_provided(self) -> None:
        """Raises `LookupError` naming the parameters that nothing was provided for."""
        if missing := self.wanted - self.provided.keys():
            raise LookupError(f"nothing is provided for {', '.join(sorted(missing))}")


def subscriber(handlers: Handlers, name: str, *, prefetch: int = 16) -> Callable[[Handler], Handler]:
    """Subscribe a handler to the queue `name` of `contracts.topology`, with at most `prefetch` messages in hand.

    The handler itself stays a plain function of its message, or of a `Sequence` of all that are at hand, and of what it
    is given.
    """
    subscribe = handlers.subscriber(
        RabbitQueue(name, queue_type=QueueType.QUORUM, declare=False),
        channel=Channel(prefetch_count=prefetch),
        ack_policy=AckPolicy.MANUAL,
        no_reply=True,
        title=name,
    )

    will_handle(name)

    def register(handler: Handler) -> Handler:
        subscribe(_of_message_alone(handler, name, handlers))
        return handler

    return register


def _of_message_alone(handler: Handler, name: str, handlers: Handlers) -> Callable[[Any], Awaitable[None]]:
    message, *given = inspect.signature(handler, eval_str=True).parameters.values()
    handlers.wanted.update(parameter.name for parameter in given)
    kind = message.annotation

    async def handle(delivered: Any) -> None:
        await handler(delivered, *(handlers.provided[parameter.name] for parameter in given))

    work: Callable[[Any], Awaitable[None]] = handle
    handlers.work[name] = _each(handle)
    if get_origin(kind) is Sequence:
        handlers.work[name] = handle
        (kind,), work = get_args(kind), _in_own_trace(Together(handle))

    async def deliver(delivered: Any) -> None:
        await work(delivered)

    deliver.__name__, deliver.__doc__ = handler.__name__, handler.__doc__
    deliver.__annotations__ = {"delivered": kind, "return": None}
    return deliver


def _each(handle: Callable[[Any], Awaitable[None]]) -> Callable[[Sequence[Any]], Awaitable[None]]:
    async def handle_each(messages: Sequence[Any]) -> None:
        for message in messages:
            await handle(message)

    return handle_each


def _in_own_trace(handle: Callable[[Message], Awaitable[None]]) -> Callable[[Message], Awaitable[None]]:
    """What comes of a message that is handled together with others stays in its trace."""

    async def in_own_trace(message: Message) -> None:
        with tracing.keeping(message.message_id):
            await handle(message)

    return in_own_trace


class Unreadable(Exception):
    """A delivery that is no message of ours: trying again will not help."""


class Unknown(Unreadable):
    """A message with a type or a value that nobody knows here: a copy of a newer release may, a little later."""


GROWN = {"enum", "literal_error"}
"""Kinds of pydantic's errors that a newer release's additions make."""


async def decode(message: RabbitMessage) -> Message:
    """What was delivered. Raises `Unreadable`."""
    return read(message.raw_message.type, message.body)


def read(topic: str | None, body: bytes) -> Message:
    """The message whose class the AMQP type (`topic`) names, from JSON. Raises `Unreadable`."""
    if topic not in MESSAGES:
        raise (Unknown if topic else Unreadable)(f"nobody here knows messages of type {topic or ''!r}")
    try:
        return MESSAGES[topic].model_validate_json(body)
    except ValidationError as error:
        problems = error.errors(include_input=False)  # the input itself may be somebody's data
        kind = Unknown if {problem["type"] for problem in problems} <= GROWN else Unreadable
        raise kind("; ".join(f"{'.'.join(map(str, it['loc']))}: {it['msg']}" for it in problems)) from None


def make_broker(
    url: str, handlers: Handlers, middlewares: tuple[Any, ...] = (), *, stop_within: float = 30.0
) -> RabbitBroker:
    """A broker that decodes our messages. It logs nothing by itself; `stop_within` (seconds) ends long handlers."""
    return RabbitBroker(
        url,
        routers=[handlers],
        middlewares=middlewares,
        decoder=decode,
        apply_types=False,
        graceful_timeout=stop_within,
        reconnect_interval=1,
        logger=None,
        specification_url="amqp://rabbitmq",  # the real one carries the password
    )


async def declare_topology(url: str) -> None:
    """Declare every exchange, queue and binding of the system; harmless to repeat."""
    connection = await aio_pika.connect(url, timeout=10)
    async with connection, connection.channel() as channel:
        await channel.declare_exchange(EXCHANGE, ExchangeType.TOPIC, durable=True)
        for service in SERVICES:
            await channel.declare_queue(dead_queue(service), durable=True, arguments=_KEPT)
        for seconds in RETRY_DELAYS:
            await _declare_delay(channel, seconds)
        for name, messages in QUEUES.items():
            await _declare_handler(channel, name, messages)


async def check_consumers(url: str, service: str) -> None:
    """Raises `RuntimeError` naming the queues of `service` that nobody consumes."""
    connection = await aio_pika.connect(url, timeout=5)  # not a robust one: that answers from its cache
    async with connection, connection.channel() as channel:
        names = [name for name in QUEUES if name.startswith(f"{service}.")]
        queues = [await channel.declare_queue(name, passive=True) for name in names]
        idle = [queue.name for queue in queues if not queue.declaration_result.consumer_count]
    if idle:
        raise RuntimeError(f"nobody consumes {', '.join(idle)}")


async def _declare_delay(channel: AbstractChannel, seconds: int) -> None:
    exchange = await channel.declare_exchange(retry_exchange(seconds), ExchangeType.FANOUT, durable=True)
    queue = await channel.declare_queue(
        retry_exchange(seconds),
        durable=True,
        arguments={**_LOSSLESS, "x-message-ttl": seconds * 1000, "x-dead-letter-exchange": ""},
    )
    await queue.bind(exchange)


async def _declare_handler(channel: AbstractChannel, name: str, messages: tuple[type[Message], ...]) -> None:
    service = name.split(".")[0]
    arguments = {
        **_LOSSLESS,
        "x-delivery-limit": 20,  # RabbitMQ 4's default, said aloud for 3.x: a crash loop ends in the dead queue
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": dead_queue(service),
        "x-single-active-consumer": name in IN_ORDER,
    }
    queue = await channel.declare_queue(name, durable=True, arguments=arguments)
    for message in messages:
        await queue.bind(EXCHANGE, routing_key=message.topic)
