"""**Payments** among a studio's settings: the providers through which clients pay, and what they last told us."""

from starlette.requests import Request
from starlette.responses import Response

from contracts.base import utc_now
from services.gateway.guard import Ours, Studio
from services.gateway.payments import checkout_store, connections, registry
from services.gateway.reads import webhooks
from services.gateway.routes import payment_providers
from services.gateway.state import Gateway
from services.gateway.web.forms import Form, posted
from services.gateway.web.providers.cards import card
from services.gateway.web.rendering import done, render
from services.gateway.web.routing import studio_pages

routes = studio_pages()

HERE = "/payments/providers"


@routes.get("/payments/providers")
async def show(http: Request, studio: Studio, ours: Ours) -> Response:
    """Each provider, connected or not, and the newest webhooks."""
    return await _page(http, studio, ours)


@routes.post("/payments/providers/{provider}")
async def connect(provider: str, http: Request, studio: Studio, ours: Ours) -> Response:
    """Connect a provider, or change its keys; a secret that we made is shown, this once."""
    form = await posted(http)
    with form:
        typed = {name: value.strip() for name, value in form.values.items()}
        keys = payment_providers.known(ours, provider).Keys.model_validate(typed).model_dump()
        made = await payment_providers.connect_with(ours, studio.studio_id, provider, keys)
        return await _page(http, studio, ours, saved=provider, secret=(provider, made) if made else None)
    return await _page(http, studio, ours, form=(provider, form))


@routes.post("/payments/providers/{provider}/rotate-secret")
async def rotate_secret(provider: str, http: Request, studio: Studio, ours: Ours) -> Response:
    """Make a new secret and show it, this once."""
    rotated = await payment_providers.rotate_secret(provider, studio, ours)
    return await _page(http, studio, ours, secret=(provider, str(rotated["webhook_secret"])))


@routes.post("/payments/providers/{provider}/test")
async def try_out(provider: str, http: Request, studio: Studio, ours: Ours) -> Response:
    """Ask whether the provider accepts the keys; a webhook from ourselves appears among the newest."""
    form = Form(studio.locale)
    with form:
        await payment_providers.try_out(provider, studio, ours)
        return await _page(http, studio, ours, tried=provider)
    return await _page(http, studio, ours, form=(provider, form))


@routes.post("/payments/providers/{provider}/disconnect")
async def disconnect(provider: str, http: Request, studio: Studio, ours: Ours) -> Response:
    """Take no more webhooks from the provider, and forget its keys."""
    await payment_providers.disconnect(provider, studio, ours)
    return done(http, HERE)


async def _page(
    http: Request,
    studio: Studio,
    ours: Gateway,
    *,
    form: tuple[str, Form] | None = None,
    secret: tuple[str, str] | None = None,
    saved: str | None = None,
    tried: str | None = None,
) -> Response:
    """`form`: what was typed for a provider and is wrong; `secret`: a provider's new one; `saved`: whose keys were.

    `tried`: who was tried out, and is fine.
    """
    made = await connections.of_studio(ours.db, ours.signer, studio.studio_id, utc_now())
    under_way = await checkout_store.under_way(ours.db, studio.studio_id)
    typed, blank = dict([form] if form else []), Form(studio.locale)
    secrets, servers = dict([secret] if secret else []), ours.cashier.servers
    cards = [
        card(payment_providers.shown(ours, studio.studio_id, name), provider, made.get(name))
        | {"form": typed.get(name, blank), "secret": secrets.get(name), "under_way": under_way.get(name, 0)}
        for name, provider in registry.offered(servers).items()
    ]
    newest = await webhooks.newest(ours.db, studio.studio_id)
    return render(
        http,
        "providers/page.html",
        422 if form else 200,
        cards=cards,
        page=registry.page_of(made, servers),
        others=len(made.keys() & registry.PAGES.keys() & servers.keys()) - 1,
        webhooks=newest,
        saved=saved,
        tried=tried,
        here=HERE,
    )
