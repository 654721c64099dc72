"""Signing up, logging in, API tokens."""

from uuid import UUID

import asyncpg
import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chassis.db import Tx
from contracts.base import uuid7
from services.gateway import auth, cookies, studios, writes
from services.gateway.errors import Problem
from services.gateway.guard import Ours, Studio, studio_router
from services.gateway.routes.account import email_taken
from services.gateway.routes.schemas import LogIn, NewToken, SignUp
from services.gateway.state import Gateway
from services.gateway.view.requests import Request as Asked

open_routes = APIRouter(prefix="/api/v1", tags=["accounts"])
routes = studio_router("accounts")
log = structlog.get_logger()


@open_routes.post("/studios", status_code=201)
async def sign_up(body: SignUp, http: Request, ours: Ours) -> Response:
    """Sign up, where the operator lets anybody."""
    if ours.settings.signup == "closed":
        raise Problem(403, "signup-closed", "New studios are set up by the operator here; ask them for an account.")
    password_hash = await auth.hash_password(body.password)

    async def effect(tx: Tx) -> dict[str, str]:
        studio_id = uuid7()
        try:
            await studios.add(
                tx, studio_id, name=body.name, email=body.email, password_hash=password_hash, locale=body.locale
            )
        except asyncpg.UniqueViolationError:
            raise email_taken() from None
        return {"id": str(studio_id), "name": body.name, "email": body.email}

    return await writes.do_here(ours, http, "sign-up", "studio_signed_up", effect)


@writes.answers("studio_signed_up", kept=False)
async def _signed_up(_: Gateway, asked: Asked) -> Response:
    return JSONResponse(asked.subject, 201)


@open_routes.post("/sessions", status_code=201)
async def log_in(body: LogIn, http: Request, ours: Ours) -> Response:
    """Log in: sets the cookie.

    An `Idempotency-Key` has no effect here: a repeat logs in once more, with a cookie of its own.
    """
    caller = auth.address_of(http)
    account, address = f"account:{body.email.lower()}", f"address:{caller}"
    if ours.settings.rate_limits == "on":
        await auth.count_try(ours.db, account, address)
    row = await studios.by_email(ours.db, body.email)
    studio_id = str(row["id"]) if row else None
    if not await auth.password_fits(row["password_hash"] if row else None, body.password) or row is None:
        raise _refused(studio_id, caller)
    await auth.forget_tries(ours.db, account)
    await auth.take_back_try(ours.db, address)
    response = JSONResponse({"id": str(row["id"]), "name": row["name"], "email": row["email"]}, 201)
    return await let_in(response, row["id"], row["password_hash"], http, ours)


async def let_in(response: Response, studio_id: UUID, password_hash: str, http: Request, ours: Gateway) -> Response:
    """The answer, with the cookie of a new log-in. Raises `Problem` 401 when the password has changed meanwhile."""
    caller = auth.address_of(http)
    session = await studios.begin_log_in(ours.db, studio_id, password_hash)
    if session is None:
        raise _refused(str(studio_id), caller)
    log.info("logged in", studio_id=str(studio_id), address=caller)
    cookies.put(response, auth.COOKIE, session, ours.settings.public_url, auth.SESSION_VALID)
    return response


def _refused(studio_id: str | None, address: str) -> Problem:
    log.warning("log-in refused", studio_id=studio_id, address=address)
    return Problem(401, "wrong-login", "E-mail or password is wrong.")


@routes.delete("/sessions/current", status_code=204)
async def log_out(http: Request, _: Studio, ours: Ours) -> Response:
    """Log out, on the server too."""
    await studios.end_log_in(ours.db, cookies.read(http, auth.COOKIE, ours.settings.public_url))
    response = Response(status_code=204)
    cookies.drop(response, auth.COOKIE, ours.settings.public_url)
    return response


@routes.post("/tokens", status_code=201)
async def make_token(body: NewToken, http: Request, studio: Studio, ours: Ours) -> Response:
    """Make an API token; it is shown in this answer only."""

    async def effect(tx: Tx) -> dict[str, str]:
        token_id = uuid7()
        await studios.add_token(tx, studio.studio_id, token_id, body.name, ours.signer.api_token(token_id))
        return {"id": str(token_id), "name": body.name}

    return await writes.do_here(ours, http, str(studio.studio_id), "token_made", effect)


@writes.answers("token_made", kept=False)
async def _token_made(ours: Gateway, asked: Asked) -> Response:
    return JSONResponse(asked.subject | {"token": ours.signer.api_token(UUID(asked.subject["id"]))}, 201)


@routes.get("/tokens")
async def list_tokens(studio: Studio, ours: Ours) -> dict[str, object]:
    """A studio's API tokens, without the tokens themselves."""
    return {"items": await studios.tokens(ours.db, studio.studio_id), "next": None}


@routes.delete("/tokens/{token_id}", status_code=204)
async def delete_token(token_id: UUID, _: Studio, ours: Ours) -> Response:
    """Make an API token useless, from now on."""
    await studios.delete_token(ours.db, token_id)
    return Response(status_code=204)
