"""A studio's own account: how clients see it, how it logs in."""

import asyncpg
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chassis import outbox
from contracts.base import Cause, caused_by, uuid7
from contracts.orders import ChangeStudio
from services.gateway import auth, cookies, studios
from services.gateway.errors import Problem
from services.gateway.guard import Ours, Studio, studio_router
from services.gateway.routes.schemas import LogInChanges, StudioChanges
from services.gateway.state import Gateway

routes = studio_router("accounts")


@routes.get("/studio")
async def read_studio(studio: Studio, ours: Ours) -> dict[str, object]:
    """The studio that is logged in."""
    return await studios.one(ours.db, studio.studio_id)


@routes.patch("/studio")
async def change_studio(body: StudioChanges, studio: Studio, ours: Ours) -> dict[str, object]:
    """Change how clients see the studio, in all its galleries, and in which language it works."""
    async with ours.db.transaction() as tx:
        card = await studios.change_card(
            tx, studio.studio_id, name=body.name, contact_email=body.contact_email, locale=body.locale
        )
        with caused_by(Cause(uuid7())):
            await outbox.emit(tx, ChangeStudio(studio=card))
    return await read_studio(studio, ours)


@routes.post("/studio/login", status_code=200)
async def change_login(body: LogInChanges, http: Request, studio: Studio, ours: Ours) -> Response:
    """Change the e-mail or the password that the studio logs in with; all other log-ins end."""
    await _check_password(ours, studio, body.password)
    new_hash = await auth.hash_password(body.new_password) if body.new_password else None
    try:
        await studios.change_login(ours.db, studio.studio_id, body.email, new_hash)
    except asyncpg.UniqueViolationError:
        raise email_taken() from None
    await studios.end_log_ins(ours.db, studio.studio_id, but=cookies.read(http, auth.COOKIE, ours.settings.public_url))
    return JSONResponse(await read_studio(studio, ours))


@routes.delete("/sessions", status_code=204)
async def log_out_everywhere(studio: Studio, ours: Ours) -> Response:
    """End every log-in of the studio, this one too; API tokens stay."""
    await studios.end_log_ins(ours.db, studio.studio_id)
    response = Response(status_code=204)
    cookies.drop(response, auth.COOKIE, ours.settings.public_url)
    return response


def email_taken() -> Problem:
    """Somebody has an account with this address."""
    return Problem(409, "email-taken", "There is an account with this e-mail; log in instead.", field="email")


async def _check_password(ours: Gateway, studio: auth.Caller, password: str) -> None:
    """Raises `Problem` 403 for a wrong password: a browser left open is not enough to take an account over."""
    subject = f"password:{studio.studio_id}"
    if ours.settings.rate_limits == "on":
        await auth.count_try(ours.db, subject)
    known = await studios.password_hash(ours.db, studio.studio_id)
    if not await auth.password_fits(known, password):
        raise Problem(403, "wrong-password", "This is not your present password.", field="password")
    await auth.forget_tries(ours.db, subject)
