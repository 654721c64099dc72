"""Composition root of the gateway."""

from functools import partial

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar
from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.objects import ObjectStore
from chassis.service import Service, run
from chassis.together import Together
from services.gateway.bodies import TimelyBodies, WordedLimits
from services.gateway.errors import handle_problems
from services.gateway.handlers import router
from services.gateway.headers import SafeHeaders
from services.gateway.limits import RateLimits
from services.gateway.live import Announcer, Listener
from services.gateway.measured import HEALTH, Measured
from services.gateway.outgoing.names import Names
from services.gateway.outgoing.sender import AT_ONCE, Sender
from services.gateway.payments import reconciliation
from services.gateway.payments.cashier import Cashier, servers
from services.gateway.payments.connections import Remembered
from services.gateway.payments.webhooks import accept
from services.gateway.reads.photos import PublicListings
from services.gateway.routes import (
    account,
    accounts,
    answers,
    bank,
    checkouts,
    client,
    deletions,
    downloads,
    endpoints,
    events,
    exports,
    files,
    galleries,
    notifications,
    operator,
    orders,
    payment_providers,
    payments,
    public,
    public_links,
    reminders,
    uploads,
    watermark,
    webhooks,
)
from services.gateway.routes.store import store_route
from services.gateway.settings import GatewaySettings
from services.gateway.signing import DOWNLOAD_VALID, Signer
from services.gateway.state import Gateway
from services.gateway.view import baskets, outdated
from services.gateway.view.abandoned import discard_for_ever
from services.gateway.view.previews import renew_for_ever
from services.gateway.web import site
from services.gateway.web.problems import respond, respond_before_start
from services.gateway.web.static import static_route
from services.gateway.zip.objects import ObjectReader, store_session

MAX_BODY = 1_000_000
"""Bytes; files do not come this way, but for the proxy's."""


TELEMETRY = TelemetryConfig(
    tracing=True,  # where the chassis has traces on; it also sees to it that no path is sent: paths carry tokens
    metrics=False,
    logs=False,
    operation_spans=False,
    auto_configure=False,
    exclude=lambda scope: scope["path"] in HEALTH,
)


def make_app() -> FastAPI:
    """The HTTP application: every route, no state yet."""
    app = FastAPI(
        title="Photoferry",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        max_body_size=MAX_BODY,
        redirect_slashes=False,  # another path is another thing, and mostly none
        telemetry=TELEMETRY,
    )
    handle_problems(app, respond)
    # tried first, and without the search inside an included router
    for hot in (downloads.files, public.listing, webhooks.routes):
        app.router.routes.extend(hot.routes)
    for module in (account, accounts, galleries, files, uploads, events, orders):
        app.include_router(module.routes)
    for module in (notifications, reminders, exports, watermark):
        app.include_router(module.routes)
    for module in (payment_providers, payments, bank, endpoints, operator, deletions):
        app.include_router(module.routes)
    for module in (public, checkouts, public_links, client, downloads, answers):
        app.include_router(module.routes)
    app.include_router(accounts.open_routes)
    app.include_router(site.routes)
    app.router.routes.append(static_route())
    return app


class UntilStarted:
    """Answers `503` to all but health until the gateway has its database, broker and store."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        starting = scope["type"] == "http" and not hasattr(self.app.state, "gateway")
        if starting and scope["path"] not in HEALTH:
            await respond_before_start(Request(scope))(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _objects(service: Service, settings: GatewaySettings) -> ObjectReader:
    """What archives are read with: straight from the store, also where clients reach it through us only."""
    session = store_session()
    service.stack.push_async_callback(session.close)
    store = ObjectStore(settings.s3_url.get_secret_value())
    return ObjectReader(session, partial(store.presign_get, expires=int(DOWNLOAD_VALID.total_seconds())))


def _payments_session(service: Service) -> ClientSession:
    """What payment providers are asked by; nothing that they set is kept."""
    session = ClientSession(cookie_jar=DummyCookieJar(), timeout=ClientTimeout(total=20))
    service.stack.push_async_callback(session.close)
    return session


def main() -> None:
    """Run the service until it is told to stop."""
    settings = GatewaySettings()
    service, app = Service("gateway", settings, router), make_app()
    app.router.routes.extend(service.health.routes())

    async def compose(service: Service) -> None:
        signer = Signer.of(settings)
        store = signer.store
        service.stack.push_async_callback(store.close)
        await service.until_there("the object store", store.ensure_bucket)
        service.health.checks["the object store"] = store.reachable
        service.health.spared = {"the object store", "RabbitMQ", "consumers"}  # pages answer, writes wait in the outbox
        cashier = Cashier(service.db, signer, _payments_session(service), servers(settings))
        announcer, listener = Announcer(service.db), Listener(service.db)
        sender = Sender(service.db, signer, Names(AT_ONCE), private=settings.private_endpoints)
        service.stack.push_async_callback(sender.close)
        service.provide(live=announcer, signer=signer)
        for work in (
            announcer.run(),
            listener.run(),
            listener.end_with(service.stopping),
            renew_for_ever(service.db, signer),
            discard_for_ever(service.db, settings.discard_uploads_after_hours),
            baskets.forget_for_ever(service.db),
            outdated.forget_for_ever(service.db),
            sender.run(),
            reconciliation.look_for_ever(cashier, settings.look_for_payments_every),
        ):
            service.in_background(work)
        if settings.delivery == "proxy":
            app.router.routes.append(
                await service.stack.enter_async_context(store_route(store, settings.max_upload_bytes))
            )
        app.state.gateway = Gateway(
            settings=settings,
            db=service.db,
            signer=signer,
            listener=listener,
            announcer=announcer,
            objects=_objects(service, settings),
            listings=PublicListings(service.db),
            cashier=cashier,
            connections=Remembered(service.db, signer),
            webhooks=Together(partial(accept, service.db)),
        )

    served: ASGIApp = WordedLimits(TimelyBodies(UntilStarted(app)), respond)
    if settings.rate_limits == "on":
        served = RateLimits(served, app, settings, respond)
    run(service, compose, Measured(SafeHeaders(served, settings.public_url)))
