"""PostgreSQL: a pool that stays in one service's schema, transactions, migrations."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Collection
from contextlib import asynccontextmanager
from importlib.resources import files
from importlib.resources.abc import Traversable

import asyncpg
from asyncpg.pool import PoolAcquireContext, PoolConnectionProxy

from chassis.telemetry import POOL_WAIT

LOST = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""How a query fails that meets no PostgreSQL; the last when a connection breaks at the wrong moment."""
UNREACHABLE = (
    ConnectionError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""Those of `LOST` that are nobody's fault: PostgreSQL is away, ends, starts, or has no connection left."""

LOCK_TIMEOUT = 2
"""Seconds that a migration waits for a table: everybody else waits behind it meanwhile. Then it gives up, and is tried
again."""

Tx = PoolConnectionProxy | asyncpg.Connection
"""A connection inside a transaction. Helpers take it first and never commit."""


class Database:
    """A service's own schema.

    `committed` is set after each transaction, so that the relay looks at the outbox; `forgotten` after those that
    delete a gallery or erase people, so that their dead messages are looked for.
    """

    def __init__(self, pool: asyncpg.Pool, url: str, service: str) -> None:
        self.pool = pool
        self.url = url
        self.service = service
        self.committed = asyncio.Event()
        self.forgotten = asyncio.Event()

    @classmethod
    async def open(
        cls, url: str, service: str, *, schema: str | None = None, connections: int = 10, **session: str
    ) -> "Database":
        """Migrate `service`'s schema and open the pool. Raises `OSError` or an asyncpg error without PostgreSQL.

        `schema`: another one, made like the service's own; `session`: settings of PostgreSQL for each connection.
        """
        schema = schema or service
        await migrate(url, service, schema)
        pool = await _Pool(
            url,
            min_size=1,
            max_size=connections,
            max_queries=50_000,
            max_inactive_connection_lifetime=300,
            timeout=10,
            command_timeout=30,
            reset=_nothing_to_reset,
            loop=None,
            connection_class=asyncpg.Connection,
            record_class=asyncpg.Record,
            server_settings={
                "search_path": schema,
                "application_name": f"photoferry-{schema}",
                "timezone": "UTC",
                **session,
            },
        )
        return cls(pool, url, schema)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """One transaction; state and outbox rows written in it commit together (rule 1)."""
        async with self.pool.acquire(timeout=30) as connection, connection.transaction():
            yield connection
        self.committed.set()

    async def connect(self) -> asyncpg.Connection:
        """A connection of its own, for what a pool cannot do: LISTEN and session locks."""
        return await asyncpg.connect(
            self.url, timeout=10, command_timeout=30, server_settings={"search_path": self.service}
        )

    async def close(self, within: float = 5.0) -> None:
        """Close the pool; connections still busy after `within` seconds are cut."""
        try:
            async with asyncio.timeout(within):
                await self.pool.close()
        except TimeoutError:
            self.pool.terminate()


class _Acquiring(PoolAcquireContext):
    """A connection on its way."""

    async def __aenter__(self) -> PoolConnectionProxy:
        with POOL_WAIT.time():
            return await super().__aenter__()


class _Pool(asyncpg.Pool):
    """Measures how long a connection is waited for; the pool's own queries take theirs in this way, too."""

    def acquire(self, *, timeout: float | None = None) -> PoolAcquireContext:
        return _Acquiring(self, timeout)


async def _nothing_to_reset(_: asyncpg.Connection) -> None:
    """Pooled connections get no session state here, so releasing one costs no round trip."""


async def one_row(query: Awaitable[asyncpg.Record | None]) -> asyncpg.Record:
    """The row of a statement that cannot fail to find one, because the transaction has locked it."""
    row = await query
    if row is None:
        raise LookupError("a locked row is not there")
    return row


async def migrate(url: str, service: str, schema: str | None = None) -> None:
    """Apply what is new of `chassis/schema` and `services/<service>/schema`, under a lock, forward only.

    Whoever finds nothing new needs no lock: a copy can start while a backup holds the schema as it is.
    """
    known = known_migrations(service)
    connection = await asyncpg.connect(url, timeout=10, command_timeout=300)
    try:
        if set(known) <= await applied_migrations(connection, schema or service):
            return
        async with connection.transaction():
            await apply_migrations(connection, service, known, schema)
    finally:
        await connection.close()


async def apply_migrations(tx: Tx, service: str, names: Collection[str], schema: str | None = None) -> None:
    """Apply those of a service's migrations that are named and new, in their order, to its schema or to `schema`."""
    schema = schema or service
    await lock_migrations(tx, schema)
    await tx.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}s'")
    if not await tx.fetchval("SELECT to_regnamespace($1)", f'"{schema}"'):  # else no right to make schemas is needed
        await tx.execute(f'CREATE SCHEMA "{schema}"')
    await tx.execute(f'SET LOCAL search_path TO "{schema}"')
    await tx.execute(
        "CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
    )
    applied = await applied_migrations(tx, schema)
    for name, sql in _migrations(service):
        if name in names and name not in applied:
            await tx.execute(sql)
            await tx.execute("INSERT INTO migration (name) VALUES ($1)", name)


async def applied_migrations(connection: Tx, schema: str) -> set[str]:
    """The names of a schema's migrations; none when there is no such schema."""
    if not await connection.fetchval("SELECT to_regclass($1)", table := f'"{schema}".migration'):
        return set()
    return {row["name"] for row in await connection.fetch(f"SELECT name FROM {table}")}  # noqa: S608 of constants


async def lock_migrations(tx: Tx, schema: str) -> None:
    """Let nobody else migrate a schema until the commit."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended('migrate:' || $1, 0))", schema)


async def hold_migrations(connection: asyncpg.Connection, service: str) -> None:
    """Let nobody migrate a service's schema for as long as the connection lives."""
    await connection.execute("SELECT pg_advisory_lock_shared(hashtextextended('migrate:' || $1, 0))", service)


def known_migrations(service: str) -> list[str]:
    """The names of a service's migrations, in their order."""
    return [name for name, _ in _migrations(service)]


def _migrations(service: str) -> list[tuple[str, str]]:
    """(name, SQL) of every migration of a service, in order: the chassis' own first."""
    folders = ("chassis", f"services.{service}")
    return [(f"{folder}/{file.name}", file.read_text()) for folder in folders for file in _sql_files(folder)]


def _sql_files(package: str) -> list[Traversable]:
    schema = files(package) / "schema"
    return sorted((file for file in schema.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
