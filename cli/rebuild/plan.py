"""What can be rebuilt, and how."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from chassis.bus import Handlers
from chassis.db import Database, Tx
from chassis.rebuilding import Rebuilt

Connection = asyncpg.Connection


@dataclass(frozen=True, slots=True)
class Plan:
    """How tables of a service are rebuilt. SQL names the service's schema `{live}`, the other one `{rebuilt}`."""

    service: str
    handlers: Handlers
    tables: tuple[Rebuilt, ...]
    """Those first that others refer to."""
    provided: Callable[[Database], Mapping[str, Any]]
    """What the handlers are given to fill the other schema; none of it tells anybody anything."""
    check: Callable[[Connection], Awaitable[None]]
    """Raises `Failure` where handlers would come to other results than those of the service."""
    at_once: int
    """Queues that are worked through at the same time."""
    begin: tuple[str, ...]
    """SQL to do once the other schema is there."""
    before: tuple[str, ...]
    """SQL to do before rows are compared, while nobody handles messages."""
    tell: Callable[[Tx], Awaitable[int]]
    """With the service's schema: emits what others have been told otherwise; returns how many messages that took."""
    changed: Callable[[Connection, set[UUID]], Awaitable[None]]
    """After the commit: rows of these galleries have changed."""

    @property
    def other(self) -> str:
        """The schema that is filled."""
        return f"{self.service}_rebuilt"

    async def execute(self, connection: Connection, statements: tuple[str, ...]) -> None:
        """Do SQL that names both schemas."""
        for statement in statements:
            await connection.execute(self.sql(statement))

    def sql(self, text: str) -> str:
        """With the names of both schemas."""
        return text.replace("{live}", self.service).replace("{rebuilt}", self.other)
