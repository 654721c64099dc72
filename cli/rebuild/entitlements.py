"""All that entitlements knows, and what it has told of it."""

from uuid import UUID

from cli.rebuild.plan import Connection, Plan
from services.entitlements.handlers import router
from services.entitlements.telling import TABLES, tell_the_rest


def plan() -> Plan:
    """Depends on nothing but messages."""
    return Plan(
        service="entitlements",
        handlers=router,
        tables=TABLES,
        provided=lambda db: {"db": db},
        check=_is_fine,
        at_once=1,  # a gallery's messages would wait for each other
        begin=(),
        before=(),
        tell=tell_the_rest,
        changed=_is_told,
    )


async def _is_fine(_: Connection) -> None:
    """Nothing can be wrong."""


async def _is_told(_: Connection, __: set[UUID]) -> None:
    """The messages say it."""
