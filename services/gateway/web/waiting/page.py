"""A write whose result is not there yet: the page looks until it is, and then goes on."""

import json

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.gateway import writes
from services.gateway.errors import Problem
from services.gateway.guard import Ours, path_id
from services.gateway.reads import galleries
from services.gateway.web.rendering import done, go, is_partial, local_path, render

open_routes = APIRouter(include_in_schema=False)


@open_routes.get("/wait/{request_id}")
async def wait(request_id: str, http: Request, ours: Ours, then: str = "/") -> Response:
    """Until the request is answered; a refusal is shown as any other, as a page of its own."""
    asked = path_id(request_id, "request")
    if locale := await galleries.locale_of_request(ours.db, asked, then.startswith(("/g/", "/c/"))):
        http.state.locale = locale
    try:
        return settled(http, await writes.poll(ours, asked), local_path(then))
    except Problem:
        if is_partial(http):
            return go(http, f"{http.url.path}?{http.url.query}")
        raise


def settled(http: Request, written: Response, then: str) -> Response:
    """What to show after a write: the page `then`, in which `{id}` is the id of what was made, once it is done."""
    if written.status_code != 202:
        made = json.loads(bytes(written.body) or "null")
        return go(http, then.replace("{id}", made["id"]) if made and "id" in made else then)
    request_id = written.headers["Location"].rsplit("/", 1)[1]
    if http.url.path.startswith("/wait/"):
        return render(http, "waiting/page.html", 202)
    return go(http, f"/wait/{request_id}?then={then}")


def acted(http: Request, written: Response, then: str) -> Response:
    """After something is done to what a page shows: the page looks anew; a write that takes longer says so there."""
    if written.status_code != 202:
        return done(http, then)
    return render(http, "shell/accepted_note.html", 202) if is_partial(http) else settled(http, written, then)
