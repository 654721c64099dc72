"""**Forgotten your password?**: a link that sets a new one comes by mail."""

import asyncio

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chassis import outbox
from contracts.base import Cause, caused_by, utc_now, uuid7
from contracts.notifier import SendPasswordReset
from services.gateway import auth, cookies, studios
from services.gateway.guard import Ours, ResetLink, reset_gone
from services.gateway.routes import accounts
from services.gateway.routes.schemas import Forgotten, NewPassword
from services.gateway.state import Gateway
from services.gateway.web.forms import Form, posted
from services.gateway.web.rendering import go, locale_of, render
from services.gateway.web.routing import reset_pages

open_routes = APIRouter(include_in_schema=False)
routes = reset_pages()
log = structlog.get_logger()

ASKING_TAKES = 0.1
"""Seconds that every answer takes, so that its time does not tell whether there is such an account."""


@open_routes.get("/login/forgotten")
async def show(http: Request, email: str = "") -> Response:
    """One field and one button."""
    return render(http, "forgotten/ask.html", form=Form(locale_of(http)), email=email, sent_to=None)


@open_routes.post("/login/forgotten")
async def ask(http: Request, ours: Ours) -> Response:
    """Mail a link to that address if somebody logs in with it; the answer does not tell whether anybody does."""
    form = await posted(http)
    auth.check_origin(http, ours.settings.public_url)
    with form:
        email = Forgotten(email=form.values.get("email", "")).email
        if ours.settings.rate_limits == "on":
            await auth.count_try(ours.db, f"forgotten:{email.lower()}", f"forgotten-at:{auth.address_of(http)}")
        await asyncio.gather(_begin(ours, http, email), asyncio.sleep(ASKING_TAKES))
        return render(http, "forgotten/ask.html", sent_to=email)
    return render(http, "forgotten/ask.html", 422, form=form, email="", sent_to=None)


async def _begin(ours: Gateway, http: Request, email: str) -> None:
    reset_id, expires_at = uuid7(), utc_now() + auth.RESET_VALID
    async with ours.db.transaction() as tx:
        studio = await studios.begin_reset(tx, email, ours.signer.reset_digest(reset_id), expires_at)
        if studio:
            with caused_by(Cause(reset_id)):
                mail = SendPasswordReset(
                    reset_id=reset_id, email=studio["email"], locale=studio["locale"], expires_at=expires_at
                )
            await outbox.emit(tx, mail)
    log.info("password forgotten", studio_id=str(studio["id"]) if studio else None, address=auth.address_of(http))


@routes.head("/reset/{reset_token}")
@routes.get("/reset/{reset_token}")
async def enter(reset_token: str, http: Request, ours: Ours, _: ResetLink) -> Response:
    """Exchange the link for a cookie and an address without the secret. Nothing else: mail scanners open links."""
    response = go(http, auth.RESET_PATH)
    public_url = ours.settings.public_url
    cookies.put(response, auth.RESET_COOKIE, reset_token, public_url, auth.RESET_VALID, auth.RESET_PATH)
    return response


@routes.get(auth.RESET_PATH)
async def show_new(http: Request, link: ResetLink) -> Response:
    """Asks for the new password."""
    return render(http, "forgotten/new.html", form=Form(locale_of(http)), email=link.email)


@routes.post(auth.RESET_PATH)
async def set_new(http: Request, ours: Ours, link: ResetLink) -> Response:
    """Set the password, and log in here and nowhere else; API tokens stay, as they are programs'."""
    form = await posted(http)
    auth.check_origin(http, ours.settings.public_url)
    with form:
        password = NewPassword(new_password=form.values.get("new_password", "")).new_password
        password_hash = await auth.hash_password(password)
        async with ours.db.transaction() as tx:
            if not await studios.reset_password(tx, link, password_hash):
                raise reset_gone()
        await auth.forget_tries(ours.db, f"account:{link.email.lower()}")
        log.info("password reset", studio_id=str(link.studio_id), address=auth.address_of(http))
        return await accounts.let_in(go(http, "/galleries"), link.studio_id, password_hash, http, ours)
    return render(http, "forgotten/new.html", 422, form=form, email=link.email)
