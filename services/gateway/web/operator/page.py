"""**Messages in hand**, for operators: what waits in RabbitMQ, and what to do about what no service could handle."""

import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Query
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from services.gateway import operating
from services.gateway.guard import Ours, Studio
from services.gateway.operating import Kind, Overview
from services.gateway.reads.paging import Cursor
from services.gateway.routes import operator
from services.gateway.routes.schemas import DeadKind, DeadMessages
from services.gateway.state import Gateway
from services.gateway.view import requests
from services.gateway.web.forms import posted
from services.gateway.web.rendering import go, render
from services.gateway.web.routing import operator_pages

routes = operator_pages()

HERE = "/operator"
PAGE = 20
"""Dead messages."""
LONGEST = 20_000
"""Characters of a payload on the page; the command line shows all."""

Deal = Callable[[DeadMessages, Request, Studio, Ours], Awaitable[Response]]
Number = Annotated[int | None, Query(ge=0)]


@routes.get("")
async def show(
    http: Request,
    ours: Ours,
    queue: operator.Queue = None,
    error_type: operator.ErrorType = None,
    cursor: Cursor = None,
    sent_back: Number = None,
    dropped: Number = None,
    left: int = 0,
    unticked: bool = False,
) -> Response:
    """The kinds of dead messages, those of one kind or of all, and every queue."""
    overview = await operating.look(operator.url_of(ours), Overview(PAGE, queue, error_type, cursor))
    page = overview.page
    return render(
        http,
        "operator/page.html",
        here=HERE,
        kinds=overview.kinds,
        total=sum(each["count"] for each in overview.kinds),
        kind=Kind(queue, error_type) if queue is not None and error_type else None,
        messages=[_readable(message) for message in page["items"]],
        following=page["next"],
        cursor=cursor,
        **await _queues(ours),
        sent_back=sent_back,
        dropped=dropped,
        left=left,
        unticked=unticked,
    )


@routes.get("/queues")
async def show_queues(http: Request, ours: Ours) -> Response:
    """The queues alone: looked at again by the page itself, which dead messages are not."""
    return render(http, "operator/queues.html", here=HERE, **await _queues(ours))


@routes.post("/retry")
async def retry(http: Request, studio: Studio, ours: Ours) -> Response:
    """Send messages back to their queues."""
    return await _deal(http, studio, ours, "sent_back", operator.retry)


@routes.post("/drop")
async def drop(http: Request, studio: Studio, ours: Ours) -> Response:
    """Delete messages for good."""
    return await _deal(http, studio, ours, "dropped", operator.drop)


async def _queues(ours: Gateway) -> dict[str, Any]:
    """Every queue, and who has taken something from one and does not answer, which RabbitMQ does not tell."""
    return {
        "queues": await operating.queues(operator.url_of(ours)),
        "unanswered": await requests.unanswered(ours.db),
    }


async def _deal(http: Request, studio: Studio, ours: Ours, deed: str, deal: Deal) -> Response:
    chosen = await _chosen(http)
    if chosen is None:
        return go(http, f"{HERE}?unticked=yes")
    dealt = json.loads(bytes((await deal(chosen, http, studio, ours)).body))
    return go(http, f"{HERE}?{deed}={dealt['done']}&left={dealt['left']}")


async def _chosen(http: Request) -> DeadMessages | None:
    form = await posted(http)
    if "error_type" in form.values:
        return DeadMessages(kind=DeadKind(queue=form.values["queue"], error_type=form.values["error_type"]))
    try:
        return DeadMessages(ids=tuple(form.data.getlist("ids")))
    except ValidationError:
        return None


def _readable(message: dict[str, Any]) -> dict[str, Any]:
    payload = message["payload"]
    text = payload if isinstance(payload, str) else json.dumps(payload, indent=2, ensure_ascii=False)
    return {**message, "payload": text[:LONGEST], "cut": len(text) > LONGEST}
