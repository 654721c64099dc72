"""`photoferry dead`: what no service could handle, for operators. Talks to RabbitMQ, not to the API."""

import asyncio
import json
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

import aio_pika
import typer
from pydantic import SecretStr, ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from chassis.dead import looking
from chassis.dead_again import Dealt, Wanted, send_back
from chassis.dead_again import drop as drop_all
from chassis.dead_message import DeadMessage
from chassis.settings import ServiceSettings
from cli.errors import Exit, Failure
from contracts.topology import SERVICES

T = TypeVar("T")
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
Unmasked = Annotated[bool, typer.Option("--unmasked", help="With people's data in it")]
out = Console()


@app.command("list")
def list_dead(
    rabbitmq_url: RabbitMQ, as_json: Annotated[bool, typer.Option("--json")] = False, unmasked: Unmasked = False
) -> None:
    """List dead messages of all services with their errors."""
    rows = _run(_look(rabbitmq_url, unmasked=unmasked))
    if as_json:
        typer.echo(json.dumps(rows))
        return
    table = Table("message", "queue", "topic", "attempts", "error")
    for row in rows:
        table.add_row(*map(Text, (row["message_id"], row["queue"], row["topic"], str(row["attempts"]), row["error"])))
    out.print(table if rows else "No dead messages.")


@app.command()
def show(message_id: str, rabbitmq_url: RabbitMQ, unmasked: Unmasked = False) -> None:
    """Show every copy of a dead message whole: error, where it was raised, payload."""
    found = _run(_look(rabbitmq_url, message_id, unmasked=unmasked))
    _check_found({message_id}, {row["message_id"] for row in found})
    typer.echo(json.dumps(found, indent=2, ensure_ascii=False))


@app.command()
def retry(message_ids: Ids, rabbitmq_url: RabbitMQ) -> None:
    """Send dead messages back to their queues; what was handled meanwhile is skipped by the inbox."""
    _report("Sent back", message_ids, _run(send_back(rabbitmq_url, _of(message_ids))))


@app.command()
def drop(message_ids: Ids, rabbitmq_url: RabbitMQ) -> None:
    """Delete dead messages for good."""
    _report("Dropped", message_ids, _run(drop_all(rabbitmq_url, _of(message_ids))))


async def _look(url: str, message_id: str | None = None, *, unmasked: bool) -> list[dict[str, Any]]:
    found = []
    async with looking(url) as look:
        for service in SERVICES:
            async for raw in look.at(service):
                message = DeadMessage(raw)
                if message_id in (None, message.message_id):
                    found.append(message.shown(unmasked=unmasked))
    return found


def _of(message_ids: list[str]) -> Wanted:
    """Every copy of these messages."""
    return lambda message: message.message_id in message_ids


def _report(deed: str, wanted: list[str], dealt: Dealt) -> None:
    out.print(f"{deed}: {dealt.done}")
    if dealt.left:
        problem = f"Left: {dealt.left}. Run the command again; what no queue is known of can only be dropped."
        raise Failure(problem, Exit.SOME_FAILED)
    _check_found(set(wanted), {message.message_id for message in dealt.messages})


def _check_found(wanted: set[str], found: set[str]) -> None:
    if missing := wanted - found:
        names = ", ".join(sorted(missing))
        raise Failure(f"No such dead message: {names}; see 'photoferry dead list'.", Exit.REFUSED)


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except (OSError, TimeoutError, aio_pika.exceptions.AMQPError) as error:
        problem = f"RabbitMQ cannot be reached: {error or type(error).__name__}"
        raise Failure(problem, Exit.UNREACHABLE) from None
