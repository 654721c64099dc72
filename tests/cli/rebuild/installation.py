"""A database with the schemas of all services, in which things happen as if the services were running."""

from collections.abc import Iterable
from contextlib import AsyncExitStack
from typing import Self

from hypothesis import HealthCheck, Phase, settings
from rich.console import Console

from chassis import outbox
from chassis.db import Database
from cli.rebuild.plan import Plan
from cli.rebuild.progress import Progress
from cli.rebuild.switching import Result, rebuild
from contracts.base import Message
from contracts.catalogue import published_by
from contracts.orders import GalleryDeleted
from contracts.topology import SERVICES

TELLERS = {kind: service for service in SERVICES for kind in published_by(service)}
SEEN = "regexp_replace(t::text, '\\?X-Amz-[^\"]*', '', 'g')"
"""A row without signatures, which are renewed every day."""
SOME = settings(
    max_examples=8,
    derandomize=True,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
"""Histories, as each takes seconds; the same in every run."""


class Installation:
    """Every service's schema."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.services: dict[str, Database] = {}
        self.stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for service in SERVICES:
            self.services[service] = await Database.open(self.url, service, connections=2)
            self.stack.push_async_callback(self.services[service].close)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stack.aclose()

    async def log(self, *messages: Message) -> None:
        """The services that publish these have done so; of a deleted gallery, nothing else is left in their logs."""
        for message in messages:
            if isinstance(message, GalleryDeleted):
                for db in self.services.values():
                    async with db.transaction() as tx:
                        await outbox.forget_gallery(tx, message.gallery_id)
            async with self.services[TELLERS[type(message)]].transaction() as tx:
                await outbox.emit(tx, message)

    async def forget(self, service: str) -> None:
        """Empty all tables of a service."""
        db = self.services[service]
        tables = await db.pool.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = $1 AND tablename <> 'migration'", service
        )
        await db.pool.execute(f"TRUNCATE {', '.join(row['tablename'] for row in tables)}")

    async def rebuild(self, plan: Plan) -> Result:
        """As the command does."""
        return await rebuild(plan, self.url, Progress(Console(quiet=True)))

    async def rows(self, service: str, *but: str) -> dict[str, list[str]]:
        """Every row of every table, as text; without the columns named in `but`."""
        db = self.services[service]
        tables = await db.pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1 ORDER BY 1", service)
        return {row["tablename"]: await self._rows(db, row["tablename"], but) for row in tables}

    async def _rows(self, db: Database, table: str, but: Iterable[str]) -> list[str]:
        rows = await db.pool.fetch(f"SELECT (to_jsonb(t) - $1::text[])::text AS row FROM {table} t", list(but))  # noqa: S608
        return sorted(row["row"] for row in rows)


def differing(result: Result) -> dict[str, tuple[int, int, int]]:
    """The tables whose rows were not as they had to be: missing, wrong, invented."""
    found = {name: (one.missing, one.wrong, one.invented) for name, one in result.differences.items()}
    return {name: numbers for name, numbers in found.items() if any(numbers)}
