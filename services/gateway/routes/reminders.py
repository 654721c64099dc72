"""Reminders: drafts that the photographer confirms."""

from typing import Annotated, Any
from uuid import UUID

from asyncpg import Record
from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from chassis import outbox
from chassis.db import Tx
from contracts.base import uuid7
from contracts.notifier import ConfirmedReminder, ReminderKind, SendReminders
from services.gateway import writes
from services.gateway.guard import Ours, Studio, studio_router
from services.gateway.reads import reminders as reads
from services.gateway.routes.notifications import check_policy
from services.gateway.routes.schemas import ConfirmedReminders
from services.gateway.view import notifications, reminders

routes = studio_router("reminders")

Days = Annotated[int, Query(ge=0, le=365, description="how long ago the order, or the mail, must be")]
USUAL_DAYS = 7


@routes.get("/galleries/{gallery_id}/reminders")
async def read_drafts(
    gallery_id: UUID, _: Studio, ours: Ours, kind: ConfirmedReminder = ReminderKind.UNPAID, days: Days = USUAL_DAYS
) -> dict[str, object]:
    """Who would be reminded now and was not yet, up to 500; `since`: the order was placed, or its client mailed."""
    found = await reads.of_gallery(ours.db, gallery_id, days)
    return {"items": [_shown(order) for order in found[kind].due]}


@routes.post("/galleries/{gallery_id}/reminders", status_code=202)
async def send(gallery_id: UUID, body: ConfirmedReminders, http: Request, studio: Studio, ours: Ours) -> Response:
    """Remind the clients of these orders, each at most once of each thing; those who need it no more are left out."""

    async def effect(tx: Tx) -> dict[str, Any]:
        if body.kind is ReminderKind.NOT_DOWNLOADED:
            check_policy(await notifications.policy_of(tx, gallery_id))
        found = await reminders.queue(tx, gallery_id, body.kind, body.order_ids)
        if found:
            await outbox.emit(tx, SendReminders(gallery_id=gallery_id, kind=body.kind, order_ids=tuple(found)))
        return {"id": str(uuid7()), "queued": len(found)}

    return await writes.do_here(ours, http, str(studio.studio_id), "mails_queued", effect, gallery_id)


def _shown(order: Record) -> dict[str, object]:
    client = {"name": order["name"], "email": order["email"]}
    return {"id": str(order["id"]), "number": order["number"], "client": client, "since": order["since"].isoformat()}
