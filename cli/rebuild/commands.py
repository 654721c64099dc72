"""The commands: what they are told, and what they say."""

import json
from dataclasses import asdict
from typing import Annotated, TypeVar

import typer
import uvloop
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from chassis.settings import ServiceSettings
from cli.errors import Exit, Failure
from cli.rebuild import entitlements, gateway
from cli.rebuild.comparing import Difference
from cli.rebuild.plan import Plan
from cli.rebuild.progress import Progress
from cli.rebuild.switching import Result
from cli.rebuild.switching import rebuild as rebuild_all
from services.gateway.settings import GatewaySettings
from services.gateway.signing import Signer

app = typer.Typer(help="For operators: make anew what services have made of messages.", no_args_is_help=True)
S = TypeVar("S", bound=ServiceSettings)
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable")]
out, err = Console(), Console(stderr=True)


@app.command("gateway-view")
def gateway_view(as_json: AsJson = False) -> None:
    """Rebuild what pages and the API show, from the logs of all services, with the gateway's settings.

    Meanwhile everything works on; what differs is changed at once, at the end.
    """
    settings = _settings(GatewaySettings)
    _run(gateway.plan(Signer.of(settings)), settings, as_json)


@app.command("entitlements")
def entitlements_(as_json: AsJson = False) -> None:
    """Rebuild which order may download what, from the logs of all services; what others were told otherwise is told."""
    _run(entitlements.plan(), _settings(ServiceSettings), as_json)


def _settings(kind: type[S]) -> S:
    try:
        return kind()
    except ValidationError as error:
        wrong = "; ".join(f"PHOTOFERRY_{str(each['loc'][0]).upper()}: {each['msg']}" for each in error.errors())
        raise Failure(f"{wrong}. The settings of the service are needed.", Exit.REFUSED) from None


def _run(plan: Plan, settings: ServiceSettings, as_json: bool) -> None:
    try:
        with Progress(err) as progress:
            result = uvloop.run(rebuild_all(plan, settings.database_url.get_secret_value(), progress))
    except KeyboardInterrupt:
        raise Failure("Interrupted. Nothing was changed.", Exit.INTERRUPTED) from None
    if as_json:
        typer.echo(json.dumps(asdict(result)))
    else:
        _tell(result)


def _tell(result: Result) -> None:
    found = {name: each for name, each in result.differences.items() if each != Difference(0, 0, 0)}
    table = Table("table", "missing", "wrong", "invented")
    for name, each in found.items():
        table.add_row(name, f"{each.missing:,}", f"{each.wrong:,}", f"{each.invented:,}")
    if found:
        out.print(table)
    number = sum(each.missing + each.wrong + each.invented for each in found.values())
    _say(f"{result.events:,} messages, {result.rows:,} rows, {number:,} of them were not as they had to be.")
    if result.told:
        _say(f"Messages that tell others what they were told otherwise: {result.told:,}.")
    _say(f"{result.seconds:.1f} s; for {result.held:.1f} s of them messages waited.")


def _say(text: str) -> None:
    out.print(text, markup=False, highlight=False, soft_wrap=True)
