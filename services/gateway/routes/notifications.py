"""*Notify clients* and *Send again* (S5)."""

from typing import Any
from uuid import UUID

from asyncpg import Record
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chassis import outbox
from chassis.db import Tx
from contracts.base import batches, uuid7
from contracts.notifier import NotifyClients, SendAgain
from contracts.orders import DownloadPolicy, OrderStatus
from services.gateway import writes
from services.gateway.errors import Problem, client_erased
from services.gateway.guard import Ours, Studio, studio_router
from services.gateway.live import Change
from services.gateway.reads import notifications as reads
from services.gateway.reads.paging import raw_json
from services.gateway.state import Gateway
from services.gateway.view import notifications
from services.gateway.view.requests import Request as Asked

routes = studio_router("notifications")


@routes.get("/galleries/{gallery_id}/notifications/preview")
async def preview(gallery_id: UUID, _: Studio, ours: Ours) -> Response:
    """Who would be mailed, who was, who has not paid, what is missing, and where mail did not get through."""
    return raw_json(await reads.preview(ours.db, gallery_id))


@routes.post("/galleries/{gallery_id}/notifications", status_code=202)
async def notify_clients(gallery_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Mail each client whose order is paid and ready, once. `queued`: how many this press has found."""

    async def effect(tx: Tx) -> dict[str, Any]:
        check_policy(await notifications.policy_of(tx, gallery_id))
        found = await notifications.queue_ready(tx, gallery_id)
        await outbox.emit(tx, *(NotifyClients(gallery_id=gallery_id, order_ids=batch) for batch in batches(found)))
        return {"id": str(uuid7()), "queued": len(found)}

    answer = await writes.do_here(ours, http, str(studio.studio_id), "mails_queued", effect, gallery_id)
    ours.announcer.announce(gallery_id, Change("gallery", gallery_id))
    return answer


@routes.post("/orders/{order_id}/notification", status_code=202)
async def send_again(order_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Mail one client again, on purpose."""
    gallery_id = studio.owned_gallery

    async def effect(tx: Tx) -> dict[str, Any]:
        _check_order(await notifications.order_of(tx, order_id))
        await notifications.queue_again(tx, order_id, gallery_id)
        await outbox.emit(tx, SendAgain(order_id=order_id, gallery_id=gallery_id))
        return {"order_id": str(order_id), "state": "queued"}

    answer = await writes.do_here(ours, http, str(studio.studio_id), "mails_queued", effect, gallery_id)
    ours.announcer.announce(gallery_id, Change("notification", order_id))
    return answer


@writes.answers("mails_queued", kept=False)
async def _queued(_: Gateway, asked: Asked) -> Response:
    return JSONResponse(asked.subject, 202)


def check_policy(policy: str) -> None:
    """Raises `Problem` 409 while nobody may download."""
    if policy == DownloadPolicy.NONE:
        detail = "Nobody can download from this gallery, so nobody is mailed; change its download setting first."
        raise Problem(409, "downloads-closed", detail)


def _check_order(order: Record) -> None:
    """Raises `Problem` 409 when there is nothing behind the order's link to be mailed about."""
    check_policy(order["policy"])
    if order["erased"]:
        raise client_erased()
    if order["status"] == OrderStatus.PLACED:
        raise Problem(409, "not-paid", f"Order #{order['number']} is not paid; mark it as paid first.")
    if order["status"] != OrderStatus.PAID:
        raise Problem(409, "not-paid", f"Order #{order['number']} is {order['status']}; its client gets no photos.")
    if not order["has_file"]:
        raise Problem(409, "nothing-ready", f"No photo of order #{order['number']} is ready; upload the finals first.")
