"""PostgreSQL as one whole: every service's schema in one snapshot, to files."""

import gzip
from collections.abc import Callable
from graphlib import TopologicalSorter
from typing import BinaryIO, cast

import asyncpg

from chassis.db import hold_migrations
from cli.backup.folder import Backup, Table
from contracts.topology import SERVICES


async def hold(connection: asyncpg.Connection) -> None:
    """Let no service migrate its schema for as long as the connection lives."""
    for service in SERVICES:
        await hold_migrations(connection, service)


async def migrations(connection: asyncpg.Connection) -> dict[str, tuple[str, ...]]:
    """The applied ones, by service."""
    applied = {}
    for service in SERVICES:
        rows = await connection.fetch(f"SELECT name FROM {service}.migration ORDER BY name")
        applied[service] = tuple(row["name"] for row in rows)
    return applied


async def sequences(connection: asyncpg.Connection) -> dict[str, int]:
    """The last number that each sequence has given out, as of now, which is not before the snapshot."""
    rows = await connection.fetch(
        """SELECT schemaname || '.' || sequencename AS name, last_value FROM pg_catalog.pg_sequences
           WHERE schemaname = ANY($1) AND last_value IS NOT NULL""",
        SERVICES,
    )
    return {row["name"]: row["last_value"] for row in rows}


async def tables(connection: asyncpg.Connection) -> list[Table]:
    """Every table but the migrations', those that others refer to first."""
    rows = await connection.fetch(
        """SELECT c.oid, n.nspname AS service, c.relname AS name,
               array_agg(a.attname::text ORDER BY a.attnum) AS columns,
               ARRAY(SELECT confrelid FROM pg_catalog.pg_constraint
                     WHERE conrelid = c.oid AND contype = 'f' AND confrelid <> c.oid) AS refers_to
           FROM pg_catalog.pg_class c
           JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
           JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
           WHERE n.nspname = ANY($1) AND c.relkind = 'r' AND c.relname <> 'migration'
           GROUP BY c.oid, n.nspname, c.relname ORDER BY n.nspname, c.relname""",
        SERVICES,
    )
    by_oid = {row["oid"]: row for row in rows}
    in_order = TopologicalSorter({oid: row["refers_to"] for oid, row in by_oid.items()}).static_order()
    return [Table(**{key: by_oid[oid][key] for key in ("service", "name", "columns")}) for oid in in_order]


async def dump(connection: asyncpg.Connection, draft: Backup, wrote: Callable[[int], None]) -> list[Table]:
    """Write all rows of all tables to files; tells how many rows each table had."""
    written = []
    for table in await tables(connection):
        columns = ", ".join(f'"{column}"' for column in table.columns)
        with gzip.open(draft.rows_of(table), "wb", compresslevel=1) as file:
            query = f'SELECT {columns} FROM {table.service}."{table.name}"'
            status = await connection.copy_from_query(query, output=cast(BinaryIO, file))
        written.append(table.model_copy(update={"rows": count(status)}))
        wrote(written[-1].rows)
    return written


def count(status: str) -> int:
    """Of the rows, from what a command says that it has done: `COPY 12`."""
    return int(status.split()[-1])
