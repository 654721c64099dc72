"""Errors: a problem document for programs, a page or a sentence in their language for people."""

from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from services.gateway.errors import Problem
from services.gateway.reads.deletions import DeletedLink
from services.gateway.state import Gateway
from services.gateway.web.explaining import explain
from services.gateway.web.formats import day
from services.gateway.web.rendering import go, is_partial, locale_of, render
from services.gateway.web.wording import wanted_locale


def respond(request: Request, problem: Problem) -> Response:
    """What `request` is answered when it cannot be done."""
    if not _is_for_people(request):
        return problem.response()
    if problem.code == "not-logged-in":
        return go(request, f"/login?next={quote(_page_of(request))}")
    if problem.code == "access-code-required":
        return go(request, f"/g/{request.path_params['public_token']}/access?next={quote(_page_of(request))}")
    detail = _said(request, _gallery_gone() if _is_behind_no_gallery(request) else problem)
    template = "shell/problem_note.html" if is_partial(request) else "shell/problem.html"
    shown = {"detail": detail, "back": _way_back(request), "my_link": _where_links_are_sent_again(request)}
    shown["ask_again"] = "/login/forgotten" if problem.code == "reset-gone" else None
    shown["behind"] = getattr(request.state, "order", getattr(request.state, "deleted", None))
    page = render(request, template, problem.status, **shown)
    page.headers.update(problem.headers or {})
    return page


def respond_before_start(request: Request) -> Response:
    """What everybody is answered until there is all that pages and calls need; browsers look again by themselves."""
    detail = "Photoferry is starting; try again in a moment."
    problem = Problem(503, "starting", detail, headers={"Retry-After": "2"})
    if "text/html" not in request.headers.get("accept", ""):
        return problem.response()
    said = explain(problem, wanted_locale(request.headers.get("accept-language", "")))
    return PlainTextResponse(said, 503, headers={"Retry-After": "2", "Refresh": "2"})


def _said(request: Request, problem: Problem) -> str:
    locale, zone = locale_of(request), ZoneInfo(request.app.state.gateway.settings.time_zone)
    deleted: DeletedLink | None = getattr(request.state, "deleted", None)
    said = explain(problem, locale)
    return said % {"day": day(deleted.at, locale, zone)} if deleted else said


def _is_behind_no_gallery(request: Request) -> bool:
    return "public_token" in request.path_params and not hasattr(request.state, "gallery")


def _gallery_gone() -> Problem:
    return Problem(404, "gallery-gone", "There is no such gallery here.")


def _way_back(request: Request) -> str | None:
    """The photos for who has a gallery's link and can use it, nothing for other clients, the start for studios."""
    path = request.url.path
    wanted = request.query_params.get("then", "") if path.startswith("/wait/") else path
    if not wanted.startswith(("/g/", "/c/")):
        return "/"
    return None if _is_behind_no_gallery(request) or wanted.startswith("/c/") else "/".join(wanted.split("/")[:3])


def _page_of(request: Request) -> str:
    """The page that somebody is on: what was asked for, or where the form stands that was posted."""
    if request.method == "GET" and not is_partial(request):
        return str(request.url.replace(scheme="", netloc=""))
    page = urlsplit(request.headers.get("hx-current-url") or request.headers.get("referer") or "/")
    return f"{page.path}?{page.query}" if page.query else page.path


def _is_for_people(request: Request) -> bool:
    is_page = not request.url.path.startswith(("/api/", "/store/")) and hasattr(request.app.state, "gateway")
    return is_page and "text/html" in request.headers.get("accept", "")


def _where_links_are_sent_again(request: Request) -> str | None:
    """For who has a personal link, the page that mails the present one."""
    order = getattr(request.state, "order", None)
    ours: Gateway = request.app.state.gateway
    return f"{ours.signer.public_url_of(order.gallery_id)}/my-link" if order and not order.erased else None
