"""The access code of a gallery that has one."""

from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response

from services.gateway import auth
from services.gateway.errors import Problem
from services.gateway.guard import Ours, check_pass
from services.gateway.routes import public
from services.gateway.routes.public import Gallery
from services.gateway.routes.schemas import AccessCode
from services.gateway.web.forms import Form, posted
from services.gateway.web.gallery.frame import base_of
from services.gateway.web.rendering import go, render
from services.gateway.web.routing import public_pages

routes = public_pages()


@routes.get("/access")
async def show(http: Request, gallery: Gallery, ours: Ours, next: str = "") -> Response:
    """Asks for the code, unless it is known already. Without it nothing is told but whose gallery it is."""
    with suppress(Problem):
        check_pass(http, ours, gallery.id, gallery.settings.access_code)
        return go(http, _onward(http, next))
    return _page(http, gallery, Form(gallery.settings.locale), next, 200)


@routes.post("/access")
async def enter(http: Request, gallery: Gallery, ours: Ours, next: str = "") -> Response:
    """Exchange the code for a cookie and go on to where one wanted to be."""
    auth.check_origin(http, ours.settings.public_url)
    form = await posted(http)
    with form:
        code = AccessCode(code=form.values.get("code", ""))
        passed = await public.access(http.path_params["public_token"], code, http, gallery, ours)
        response = go(http, _onward(http, next))
        response.headers["Set-Cookie"] = passed.headers["Set-Cookie"]
        return response
    return _page(http, gallery, form, next, 422)


def _onward(http: Request, next: str) -> str:
    return next if next.startswith(f"{base_of(http)}/") else base_of(http)


def _page(http: Request, gallery: Gallery, form: Form, next: str, status: int) -> Response:
    whose = {"studio": gallery.studio.name, "contact": gallery.studio.email}
    return render(http, "code/page.html", status, form=form, next=next, base=base_of(http), **whose)
