"""`photoferry`: what a photographer does all day, for scripts and terminals."""

import asyncio
import json
import logging
import sys
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table
from rich.text import Text

from cli import dead, operators
from cli.api import Api, Json
from cli.backup import commands as backup_commands
from cli.config import Account
from cli.doctor import commands as doctor_commands
from cli.errors import Exit, Failure
from cli.rebuild import commands as rebuild_commands
from cli.uploading import Source, Upload, files_below, summary
from contracts import money

app = typer.Typer(
    help="Photoferry from the command line.", no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False
)
app.add_typer(dead.app, name="dead")
app.add_typer(operators.app, name="operator")
app.add_typer(rebuild_commands.app, name="rebuild")
app.command()(backup_commands.backup)
app.command()(backup_commands.restore)
app.command()(doctor_commands.doctor)

out, err = Console(), Console(stderr=True)
Gallery = Annotated[str, typer.Argument(help="The gallery's id or name")]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable")]


class Tab(StrEnum):
    """Where files go."""

    PHOTOS = "photos"
    TRANSFERS = "transfers"


def _show_version(wanted: bool) -> None:
    if wanted:
        out.print(version("photoferry"), highlight=False)
        raise typer.Exit


@app.callback()
def photoferry(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Say which version this is")
    ] = False,
) -> None:
    """Photoferry from the command line."""


@app.command()
def login(
    url: str,
    email: Annotated[str, typer.Option(prompt=True)],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, envvar="PHOTOFERRY_PASSWORD")],
) -> None:
    """Log in and keep an API token."""
    account = Account(url=url.rstrip("/"), token=asyncio.run(_new_token(url, email, password)))
    out.print(f"Logged in. The token is kept in {account.keep()}.")


@app.command()
def galleries(as_json: AsJson = False) -> None:
    """List galleries."""
    rows = asyncio.run(_all("/galleries"))
    table = Table("id", "name", "photos", "orders", "unpaid", "ready", "mailed", "public link")
    for row in rows:
        counts = [str(row["counts"][key]) for key in ("photos", "orders", "unpaid", "ready", "mailed")]
        table.add_row(*map(Text, (row["id"], row["name"], *counts, row["public_url"])))
    _show(rows, table, as_json, "No galleries yet.")


@app.command()
def upload(
    gallery: Gallery,
    files: Annotated[list[Path], typer.Argument(exists=True, help="Files, or folders with files")],
    photos: Annotated[bool, typer.Option("--photos", help="Proofs, for clients to choose from")] = False,
    transfers: Annotated[bool, typer.Option("--transfers", help="Finals, for clients to receive")] = False,
    as_json: AsJson = False,
) -> None:
    """Upload files. Run it again after an interruption: what is there already is skipped by checksum."""
    if photos == transfers:
        raise Failure("Say where the files go: --photos or --transfers.", Exit.FAILED)
    try:
        report = asyncio.run(_upload(gallery, Tab.PHOTOS if photos else Tab.TRANSFERS, files_below(files)))
    except KeyboardInterrupt:
        raise Failure("Interrupted. Run the command again: it goes on from there.", Exit.INTERRUPTED) from None
    if as_json:
        typer.echo(json.dumps(report))
    else:
        out.print(
            f"{len(report['stored'])} stored, {len(report['skipped'])} there already, {len(report['failed'])} failed"
        )
    for name, reason in report["failed"].items():
        err.print(f"{name}: {reason}", markup=False)
    if report["failed"]:
        raise typer.Exit(Exit.SOME_FAILED)


@app.command()
def orders(gallery: Gallery, as_json: AsJson = False) -> None:
    """List a gallery's orders."""
    rows = asyncio.run(_of_gallery(gallery, "/orders"))
    table = Table("#", "id", "client", "e-mail", "photos", "total", "status", "ready", "mail")
    for row in rows:
        table.add_row(*map(Text, order_cells(row)))
    _show(rows, table, as_json, "No orders yet. Send clients the public link.")


@app.command("mark-paid")
def mark_paid(
    gallery: Gallery, numbers: Annotated[list[str], typer.Argument(help="Order numbers, like 7 or '#7', or ids")]
) -> None:
    """Mark orders as paid."""
    failed = False
    for item in asyncio.run(_mark_paid(gallery, [number.lstrip("#") for number in numbers])):
        failed |= "error" in item
        (err if "error" in item else out).print(
            f"#{item['number']}: {item.get('error') or item['status']}", markup=False
        )
    if failed:
        raise typer.Exit(Exit.SOME_FAILED)


@app.command()
def notify(gallery: Gallery, yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False) -> None:
    """Mail each client whose order is paid and ready, once. Shows first who gets a mail."""
    preview = asyncio.run(_notification(gallery, "GET", "/notifications/preview"))
    for key in ("will_email", "already_emailed", "unpaid", "waiting", "failed"):
        out.print(f"[bold]{key.replace('_', ' ')}[/bold]: {len(preview[key])}")
    for order in preview["will_email"]:
        out.print(f"  #{order['number']} {order['client']['name']} <{order['client']['email']}>", markup=False)
    if preview["will_email"] and (yes or typer.confirm(f"Send {len(preview['will_email'])} mails?")):
        out.print(f"Queued: {asyncio.run(_notification(gallery, 'POST', '/notifications'))['queued']}")


async def _new_token(url: str, email: str, password: str) -> str:
    async with Api(url) as api:
        await api.call("POST", "/sessions", {"email": email, "password": password})
        token: str = (await api.call("POST", "/tokens", {"name": "photoferry command line"}))["token"]
        await api.call("DELETE", "/sessions/current")
        return token


async def _all(path: str) -> list[Json]:
    async with Api.of(Account.current()) as api:
        return [row async for row in api.pages(path)]


async def _of_gallery(gallery: str, path: str) -> list[Json]:
    async with Api.of(Account.current()) as api:
        gallery_id = await _find(api, gallery)
        return [row async for row in api.pages(f"/galleries/{gallery_id}{path}")]


async def _find(api: Api, gallery: str) -> str:
    """The id of the gallery of this id or name. Raises `Failure` when there is none, or several."""
    found: list[str] = [row["id"] async for row in api.pages("/galleries") if gallery in (row["id"], row["name"])]
    if len(found) == 1:
        return found[0]
    problem = "Several galleries have" if found else "No gallery has"
    raise Failure(f"{problem} the name {gallery!r}; see 'photoferry galleries' for ids.", Exit.REFUSED)


async def _upload(gallery: str, tab: Tab, files: list[Source]) -> dict[str, Any]:
    columns = (
        *Progress.get_default_columns()[:1],
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, disable=not sys.stderr.isatty()) as bars:
        task = bars.add_task(f"{len(files)} files", total=sum(file.size for file in files))
        async with Api.of(Account.current()) as api:
            upload = Upload(api, await _find(api, gallery), tab, lambda size: bars.advance(task, size))
            return summary(await upload.run(files))


async def _mark_paid(gallery: str, wanted: list[str]) -> list[Json]:
    async with Api.of(Account.current()) as api:
        gallery_id = await _find(api, gallery)
        orders = [row async for row in api.pages(f"/galleries/{gallery_id}/orders")]
        numbers = {row["id"]: row["number"] for row in orders if {str(row["number"]), row["id"]} & set(wanted)}
        known = {str(number) for number in numbers.values()} | set(numbers)
        if unknown := [each for each in wanted if each not in known]:
            raise Failure(f"No such order: {', '.join(unknown)}; see 'photoferry orders'.", Exit.REFUSED)
        path = f"/galleries/{gallery_id}/orders/mark-paid"
        items: list[Json] = (await api.call("POST", path, {"order_ids": list(numbers)}))["items"]
        return [item | {"number": numbers[item["order_id"]]} for item in items]


async def _notification(gallery: str, method: str, path: str) -> Json:
    async with Api.of(Account.current()) as api:
        answer: Json = await api.call(method, f"/galleries/{await _find(api, gallery)}{path}")
        return answer


def order_cells(row: Json) -> list[str]:
    """An order as a row of the table."""
    amount, currency = row["total"]["amount"], row["total"]["currency"]
    total = f"{money.decimal(amount, currency)} {currency}"
    client, mail = row["client"], row["notification"]["state"]
    photos = str(len(row["lines"]))
    ready = "yes" if row["ready"] else "no"
    return [str(row["number"]), row["id"], client["name"], client["email"], photos, total, row["status"], ready, mail]


def _show(rows: list[Json], table: Table, as_json: bool, nothing: str) -> None:
    if as_json:
        typer.echo(json.dumps(rows))
    else:
        out.print(table if rows else nothing)


def main() -> None:
    """Run a command; a failure is one sentence on stderr and an exit code."""
    logging.getLogger("aiormq").addHandler(logging.NullHandler())  # it says on stderr what is a failure's sentence
    try:
        app()
    except Failure as failure:
        err.print(str(failure), markup=False, style="red", soft_wrap=True)
        sys.exit(failure.code)


if __name__ == "__main__":
    main()
