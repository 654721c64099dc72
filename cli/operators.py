"""`photoferry operator`: which studios see the queues and dead messages on their pages. Works on the database."""

import asyncio
from typing import Annotated, Any

import typer
from rich.console import Console

from cli.errors import Exit, Failure
from cli.postgres import connected
from cli.servers import DatabaseUrl

app = typer.Typer(help="Studios that may look after messages.", no_args_is_help=True)
Email = Annotated[str, typer.Argument(help="What the studio logs in with")]
out = Console()


@app.command()
def add(email: Email, database_url: DatabaseUrl) -> None:
    """Let a studio see queues and dead messages, send these back and drop them."""
    _set(email, database_url, is_operator=True)
    _say(f"{email} is an operator: there is a link on the account page.")


@app.command()
def remove(email: Email, database_url: DatabaseUrl) -> None:
    """Take that from a studio, at once."""
    _set(email, database_url, is_operator=False)
    _say(f"{email} is no operator.")


@app.command("list")
def list_operators(database_url: DatabaseUrl) -> None:
    """List operators."""
    rows = asyncio.run(_fetch(database_url, "SELECT email FROM gateway.studio WHERE is_operator ORDER BY email"))
    _say("\n".join(row["email"] for row in rows) or "No operators. Add one with 'photoferry operator add EMAIL'.")


def _set(email: str, database_url: str, *, is_operator: bool) -> None:
    query = "UPDATE gateway.studio SET is_operator = $2 WHERE lower(email) = lower($1) RETURNING id"
    if not asyncio.run(_fetch(database_url, query, email, is_operator)):
        raise Failure(f"No studio logs in with {email}.", Exit.REFUSED)


async def _fetch(database_url: str, query: str, *values: Any) -> list[Any]:
    async with connected(database_url, "operator") as connection:
        found: list[Any] = await connection.fetch(query, *values)
        return found


def _say(text: str) -> None:
    out.print(text, markup=False, highlight=False, soft_wrap=True)
