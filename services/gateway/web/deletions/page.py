"""The certificate of a deleted gallery, to be printed; and the note, once, that one is being deleted."""

from datetime import timedelta
from urllib.parse import quote, unquote
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.gateway import cookies
from services.gateway.guard import Ours, Studio
from services.gateway.routes import deletions
from services.gateway.web.rendering import render
from services.gateway.web.routing import studio_pages

routes = studio_pages()

NOTE = "photoferry_deleted"
"""A cookie with id and name of what was deleted just now: the name stands nowhere else any more."""
NOTE_VALID = timedelta(minutes=5)


@routes.get("/deletions/{deleted_id}")
async def show(deleted_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """What was removed, when it was asked for, and when each service had finished."""
    return render(http, "deletions/page.html", deletion=await deletions.read_deletion(deleted_id, studio, ours))


def put_note(response: Response, gallery_id: UUID, name: str, public_url: str) -> Response:
    """`response`, which also has the browser keep what was deleted for the next page."""
    cookies.put(response, NOTE, f"{gallery_id}.{quote(name)}", public_url, NOTE_VALID)
    return response


def note_of(request: Request, public_url: str) -> tuple[str, str] | None:
    """Id and name of the gallery that this browser has just deleted."""
    gallery_id, _, name = cookies.read(request, NOTE, public_url).partition(".")
    return (gallery_id, unquote(name)) if name else None
