"""`photoferry dead`: what no service could handle, for operators. Talks to RabbitMQ, not to the API."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any

import aio_pika
import typer
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from pydantic import SecretStr, ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from chassis import tracing
from chassis.dead import dead_messages
from chassis.retries import HEADER_ATTEMPT, HEADER_ERROR, HEADER_QUEUE, HEADER_TRACE
from chassis.settings import ServiceSettings
from cli.errors import Exit, Failure
from contracts.topology import SERVICES

app = typer.Typer(help="Messages that no service could handle.", no_args_is_help=True)


class _Broker(ServiceSettings):
    """A service's settings, as far as RabbitMQ: so that a container's own command line knows what its service does."""

    database_url: SecretStr = SecretStr("")


def _rabbitmq_url() -> str:
    try:
        return _Broker().rabbitmq_url.get_secret_value()
    except ValidationError:
        raise typer.BadParameter("set PHOTOFERRY_RABBITMQ_URL, or give --rabbitmq-url") from None


RabbitMQ = Annotated[
    str, typer.Option(default_factory=_rabbitmq_url, help="amqp://user:password@host:port/vhost, as services are told")
]
Ids = Annotated[list[str], typer.Argument(help="Message ids, as 'dead list' shows them")]
out = Console()


@app.command("list")
def list_dead(rabbitmq_url: RabbitMQ, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List dead messages of all services with their errors."""
    rows = asyncio.run(_look(rabbitmq_url))
    if as_json:
        typer.echo(json.dumps(rows))
        return
    table = Table("message", "queue", "topic", "attempts", "error")
    for row in rows:
        table.add_row(*map(Text, (row["message_id"], row["queue"], row["topic"], str(row["attempts"]), row["error"])))
    out.print(table if rows else "No dead messages.")


@app.command()
def show(message_id: str, rabbitmq_url: RabbitMQ) -> None:
    """Show every copy of a dead message whole: error, where it was raised, payload."""
    found = [row for row in asyncio.run(_look(rabbitmq_url)) if row["message_id"] == message_id]
    _check_found({message_id}, found)
    typer.echo(json.dumps(found, indent=2, ensure_ascii=False))


@app.command()
def retry(message_ids: Ids, rabbitmq_url: RabbitMQ) -> None:
    """Send dead messages back to their queues; what was handled meanwhile is skipped by the inbox."""
    _report("Sent back", message_ids, asyncio.run(_take(rabbitmq_url, set(message_ids), _send_back)))


@app.command()
def drop(message_ids: Ids, rabbitmq_url: RabbitMQ) -> None:
    """Delete dead messages for good."""
    _report("Dropped", message_ids, asyncio.run(_take(rabbitmq_url, set(message_ids), _forget)))


Row = dict[str, Any]
Deed = Callable[[AbstractChannel, AbstractIncomingMessage], Awaitable[None]]


async def _look(url: str) -> list[Row]:
    async with _channel(url) as channel:
        return [_row(message) async for message in _dead(channel)]


async def _take(url: str, wanted: set[str], deed: Deed) -> list[Row]:
    """Do something to every copy of the wanted messages, take it out of its dead queue, and return what was done."""
    async with _channel(url) as channel:
        all_dead = [message async for message in _dead(channel)]  # first, or what dies again at once is taken again
        copies = [message for message in all_dead if _id(message) in wanted]
        for message in copies:
            await deed(channel, message)
            await message.ack()
    return [_row(message) for message in copies]


def _report(deed: str, wanted: list[str], done: list[Row]) -> None:
    out.print(f"{deed}: {len(done)}")
    _check_found(set(wanted), done)


def _check_found(wanted: set[str], found: list[Row]) -> None:
    if missing := wanted - {row["message_id"] for row in found}:
        names = ", ".join(sorted(missing))
        raise Failure(f"No such dead message: {names}; see 'photoferry dead list'.", Exit.REFUSED)


async def _send_back(channel: AbstractChannel, message: AbstractIncomingMessage) -> None:
    copy = aio_pika.Message(
        message.body,
        type=message.type,
        message_id=message.message_id,
        headers=tracing.passed_on(message.headers),
        content_type=message.content_type,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )
    await channel.default_exchange.publish(copy, _queue(message))


async def _forget(_: AbstractChannel, __: AbstractIncomingMessage) -> None:
    """Nothing more to do than to acknowledge it."""


@asynccontextmanager
async def _channel(url: str) -> AsyncIterator[AbstractChannel]:
    """A channel; what was looked at and not acknowledged goes back when it closes."""
    try:
        connection = await aio_pika.connect(url, timeout=10)
    except (OSError, aio_pika.exceptions.AMQPError) as error:
        raise Failure(f"RabbitMQ cannot be reached: {error}", Exit.UNREACHABLE) from None
    async with connection, connection.channel(on_return_raises=True) as channel:
        yield channel


async def _dead(channel: AbstractChannel) -> AsyncIterator[AbstractIncomingMessage]:
    for service in SERVICES:
        async for message in dead_messages(channel, service):
            yield message


def _row(message: AbstractIncomingMessage) -> Row:
    return {
        "message_id": _id(message),
        "queue": _queue(message),
        "topic": message.type or "",
        "attempts": message.headers.get(HEADER_ATTEMPT, 0),
        "error": str(message.headers.get(HEADER_ERROR, "delivered too often without an answer: its consumer crashed")),
        "traceback": str(message.headers.get(HEADER_TRACE, "")),
        "payload": message.body.decode(errors="replace"),
    }


def _id(message: AbstractIncomingMessage) -> str:
    """Its name, the same in every listing."""
    return message.message_id or f"body-{hashlib.sha256(message.body).hexdigest()[:16]}"


def _queue(message: AbstractIncomingMessage) -> str:
    """The queue that could not handle it: noted by the retry layer, or by RabbitMQ when the consumer crashed."""
    if HEADER_QUEUE in message.headers:
        return str(message.headers[HEADER_QUEUE])
    deaths: Any = message.headers.get("x-death") or [{}]
    return str(deaths[0].get("queue", ""))
