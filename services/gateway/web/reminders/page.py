"""Reminders of a gallery: who has not paid, who has not downloaded, and the mails that they would get."""

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from contracts.notifier import ReminderKind
from mails.writing import Kind, Words
from services.gateway.errors import Problem
from services.gateway.guard import Ours, Studio
from services.gateway.mail_drafts import draft
from services.gateway.reads import galleries
from services.gateway.reads import reminders as reads
from services.gateway.reads.reminders import Reminders
from services.gateway.routes import reminders
from services.gateway.routes.reminders import USUAL_DAYS, Days
from services.gateway.routes.schemas import ConfirmedReminders
from services.gateway.state import Gateway
from services.gateway.web.forms import posted
from services.gateway.web.rendering import done, render
from services.gateway.web.routing import studio_pages

routes = studio_pages()

CHOICES = (0, 3, 7, 14, 30)
"""Days."""


@dataclass(frozen=True, slots=True)
class Section:
    """Reminders of one kind; `mail` is the one to the first client of those who are due."""

    kind: ReminderKind
    orders: Reminders
    mail: Words | None


@routes.get("/galleries/{gallery_id}/reminders")
async def show(gallery_id: UUID, http: Request, _: Studio, ours: Ours, days: Days = USUAL_DAYS) -> Response:
    """Both lists, each with the mail that would go out."""
    gallery = await galleries.one(ours.db, ours.signer, gallery_id)
    found = await reads.of_gallery(ours.db, gallery_id, days)
    sections = [Section(kind, orders, await _mail(ours, kind, orders)) for kind, orders in found.items()]
    return render(
        http,
        "reminders/page.html",
        gallery=gallery,
        tab="orders",
        days=days,
        choices=sorted({*CHOICES, days}),
        sections=sections,
    )


@routes.post("/galleries/{gallery_id}/reminders")
async def send(gallery_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Remind the clients of the ticked orders."""
    form = await posted(http)
    with form:
        values = {"kind": form.values.get("kind"), "order_ids": form.data.getlist("order_ids")}
        await reminders.send(gallery_id, ConfirmedReminders.model_validate(values), http, studio, ours)
        return done(http, f"/galleries/{gallery_id}/reminders")
    raise Problem(422, "nothing-ticked", "Tick at least one order.")


async def _mail(ours: Gateway, kind: ReminderKind, orders: Reminders) -> Words | None:
    return await draft(ours, Kind(kind), orders.due[0]["id"]) if orders.due else None
