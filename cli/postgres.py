"""PostgreSQL, as an operator's commands reach it: the schemas of all services."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from cli.errors import Exit, Failure
from contracts.topology import SERVICES

SESSION = {"timezone": "UTC", "datestyle": "ISO", "search_path": ""}
"""What rows look like does not depend on the server's own settings."""


@asynccontextmanager
async def connected(url: str, name: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection for `photoferry <name>`; what PostgreSQL says against anything is a `Failure`."""
    session = SESSION | {"application_name": f"photoferry-{name}"}
    try:
        connection = await asyncpg.connect(url, timeout=10, server_settings=session)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Failure(f"PostgreSQL cannot be reached: {error or type(error).__name__}", Exit.UNREACHABLE) from None
    try:
        yield connection
    except (asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
        raise Failure(f"PostgreSQL: {error or type(error).__name__}") from None
    finally:
        await connection.close()


async def schemas(connection: asyncpg.Connection) -> set[str]:
    """The services whose schemas are there."""
    rows = await connection.fetch("SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname = ANY($1)", SERVICES)
    return {row["nspname"] for row in rows}


async def check_all_there(connection: asyncpg.Connection) -> None:
    """Raises `Failure` when a service has no schema."""
    if missing := set(SERVICES) - await schemas(connection):
        problem = f"This database has no schema of {', '.join(sorted(missing))}: is PHOTOFERRY_DATABASE_URL right?"
        raise Failure(problem, Exit.REFUSED)
