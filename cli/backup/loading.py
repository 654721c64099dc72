"""From files into an empty database, in one transaction."""

import gzip
from collections.abc import Callable
from typing import BinaryIO, cast

import asyncpg

from chassis.db import Tx, apply_migrations, known_migrations, lock_migrations
from chassis.inbox import CLAIMS_KEPT
from cli.backup.database import count
from cli.backup.folder import About, Backup, Table, intact
from cli.errors import Exit, Failure
from cli.postgres import schemas
from contracts.topology import QUEUES, SERVICES

MAILS_IN_HAND = """UPDATE notifier.mail SET state = 'sending', claimed_by = NULL WHERE state = 'queued' AND NOT held"""
"""Mails that were about to be sent may have been sent since: as after a crash, they become `unknown` (rule 6)."""


async def check_empty(connection: asyncpg.Connection) -> None:
    """Raises `Failure` when the database has anything of Photoferry's."""
    if there := await schemas(connection):
        problem = f"This database is not empty, it has the schemas {', '.join(sorted(there))}: restore into a new one."
        raise Failure(problem, Exit.REFUSED)


async def identity(connection: asyncpg.Connection) -> str:
    """Tells the database from all others, whatever they are called."""
    found: str = await connection.fetchval(
        """SELECT system_identifier || '.' || oid FROM pg_catalog.pg_control_system(), pg_catalog.pg_database
           WHERE datname = current_database()"""
    )
    return found


async def holds(connection: asyncpg.Connection, about: About) -> bool:
    """Whether this backup's rows were loaded into the database."""
    found = await connection.fetchval(
        "SELECT obj_description(oid, 'pg_namespace') FROM pg_catalog.pg_namespace WHERE nspname = $1", SERVICES[0]
    )
    return bool(found == _remark(about))


def _remark(about: About) -> str:
    return f"Restored by Photoferry from the backup {about.name}"


def check_known(about: About) -> None:
    """Raises `Failure` for a backup that has migrations which this Photoferry has not."""
    for service, names in about.migrations.items():
        if unknown := set(names) - set(known_migrations(service)):
            problem = (
                f"The backup is of a newer Photoferry, which has {', '.join(sorted(unknown))}: install that first."
            )
            raise Failure(problem, Exit.REFUSED)


async def load(connection: asyncpg.Connection, backup: Backup, loaded: Callable[[int], None]) -> int:
    """All schemas as they were, and every row. Returns how many messages will be told again."""
    about = backup.about
    async with connection.transaction():
        for service in SERVICES:
            await lock_migrations(connection, service)
        await check_empty(connection)  # once more: a service may have started meanwhile
        for service, names in about.migrations.items():
            await apply_migrations(connection, service, names)
        for table in about.tables:
            await _load_table(connection, backup, table)
            loaded(table.rows)
        for name, value in about.sequences.items():
            await connection.execute("SELECT setval($1::text::regclass, $2)", name, value)
        await connection.execute(f"COMMENT ON SCHEMA {SERVICES[0]} IS '{_remark(about)}'")
        await connection.execute(MAILS_IN_HAND)
        told = [await _tell_again(connection, about, *pair) for pair in _listeners()]
    return sum(told)


async def _load_table(tx: asyncpg.Connection, backup: Backup, table: Table) -> None:
    path = backup.rows_of(table)
    with intact(path), gzip.open(path, "rb") as file:
        source = cast(BinaryIO, file)
        status = await tx.copy_to_table(
            table.name, schema_name=table.service, columns=table.columns, source=source, format="text"
        )
    if count(status) != table.rows:
        raise Failure(f"{path} has {count(status)} rows instead of {table.rows}; restore another backup.")


def _listeners() -> list[tuple[str, str, list[str]]]:
    """Who hears whom, and the topics that the one listens to. No service has two queues for one topic."""
    heard = {
        service: [
            message.topic for name, messages in QUEUES.items() if name.startswith(f"{service}.") for message in messages
        ]
        for service in SERVICES
    }
    return [(teller, listener, topics) for teller in SERVICES for listener, topics in heard.items()]


async def _tell_again(tx: Tx, about: About, teller: str, listener: str, topics: list[str]) -> int:
    """RabbitMQ has no backup: what was published and a listener has not claimed, is published again.

    Claims older than `CLAIMS_KEPT` are forgotten, so nothing is known of messages of before.
    """
    status = await tx.execute(
        f"""UPDATE {teller}.outbox o SET published_at = NULL
            WHERE published_at IS NOT NULL AND created_at > $1 AND topic = ANY($2)
                AND NOT EXISTS (SELECT FROM {listener}.inbox i WHERE i.message_id = o.message_id)""",
        about.taken_at - CLAIMS_KEPT,
        topics,
    )
    return count(status)
