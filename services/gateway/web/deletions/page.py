"""The certificate of a deleted gallery, to be printed."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.gateway.guard import Ours, Studio
from services.gateway.routes import deletions
from services.gateway.web.rendering import render
from services.gateway.web.routing import studio_pages

routes = studio_pages()


@routes.get("/deletions/{deleted_id}")
async def show(deleted_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """What was removed, when it was asked for, and when each service had finished."""
    return render(http, "deletions/page.html", deletion=await deletions.read_deletion(deleted_id, studio, ours))
