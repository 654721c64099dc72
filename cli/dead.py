"""`photoferry dead`: what no service could handle, for operators. Talks to RabbitMQ, not to the API."""

import asyncio
import json
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

import aio_pika
import typer

from chassis.dead import looking
from chassis.dead_again import Dealt, Wanted, send_back
from chassis.dead_again import drop as drop_all
from chassis.dead_message import DeadMessage
from cli.errors import Exit, Failure
from cli.servers import RabbitMQUrl
from contracts.topology import QUEUES, SERVICES

T = TypeVar("T")
app = typer.Typer(help="Messages that no service could handle.", no_args_is_help=True)


Id = Annotated[str, typer.Argument(help="A message's id, as 'dead list' shows it; one of its JSON, too")]
Ids = Annotated[
    list[str] | None, typer.Argument(help="Messages' ids, as 'dead list' shows them; those of its JSON, too")
]
All = Annotated[bool, typer.Option("--all", help="Every dead message")]
Queue = Annotated[str | None, typer.Option(help="All that are dead of this queue")]
Unmasked = Annotated[bool, typer.Option("--unmasked", help="With people's data in it")]


@app.command("list")
def list_dead(
    rabbitmq_url: RabbitMQUrl, as_json: Annotated[bool, typer.Option("--json")] = False, unmasked: Unmasked = False
) -> None:
    """List dead messages of all services with their errors."""
    rows = _run(_look(rabbitmq_url, unmasked=unmasked))
    if as_json:
        typer.echo(json.dumps(rows))
        return
    for row in rows:
        typer.echo(
            f"{row['message_id']}  {row['queue'] or 'unknown queue'}  {row['topic']}  attempts: {row['attempts']}"
        )
        typer.echo(f"    {row['error']}")
    if not rows:
        typer.echo("No dead messages.")


@app.command()
def show(message_id: Id, rabbitmq_url: RabbitMQUrl, unmasked: Unmasked = False) -> None:
    """Show every copy of a dead message whole: error, where it was raised, payload."""
    found = _run(_look(rabbitmq_url, _wanted([message_id]), unmasked=unmasked))
    _check_found([message_id], found)
    typer.echo(json.dumps(found, indent=2, ensure_ascii=False))


@app.command()
def retry(rabbitmq_url: RabbitMQUrl, ids: Ids = None, queue: Queue = None, every: All = False) -> None:
    """Send dead messages back to their queues; what was handled meanwhile is skipped by the inbox."""
    wanted = _wanted(ids, queue, every)
    _report("Sent back", _run(send_back(rabbitmq_url, wanted)), ids)


@app.command()
def drop(
    rabbitmq_url: RabbitMQUrl,
    ids: Ids = None,
    queue: Queue = None,
    every: All = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False,
) -> None:
    """Delete dead messages for good."""
    found = _run(_look(rabbitmq_url, _wanted(ids, queue, every)))
    _check_found(ids, found)
    if found and not yes:
        typer.confirm(f"Delete {len(found)} of them for good?", abort=True)
    seen = {row["id"] for row in found}
    _report("Dropped", _run(drop_all(rabbitmq_url, lambda message: message.id in seen)))


async def _look(url: str, wanted: Wanted = lambda _: True, *, unmasked: bool = False) -> list[dict[str, Any]]:
    found = []
    async with looking(url) as look:
        for service in SERVICES:
            async for raw in look.at(service):
                if wanted(message := DeadMessage(raw)):
                    found.append(message.shown(unmasked=unmasked))
    return found


def _wanted(ids: list[str] | None, queue: str | None = None, every: bool = False) -> Wanted:
    """Every copy of these messages. Raises `Failure` unless exactly one way to name them is used."""
    if sum((bool(ids), bool(queue), every)) != 1:
        raise Failure("Say which: ids of messages, --queue NAME, or --all.")
    if queue and queue not in QUEUES:
        raise Failure(f"No queue is called {queue}; see 'photoferry dead list'.", Exit.REFUSED)
    return lambda message: every or message.queue == queue or not {message.id, message.message_id}.isdisjoint(ids or ())


def _report(deed: str, dealt: Dealt, ids: list[str] | None = None) -> None:
    typer.echo(f"{deed}: {dealt.done}")
    if dealt.left:
        problem = f"Left: {dealt.left}. Run the command again; what no queue is known of can only be dropped."
        raise Failure(problem, Exit.SOME_FAILED)
    _check_found(ids, [{"id": message.id, "message_id": message.message_id} for message in dealt.messages])


def _check_found(ids: list[str] | None, found: list[dict[str, Any]]) -> None:
    if missing := set(ids or ()) - {row[key] for row in found for key in ("id", "message_id")}:
        names = ", ".join(sorted(missing))
        raise Failure(f"No such dead message: {names}; see 'photoferry dead list'.", Exit.REFUSED)


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except (OSError, TimeoutError, aio_pika.exceptions.AMQPError) as error:
        problem = f"RabbitMQ cannot be reached: {error or type(error).__name__}"
        raise Failure(problem, Exit.UNREACHABLE) from None
