"""Where a write that took longer is answered."""

from fastapi import APIRouter
from starlette.responses import Response

from services.gateway import writes
from services.gateway.guard import Ours, path_id

routes = APIRouter(prefix="/api/v1", tags=["requests"])


@routes.get("/requests/{request_id}")
async def poll(request_id: str, ours: Ours) -> Response:
    """`202` while the write waits, then exactly what it would have answered, refusals included."""
    return await writes.poll(ours, path_id(request_id, "request"))
