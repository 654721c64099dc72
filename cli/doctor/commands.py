"""The command `photoferry doctor`."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated

import aiohttp
import typer
from aio_pika.exceptions import AMQPError
from aiohttp import ClientTimeout
from rich.console import Console
from rich.text import Text
from urllib3.exceptions import HTTPError

from chassis.db import LOST
from chassis.object_errors import StoreUnreachable
from chassis.objects import ObjectStore
from cli.doctor import broker, database, settings
from cli.doctor.findings import Finding, State, broken, fine, short
from cli.doctor.settings import Settings
from cli.errors import Exit
from services.notifier.app import mail_server
from services.notifier.settings import NotifierSettings
from services.notifier.smtp import ServerDown

WITHIN = 10
"""Seconds for each check."""
MEND = "restart it, or mend PHOTOFERRY_{}"
FRONT = "clients cannot open their links: look at the gateway and what is before it"
SIGNS = {State.FINE: ("✓", "green"), State.LOOK: ("!", "yellow"), State.BROKEN: ("✗", "red")}
out = Console()


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Machine-readable")] = False) -> None:
    """Look at everything that can be wrong, with the settings of the services, and say what to do.

    Nothing is changed. Ends with 1 when something is broken.
    """
    found = asyncio.run(_look(quiet=as_json))
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found]))
    if any(each.state is State.BROKEN for each in found):
        raise typer.Exit(Exit.FAILED)


async def _look(*, quiet: bool) -> list[Finding]:
    found = []
    async for finding in look_at_all():
        found.append(finding)
        if not quiet:
            _say(finding)
    return found


async def look_at_all() -> AsyncIterator[Finding]:
    """Everything that is found, settings first. All is looked at together."""
    read, found = settings.read()
    checks = [asyncio.create_task(_all(*check)) for check in _checks(read)]
    for finding in found:
        yield finding
    for check in checks:
        for finding in await check:
            yield finding


def _checks(read: Settings) -> list[tuple[str, str, AsyncIterator[Finding]]]:
    """What can be looked at with the settings that could be read, each with its name and what to do without it."""
    checks: list[tuple[str, str, AsyncIterator[Finding]]] = []
    if common := read.gateway or read.transfers or read.notifier:
        secret = read.gateway.secret.get_secret_value() if read.gateway else None
        checks += [
            ("PostgreSQL", MEND.format("DATABASE_URL"), database.check(common.database_url.get_secret_value(), secret)),
            ("RabbitMQ", MEND.format("RABBITMQ_URL"), broker.check(common.rabbitmq_url.get_secret_value())),
        ]
    if store := read.gateway or read.transfers:
        checks.append(("the object store", MEND.format("S3_URL"), _store(store.s3_url.get_secret_value())))
    if read.notifier:
        checks.append(("the mail server", MEND.format("SMTP_URL"), _mail_server(read.notifier)))
    if read.gateway:
        checks.append((read.gateway.public_url, FRONT, _front(read.gateway.public_url)))
    return checks


async def _all(name: str, remedy: str, check: AsyncIterator[Finding]) -> list[Finding]:
    """What is found in time, and that there was no more time."""
    found = []
    try:
        async with asyncio.timeout(WITHIN):
            async for finding in check:
                found.append(finding)
    except (TimeoutError, AMQPError, *LOST) as error:
        what = f"answers nothing within {WITHIN} s" if isinstance(error, TimeoutError) else short(error)
        found.append(broken(f"{name}: {what}", remedy))
    return found


async def _store(url: str) -> AsyncIterator[Finding]:
    try:
        store = ObjectStore(url, hurried=True)
        await store.reachable()
    except ValueError as error:
        yield broken(short(error), "mend PHOTOFERRY_S3_URL")
    except StoreUnreachable as error:
        yield _unreachable(error)
    else:
        await store.close()
        yield fine("the object store answers, and has the bucket")


def _unreachable(error: StoreUnreachable) -> Finding:
    match error.__cause__:
        case HTTPError() as cause:
            reason = getattr(cause, "reason", None) or cause
            return broken(f"the object store does not answer: {short(reason)}", "start it, or mend PHOTOFERRY_S3_URL")
        case None:
            return broken(short(error), "make the bucket, or mend its name in PHOTOFERRY_S3_URL")
        case _:
            return broken(short(error), "mend key and secret in PHOTOFERRY_S3_URL")


async def _mail_server(settings: NotifierSettings) -> AsyncIterator[Finding]:
    server = mail_server(settings)
    try:
        await server.be_ready()
    except ServerDown as error:
        yield broken(f"the mail server: {short(error)}", "start it, or mend PHOTOFERRY_SMTP_URL; mails wait meanwhile")
        return
    await server.close()
    yield fine("the mail server lets us in")


async def _front(public_url: str) -> AsyncIterator[Finding]:
    try:
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{public_url}/login", timeout=ClientTimeout(WITHIN)) as answer,
        ):
            works = answer.status == 200
            said = f"{public_url} answers {answer.status}"
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        works, said = False, f"{public_url}: {short(error)}"
    yield (fine(said) if works else broken(said, FRONT))


def _say(found: Finding) -> None:
    sign, colour = SIGNS[found.state]
    remedy = f"\n    {found.remedy}" if found.remedy else ""
    out.print(Text.assemble((sign, colour), f" {found.what}{remedy}"), soft_wrap=True)
