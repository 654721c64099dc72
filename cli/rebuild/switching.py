"""A run: another schema is filled while the service works on; then its rows take the place of those that differ."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from chassis.db import Database, hold_migrations, known_migrations
from cli.errors import Exit, Failure
from cli.postgres import check_all_there, connected
from cli.rebuild.comparing import Comparing, Difference
from cli.rebuild.feeding import Feeding
from cli.rebuild.plan import Connection, Plan
from cli.rebuild.progress import Progress

PATIENCE = "2s"
"""How long a lock is waited for that others want, too."""
TRIES = 30
PAUSE = 0.5
"""Seconds."""
IN_THE_WAY = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)


@dataclass(frozen=True, slots=True)
class Result:
    """What was done. Seconds: of all, and of those in which the service handled no messages."""

    events: int
    rows: int
    differences: dict[str, Difference]
    told: int
    seconds: float
    held: float


async def rebuild(plan: Plan, url: str, progress: Progress) -> Result:
    """Rebuild. Raises `Failure`, and then everything is as it was."""
    began = time.perf_counter()
    async with connected(url, "rebuild") as connection, _alone(connection, plan):
        await check_all_there(connection)
        await _check_version(connection, plan)
        await plan.check(connection)
        async with _other_schema(connection, plan, url) as db:
            feeding = Feeding(plan, db, progress.fed)
            progress.expect(await feeding.expected())
            differences, told, held = await _Switch(plan, connection, feeding).patiently()
            events = await _count(connection, f"{plan.other}.inbox")
            rows = [await _count(connection, f"{plan.service}.{table.name}") for table in plan.tables]
    return Result(events, sum(rows), differences, told, time.perf_counter() - began, held)


async def _count(connection: Connection, table: str) -> int:
    number: int = await connection.fetchval(f"SELECT count(*) FROM {table}")
    return number


@asynccontextmanager
async def _alone(connection: Connection, plan: Plan) -> AsyncIterator[None]:
    """One run at a time; the connection's end, too, gives the lock back."""
    lock = "hashtextextended('rebuild:' || $1, 0)"
    if not await connection.fetchval(f"SELECT pg_try_advisory_lock({lock})", plan.service):
        raise Failure("Another rebuild is under way; wait until it is done.", Exit.REFUSED)
    yield


async def _check_version(connection: Connection, plan: Plan) -> None:
    """The handlers are those of this version; so must be the tables, as long as the connection lives."""
    await hold_migrations(connection, plan.service)
    rows = await connection.fetch(f"SELECT name FROM {plan.service}.migration")
    applied, known = {row["name"] for row in rows}, set(known_migrations(plan.service))
    if newer := applied - known:
        problem = f"{plan.service} is newer than this command, it has {max(newer)}: use the command of its version."
        raise Failure(problem, Exit.REFUSED)
    if missing := known - applied:
        problem = f"{plan.service} is older than this command, it lacks {min(missing)}: start its new version first."
        raise Failure(problem, Exit.REFUSED)


@asynccontextmanager
async def _other_schema(connection: Connection, plan: Plan, url: str) -> AsyncIterator[Database]:
    """Made by the service's own migrations, without what a killed run has left there; gone in the end."""
    drop = f"DROP SCHEMA IF EXISTS {plan.other} CASCADE"
    await connection.execute(drop)
    session = {"synchronous_commit": "off", "lock_timeout": PATIENCE}
    db = await Database.open(url, plan.service, schema=plan.other, connections=plan.at_once, **session)
    try:
        await plan.execute(connection, plan.begin)
        yield db
    finally:
        await db.close()
        await connection.execute(drop)


class _Switch:
    """From the schema that is filled to the service's own."""

    def __init__(self, plan: Plan, connection: Connection, feeding: Feeding) -> None:
        self.plan = plan
        self.connection = connection
        self.feeding = feeding

    async def patiently(self) -> tuple[dict[str, Difference], int, float]:
        """Again and again, as long as others hold the locks; nobody queues behind this for longer than `PATIENCE`.

        Returns the differences, how many messages were told, and for how many seconds no message was handled.
        """
        for _ in range(TRIES):
            try:
                await self._bury()
                await self.feeding.run()
                await self._look_at_sizes()
                return await self._at_once()
            except IN_THE_WAY:
                await asyncio.sleep(PAUSE)
        raise Failure("The services are too busy: try again at a quieter hour. Nothing was changed.")

    async def _at_once(self) -> tuple[dict[str, Difference], int, float]:
        async with self.connection.transaction():
            await self.connection.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            await self.connection.execute(f"LOCK TABLE {self.plan.service}.inbox IN EXCLUSIVE MODE")  # claims wait
            began = time.perf_counter()
            await self.feeding.run()
            await self._bury()
            await self.plan.execute(self.connection, self.plan.before)
            comparing = Comparing(self.connection, self.plan, await self._leaving())
            differences = await comparing.run()
            await self.connection.execute(f"SET LOCAL search_path TO {self.plan.service}")
            told = await self.plan.tell(self.connection)
        held = time.perf_counter() - began
        await self.plan.changed(self.connection, comparing.galleries)
        return differences, told, held

    async def _bury(self) -> None:
        """What the service knows to be deleted does not come back, whatever is left of it in the logs."""
        rows = await self.connection.fetch(
            self.plan.sql("SELECT id FROM {live}.deleted_gallery EXCEPT SELECT id FROM {rebuilt}.deleted_gallery")
        )
        if ids := [row["id"] for row in rows]:
            other = self.plan.other
            await self.connection.execute(f"INSERT INTO {other}.deleted_gallery SELECT unnest($1::uuid[])", ids)
            for table in self.plan.tables:
                gallery = table.gallery.format(row="gone", schema=other)
                await self.connection.execute(f"DELETE FROM {other}.{table.name} gone WHERE {gallery} = ANY($1)", ids)

    async def _leaving(self) -> list[UUID]:
        rows = await self.connection.fetch(
            self.plan.sql("SELECT id FROM {rebuilt}.deleted_gallery EXCEPT SELECT id FROM {live}.deleted_gallery")
        )
        return [row["id"] for row in rows]

    async def _look_at_sizes(self) -> None:
        """So that the comparison is planned for what it meets."""
        for table in self.plan.tables:
            await self.connection.execute(f"ANALYZE {self.plan.other}.{table.name}")
