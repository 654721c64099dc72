"""The command `photoferry doctor`."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated

import aiohttp
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from chassis.object_errors import StoreUnreachable
from chassis.objects import ObjectStore
from cli.doctor import broker, database, settings
from cli.doctor.findings import Finding, State, broken, fine, first_line
from cli.doctor.settings import Settings
from cli.errors import Exit
from services.notifier.app import mail_server
from services.notifier.settings import NotifierSettings
from services.notifier.smtp import ServerDown

SIGNS = {State.FINE: ("✓", "green"), State.LOOK: ("!", "yellow"), State.BROKEN: ("✗", "red")}
out = Console()


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Machine-readable")] = False) -> None:
    """Look at everything that can be wrong, with the settings of the services, and say what to do.

    Nothing is changed. Ends with 1 when something is broken.
    """
    found = asyncio.run(look_at_all())
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found]))
    else:
        out.print(_table(found))
    if any(each.state is State.BROKEN for each in found):
        raise typer.Exit(Exit.FAILED)


async def look_at_all() -> list[Finding]:
    """Everything that was found, settings first."""
    read, found = settings.read()
    checks = await asyncio.gather(*map(_all, _checks(read)))
    return [*found, *(each for check in checks for each in check)]


def _checks(read: Settings) -> list[AsyncIterator[Finding]]:
    """What can be looked at with the settings that could be read."""
    checks: list[AsyncIterator[Finding]] = []
    if common := read.gateway or read.transfers or read.notifier:
        checks += [
            database.check(common.database_url.get_secret_value()),
            broker.check(common.rabbitmq_url.get_secret_value()),
        ]
    if store := read.gateway or read.transfers:
        checks.append(_store(store.s3_url.get_secret_value()))
    if read.notifier:
        checks.append(_mail_server(read.notifier))
    if read.gateway:
        checks.append(_front(read.gateway.public_url))
    return checks


async def _all(check: AsyncIterator[Finding]) -> list[Finding]:
    return [finding async for finding in check]


async def _store(url: str) -> AsyncIterator[Finding]:
    try:
        store = ObjectStore(url)
        await store.reachable()
    except (StoreUnreachable, ValueError) as error:
        yield broken(f"the object store: {first_line(error)}", "start it, or mend PHOTOFERRY_S3_URL")
        return
    await store.close()
    yield fine("the object store answers, and has the bucket")


async def _mail_server(settings: NotifierSettings) -> AsyncIterator[Finding]:
    server = mail_server(settings)
    try:
        await server.be_ready()
    except ServerDown as error:
        yield broken(f"the mail server: {first_line(error)}", "mend PHOTOFERRY_SMTP_URL; mails wait meanwhile")
        return
    await server.close()
    yield fine("the mail server lets us in")


async def _front(public_url: str) -> AsyncIterator[Finding]:
    try:
        async with aiohttp.ClientSession() as http, http.get(f"{public_url}/login", timeout=_WITHIN) as answer:
            works = answer.status == 200
            said = f"{public_url} answers {answer.status}"
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        works, said = False, f"{public_url}: {first_line(error)}"
    yield (
        fine(said)
        if works
        else broken(said, "clients cannot open their links: look at the gateway and what is before it")
    )


_WITHIN = aiohttp.ClientTimeout(total=10)


def _table(found: list[Finding]) -> Table:
    table = Table("", "what", "what to do", box=None)
    for each in found:
        sign, colour = SIGNS[each.state]
        table.add_row(Text(sign, colour), Text(each.what), Text(each.remedy))
    return table
