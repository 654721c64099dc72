"""What changes in a gallery, and in a studio as a whole, as it happens."""

from collections.abc import AsyncIterator
from uuid import UUID

from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.requests import Request

from contracts.base import uuid7
from services.gateway import auth
from services.gateway.guard import Ours, Studio, studio_router

routes = studio_router("events")

RETRY = 2_000
"""Milliseconds after which a reader that has lost the stream comes back."""


@routes.get("/galleries/{gallery_id}/events", response_class=EventSourceResponse)
async def watch(gallery_id: UUID, http: Request, studio: Studio, ours: Ours) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events: each says what kind of thing has changed, and its id; look it up.

    `photo transfer upload order entitlements notification`, `payment` (of any order of the studio, or of none), and
    `gallery`: its settings, or so much at once that everything is to be looked up anew. That comes first as well:
    before it, nobody was watching. `deleted` is the last.
    Who has logged out since, or whose token was deleted, hears nothing more.
    """
    digest = auth.credentials(http, ours.settings.public_url)
    with ours.listener.watching(gallery_id, studio.studio_id) as watcher:
        watcher.tell_to_look()
        yield ServerSentEvent(retry=RETRY)
        while change := await watcher.next():
            caller = await auth.find_caller(ours.db, digest, ("gallery_id", gallery_id))
            if caller is None:
                return
            if caller.gallery_id is None:
                yield ServerSentEvent(event="deleted", data={"id": str(gallery_id)})
                return
            yield ServerSentEvent(event=change.what, data={"id": str(change.id)}, id=str(uuid7()))


@routes.get("/payments/events", response_class=EventSourceResponse)
async def watch_payments(http: Request, studio: Studio, ours: Ours) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events: `payment` and its id, whenever anything about one of the studio's payments changes.

    `studio` comes first, and when so much happens at once that everything is to be looked up anew.
    """
    digest = auth.credentials(http, ours.settings.public_url)
    with ours.listener.watching_studio(studio.studio_id) as watcher:
        watcher.tell_to_look()
        yield ServerSentEvent(retry=RETRY)
        while change := await watcher.next():
            if await auth.find_caller(ours.db, digest, None) is None:
                return
            yield ServerSentEvent(event=change.what, data={"id": str(change.id)}, id=str(uuid7()))
