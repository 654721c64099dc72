"""PostgreSQL: schemas, clocks, what waits to be published, mails that did not arrive."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg

from chassis import outbox
from chassis.db import LOST, applied_migrations, known_migrations
from cli.doctor import handling
from cli.doctor.findings import Finding, broken, fine, look, several, short
from cli.secret import strange_links
from contracts.topology import SERVICES

TESTED = 18
"""The version of PostgreSQL that Photoferry is tested with."""
CLOCKS = timedelta(seconds=5)
WAITS = timedelta(minutes=1)


async def check(url: str, secret: str | None) -> AsyncIterator[Finding]:
    """Everything about it; of links, whether they are by this secret."""
    try:
        connection = await asyncpg.connect(url, timeout=10)
    except (*LOST, ValueError) as error:
        yield broken(f"PostgreSQL: {short(error)}", "start it, or mend PHOTOFERRY_DATABASE_URL")
        return
    try:
        yield _version(connection.get_server_version().major)
        yield _clock(await connection.fetchval("SELECT clock_timestamp()"))
        applied = {service: await applied_migrations(connection, service) for service in SERVICES}
        ready = [service for service in SERVICES if applied[service]]
        for service in SERVICES:
            async for finding in _schema(connection, service, applied[service]):
                yield finding
        if secret and "gateway" in ready:
            yield await _secret(connection, secret)
        for service in ready:
            yield await handling.check(connection, service, ready)
    finally:
        connection.terminate()  # one that does not answer would be waited for


def _version(major: int) -> Finding:
    if major < TESTED:
        return look(f"PostgreSQL {major}", f"Photoferry is tested with {TESTED}")
    return fine(f"PostgreSQL {major}")


def _clock(theirs: datetime) -> Finding:
    apart = abs(datetime.now(UTC) - theirs)
    if apart > CLOCKS:
        return broken(f"the database's clock is {apart.total_seconds():.0f} s away from ours", "set clocks by NTP")
    return fine("clocks agree")


async def _secret(connection: asyncpg.Connection, secret: str) -> Finding:
    strange, all_ = await strange_links(connection, secret)
    if strange:
        what = f"PHOTOFERRY_SECRET is not the one that links were made with: {strange} of {all_} do not work"
        return broken(what, "give gateway and notifier the secret that they had before")
    return fine("PHOTOFERRY_SECRET is the one that links are made with")


async def _schema(connection: asyncpg.Connection, service: str, applied: set[str]) -> AsyncIterator[Finding]:
    if not applied:
        yield broken(f"{service} has no schema yet", f"start {service}: it makes its own")
        return
    await connection.execute(f"SET search_path TO {service}")
    known = set(known_migrations(service))
    if missing := known - applied:
        yield broken(f"{service}'s schema is older than this release: {min(missing)}", f"start {service} of this one")
        return
    if newer := applied - known:
        yield look(f"{service}'s schema is newer than this release: {max(newer)}", "upgrade what is older")
    yield await _outbox(connection, service)
    if service == "notifier":
        yield await _mails(connection)


async def _outbox(connection: asyncpg.Connection, service: str) -> Finding:
    waiting, seconds = await outbox.unpublished(connection)
    age = timedelta(seconds=round(seconds))
    if age < WAITS:
        return fine(f"{service}: nothing waits for RabbitMQ")
    return broken(
        f"{service}: {several(waiting, 'message', 'wait')} for RabbitMQ, the oldest for {age}",
        f"look at the log of {service} for why its relay does not publish",
    )


async def _mails(connection: asyncpg.Connection) -> Finding:
    failed = await connection.fetchval(
        """SELECT count(*) FROM mail
           WHERE state IN ('failed', 'unknown') AND changed_at > now() - interval '1 day'"""
    )
    if failed:
        return look(
            f"{several(failed, 'mail')} of the last day did not arrive, or nobody knows",
            "their studios see which, and why",
        )
    return fine("mails of the last day arrived")
