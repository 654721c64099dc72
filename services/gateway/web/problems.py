"""Errors: a problem document for programs, a page or a sentence in their language for people."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from services.gateway.errors import Problem
from services.gateway.web.explaining import explain
from services.gateway.web.rendering import go, is_partial, locale_of, render


def respond(request: Request, problem: Problem) -> Response:
    """What `request` is answered when it cannot be done."""
    if not _is_for_people(request):
        return problem.response()
    path = request.url.path
    if problem.code == "not-logged-in":
        return go(request, f"/login?next={quote(path)}")
    if problem.code == "access-code-required":
        return go(request, f"/g/{request.path_params['public_token']}/access?next={quote(path)}")
    detail = explain(problem, locale_of(request))
    template = "shell/problem_note.html" if is_partial(request) else "shell/problem.html"
    return render(request, template, problem.status, detail=detail, code=problem.code)


def _is_for_people(request: Request) -> bool:
    is_page = not request.url.path.startswith(("/api/", "/store/")) and hasattr(request.app.state, "gateway")
    return is_page and "text/html" in request.headers.get("accept", "")
