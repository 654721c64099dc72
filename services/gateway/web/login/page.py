"""Signing up and logging in."""

from contextlib import suppress

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.gateway import auth
from services.gateway.errors import Problem
from services.gateway.guard import Ours, Studio, guard_studio
from services.gateway.routes import accounts
from services.gateway.routes.schemas import LogIn, SignUp
from services.gateway.web.forms import Form, posted
from services.gateway.web.rendering import go, local_path, locale_of, render
from services.gateway.web.routing import studio_pages

open_routes = APIRouter(include_in_schema=False)
routes = studio_pages()


@open_routes.get("/")
async def start(http: Request) -> Response:
    """The galleries of who is logged in; else the log-in."""
    with suppress(Problem):
        await guard_studio(http)
        return go(http, "/galleries")
    return go(http, "/login")


@open_routes.get("/login")
async def show_login(http: Request, next: str = "/galleries") -> Response:
    """The log-in form."""
    return render(http, "login/login.html", form=Form(locale_of(http)), next=local_path(next))


@open_routes.post("/login")
async def log_in(http: Request, ours: Ours, next: str = "/galleries") -> Response:
    """Log in and go on to where one wanted to be."""
    form = await posted(http)
    auth.check_origin(http, ours.settings.public_url)
    with form:
        logged_in = await accounts.log_in(LogIn(**form.values), http, ours)
        return with_cookie(go(http, local_path(next)), logged_in)
    return render(http, "login/login.html", 422, form=form, next=local_path(next))


@open_routes.get("/signup")
async def show_signup(http: Request) -> Response:
    """The sign-up form."""
    return render(http, "login/signup.html", form=Form(locale_of(http)))


@open_routes.post("/signup")
async def sign_up(http: Request, ours: Ours) -> Response:
    """Sign up and be logged in."""
    form = await posted(http)
    auth.check_origin(http, ours.settings.public_url)
    with form:
        body = SignUp(**{**form.values, "locale": locale_of(http)})
        await accounts.sign_up(body, http, ours)
        logged_in = await accounts.log_in(LogIn(email=body.email, password=body.password), http, ours)
        return with_cookie(go(http, "/galleries"), logged_in)
    return render(http, "login/signup.html", 422, form=form)


@routes.post("/logout")
async def log_out(http: Request, studio: Studio, ours: Ours) -> Response:
    """Log out, on the server too."""
    return with_cookie(go(http, "/login"), await accounts.log_out(http, studio, ours))


def with_cookie(response: Response, other: Response) -> Response:
    """The answer, and the cookie that `other` sets or takes away."""
    response.headers["Set-Cookie"] = other.headers["Set-Cookie"]
    return response
