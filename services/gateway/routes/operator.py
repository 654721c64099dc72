"""For operators: RabbitMQ's queues, and the messages that no service could handle."""

from collections.abc import Awaitable, Callable, Collection
from typing import Annotated, Any

import structlog
from fastapi import Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chassis import dead_again
from chassis.db import Tx
from contracts.topology import SERVICES
from services.gateway import operating, writes
from services.gateway.auth import Caller
from services.gateway.guard import Ours, Studio, operator_router
from services.gateway.operating import Kind, Overview
from services.gateway.reads.paging import Cursor, Limit
from services.gateway.routes.schemas import DeadMessages
from services.gateway.state import Gateway
from services.gateway.view.requests import Request as Asked

routes = operator_router()
Queue = Annotated[str | None, Query(description="Only those that this queue could not handle; empty: no known one")]
ErrorType = Annotated[str | None, Query(description="Only those that died of this class of error")]

log = structlog.get_logger()


@routes.get("/queues")
async def list_queues(ours: Ours) -> dict[str, Any]:
    """Every queue: how many messages wait in it, and how many consumers it has.

    `kind` is `work`, `delay` (messages between two tries), or `dead`.
    """
    return {"items": await operating.queues(url_of(ours)), "next": None}


@routes.get("/dead-messages")
async def list_dead(
    ours: Ours, queue: Queue = None, error_type: ErrorType = None, cursor: Cursor = None, limit: Limit = 100
) -> dict[str, Any]:
    """Dead messages, those that died last first. Whatever may be somebody's is masked."""
    return (await operating.look(url_of(ours), Overview(limit, queue, error_type, cursor))).page


@routes.get("/dead-messages/kinds")
async def count_dead(ours: Ours) -> dict[str, Any]:
    """How many messages have died of which type of error in which queue."""
    return {"items": (await operating.look(url_of(ours), Overview(0))).kinds, "next": None}


@routes.post("/dead-messages/retry")
async def retry(body: DeadMessages, http: Request, operator: Studio, ours: Ours) -> Response:
    """Send messages back to their queues: some, or all of a kind. Done twice, it does nothing twice.

    `done` says of how many; `left` how many more there are, when they are too many for one call, or lie in no queue.
    """
    return await _deal(body, http, operator, ours, dead_again.send_back)


@routes.post("/dead-messages/drop")
async def drop(body: DeadMessages, http: Request, operator: Studio, ours: Ours) -> Response:
    """Delete messages for good: some, or all of a kind. The answer is that of `retry`."""
    return await _deal(body, http, operator, ours, dead_again.drop)


Dealing = Callable[[str, dead_again.Wanted, Collection[str]], Awaitable[dead_again.Dealt]]


async def _deal(body: DeadMessages, http: Request, operator: Caller, ours: Gateway, dealing: Dealing) -> Response:
    async def effect(_: Tx) -> dict[str, int]:
        async with operating.asking():
            dealt = await dealing(url_of(ours), *_wanted(body))
        log.info("dead messages dealt with", how=dealing.__name__, operator=str(operator.studio_id), done=dealt.done)
        return {"done": dealt.done, "left": dealt.left}

    return await writes.do_here(ours, http, str(operator.studio_id), "dead_messages_dealt_with", effect)


@writes.answers("dead_messages_dealt_with", kept=False)
async def _dealt_with(_: Gateway, asked: Asked) -> Response:
    return JSONResponse(asked.subject)


def _wanted(body: DeadMessages) -> tuple[dead_again.Wanted, Collection[str]]:
    """Which messages a call is about, and the services among whose they may be."""
    if body.kind:
        kind = Kind(body.kind.queue, body.kind.error_type)
        return (lambda message: Kind.of(message) == kind), _services([kind.queue])
    ids = frozenset(body.ids)
    return (lambda message: message.id in ids), _services([each.partition(":")[0] for each in ids])


def _services(queues: Collection[str]) -> Collection[str]:
    """Whose queues these are; where one has no name, anybody's."""
    owners = {queue.partition(".")[0] for queue in queues}
    return SERVICES if "" in owners else [service for service in SERVICES if service in owners]


def url_of(ours: Gateway) -> str:
    """Where RabbitMQ is."""
    return ours.settings.rabbitmq_url.get_secret_value()
