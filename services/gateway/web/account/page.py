"""A studio's own account."""

import json
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.gateway.guard import Ours, Studio
from services.gateway.routes import account, accounts, deletions
from services.gateway.routes.schemas import LogInChanges, NewToken, StudioChanges
from services.gateway.state import Gateway
from services.gateway.web.forms import Form, posted
from services.gateway.web.login.page import with_cookie
from services.gateway.web.rendering import go, render
from services.gateway.web.routing import studio_pages

routes = studio_pages()


@routes.get("/account")
async def show(http: Request, studio: Studio, ours: Ours) -> Response:
    """How clients see the studio, how it logs in, and the programs that work for it."""
    return await _page(http, studio, ours)


@routes.post("/account/studio")
async def change_studio(http: Request, studio: Studio, ours: Ours) -> Response:
    """Change name, address for answers and language."""
    form = await posted(http)
    with form:
        await account.change_studio(StudioChanges(**form.values), studio, ours)
        return go(http, "/account?saved=studio")
    return await _page(http, studio, ours, studio_form=form)


@routes.post("/account/login")
async def change_login(http: Request, studio: Studio, ours: Ours) -> Response:
    """Change what the studio logs in with."""
    form = await posted(http)
    with form:
        changes = LogInChanges(**{name: value for name, value in form.values.items() if value})
        await account.change_login(changes, http, studio, ours)
        return go(http, "/account?saved=login")
    return await _page(http, studio, ours, login_form=form)


@routes.post("/account/logout-everywhere")
async def log_out_everywhere(http: Request, studio: Studio, ours: Ours) -> Response:
    """End every log-in, this one too."""
    return with_cookie(go(http, "/login"), await account.log_out_everywhere(studio, ours))


@routes.post("/account/tokens")
async def make_token(http: Request, studio: Studio, ours: Ours) -> Response:
    """Make an API token and show it, this once."""
    form = await posted(http)
    with form:
        made = await accounts.make_token(NewToken(**form.values), http, studio, ours)
        return await _page(http, studio, ours, token=json.loads(bytes(made.body))["token"])
    return await _page(http, studio, ours, token_form=form)


@routes.post("/account/tokens/{token_id}/delete")
async def delete_token(token_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Make an API token useless."""
    await accounts.delete_token(token_id, studio, ours)
    return go(http, "/account")


async def _page(http: Request, studio: Studio, ours: Gateway, *, token: str | None = None, **posted: Form) -> Response:
    blank = Form(studio.locale)
    forms = dict.fromkeys(("studio_form", "login_form", "token_form"), blank) | posted
    return render(
        http,
        "account/page.html",
        422 if posted else 200,
        studio=await account.read_studio(studio, ours),
        tokens=(await accounts.list_tokens(studio, ours))["items"],
        deletions=(await deletions.list_deletions(studio, ours))["items"],
        saved=http.query_params.get("saved"),
        token=token,
        **forms,
    )
