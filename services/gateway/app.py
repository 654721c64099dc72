"""Composition root of the gateway."""

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.objects import ObjectStore
from chassis.service import Service, run
from services.gateway.errors import Problem, handle_problems
from services.gateway.handlers import router
from services.gateway.live import Announcer, Listener
from services.gateway.routes import accounts, answers, galleries, orders, public
from services.gateway.settings import GatewaySettings
from services.gateway.signing import Signer
from services.gateway.state import Gateway
from services.gateway.view.previews import renew_for_ever


def make_app() -> FastAPI:
    """The HTTP application: every route, no state yet."""
    app = FastAPI(title="Photoferry", openapi_url="/api/v1/openapi.json", docs_url="/api/docs", redoc_url=None)
    handle_problems(app)
    for module in (accounts, galleries, orders, public, answers):
        app.include_router(module.routes)
    app.include_router(accounts.open_routes)
    app.include_router(public.listing)
    return app


class UntilStarted:
    """Answers `503` to all but health until the gateway has its database, broker and store."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        starting = scope["type"] == "http" and not hasattr(self.app.state, "gateway")
        if starting and scope["path"] not in ("/livez", "/readyz", "/metrics", "/asyncapi"):
            detail = "Photoferry is starting; try again in a moment."
            await Problem(503, "starting", detail, headers={"Retry-After": "2"}).response()(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def main() -> None:
    """Run the service until it is told to stop."""
    settings = GatewaySettings()
    service, app = Service("gateway", settings, router), make_app()
    app.router.routes.extend(service.health.routes())

    async def compose(service: Service) -> None:
        base = f"{settings.public_url}/store" if settings.delivery == "proxy" else None
        store = ObjectStore(settings.s3_url.get_secret_value(), public_base=base)
        service.stack.push_async_callback(store.close)
        await service.until_there("the object store", store.ensure_bucket)
        service.health.checks["the object store"] = store.reachable
        signer = Signer(settings.public_url, settings.secret.get_secret_value(), store)
        announcer, listener = Announcer(service.db), Listener(service.db)
        service.provide(announcer=announcer, signer=signer)
        for work in (announcer.run(), listener.run(), renew_for_ever(service.db, signer)):
            service.in_background(work)
        app.state.gateway = Gateway(settings, service.db, signer, listener)

    served: ASGIApp = UntilStarted(app)
    run(service, compose, served)
