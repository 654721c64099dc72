"""Whose it is comes before what is in the body: every route is guarded by its class, before anything is parsed."""

import hmac
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from chassis.links import token_digest
from services.gateway import auth, cookies, studios
from services.gateway.auth import Caller
from services.gateway.errors import Problem, not_found
from services.gateway.reads import deletions, downloads, galleries
from services.gateway.reads.downloads import ClientOrder
from services.gateway.state import Gateway
from services.gateway.studios import Reset

Guard = Callable[[Request], Awaitable[None]]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class StudioRoute(APIRoute):
    """For a logged-in studio, and only for what is its own: `{gallery_id}`, `{order_id}` … in the path are checked."""

    def get_route_handler(self) -> Handler:
        """The route's handler behind the guard."""
        return guarded(guard_studio, super().get_route_handler())


def guarded(guard: Guard, handler: Handler) -> Handler:
    """`handler` behind `guard`."""

    async def handle(request: Request) -> Response:
        await guard(request)
        return await handler(request)

    return handle


async def guard_studio(request: Request) -> None:
    """Raises `Problem` 401 unless a studio is logged in, and 404 when what the path names is not its own."""
    gateway: Gateway = request.app.state.gateway
    digest = auth.credentials(request, gateway.settings.public_url)
    named = _named(request)
    caller = await auth.find_caller(gateway.db, digest, named)
    if caller is None:
        raise auth.not_logged_in()
    request.state.caller = caller
    if named and caller.gallery_id is None:
        raise not_found(named[0].removesuffix("_id"))


class OperatorRoute(APIRoute):
    """For operators; nobody else learns that there is anything."""

    def get_route_handler(self) -> Handler:
        """The route's handler behind the guard."""
        return guarded(_guard_operator, super().get_route_handler())


async def _guard_operator(request: Request) -> None:
    await guard_studio(request)
    if not request.state.caller.is_operator:
        raise not_found()


def _named(request: Request) -> tuple[str, UUID] | None:
    """The thing that the path names."""
    for name, value in request.path_params.items():
        if name in auth.OWNED:
            return name, path_id(value, name.removesuffix("_id"))
    return None


def path_id(value: str, what: str) -> UUID:
    """An id from the path. Raises `Problem` 404 when it is none: there is no such thing then."""
    try:
        return UUID(value)
    except ValueError:
        raise not_found(what) from None


class PublicRoute(APIRoute):
    """For who has a gallery's public link, and its access code where one is set."""

    def get_route_handler(self) -> Handler:
        """The route's handler behind the guard."""
        asks_for_the_code = self.path.endswith("/{public_token}/access")
        return guarded(_guard_gallery if asks_for_the_code else _guard_public, super().get_route_handler())


async def _guard_gallery(request: Request) -> None:
    gateway: Gateway = request.app.state.gateway
    gallery = await galleries.by_public_digest(gateway.db, token_digest(request.path_params["public_token"]))
    if gallery is None:
        raise not_found("gallery")
    request.state.gallery = gallery


async def _guard_public(request: Request) -> None:
    await _guard_gallery(request)
    gallery = request.state.gallery
    check_pass(request, request.app.state.gateway, gallery.id, gallery.settings.access_code)


class ClientRoute(APIRoute):
    """For who has an order's personal link, or the cookie that it was exchanged for (S6)."""

    def get_route_handler(self) -> Handler:
        """The route's handler behind the guard."""
        return guarded(_guard_client, super().get_route_handler())


async def _guard_client(request: Request) -> None:
    gateway: Gateway = request.app.state.gateway
    order = await downloads.order_behind(gateway.db, client_digest(request))
    if order is None:
        raise await leads_nowhere(request)
    request.state.order = order
    if order.erased:
        raise link_erased()
    if order.link_replaced:
        raise link_replaced()


class ResetRoute(APIRoute):
    """For who has a link that sets a new password, or the cookie that it was exchanged for."""

    def get_route_handler(self) -> Handler:
        """The route's handler behind the guard."""
        return guarded(_guard_reset, super().get_route_handler())


async def _guard_reset(request: Request) -> None:
    gateway: Gateway = request.app.state.gateway
    token = request.path_params.get("reset_token") or cookies.read(
        request, auth.RESET_COOKIE, gateway.settings.public_url, auth.RESET_PATH
    )
    reset = await studios.by_reset(gateway.db, token_digest(token))
    if reset is None:
        raise reset_gone()
    request.state.reset = reset
    request.state.locale = reset.locale


def reset_gone() -> Problem:
    """The link has set a password, has expired, was replaced by a newer one, or never was."""
    detail = "This link no longer works. It sets a password once, within an hour, unless a newer one was asked for."
    return Problem(404, "reset-gone", detail)


def order_cookie(order_id: str) -> str:
    """The name of the cookie that an order's personal link is exchanged for."""
    return f"photoferry_order_{order_id}"


def order_path(order_id: str) -> str:
    """Where the pages behind an order's personal link are, and that cookie is sent to."""
    return f"/c/order/{order_id}"


def client_digest(request: Request) -> bytes:
    """What a personal link is looked up by: the token in the path, or in the cookie of the order in the path."""
    path = request.path_params
    return token_digest(path.get("client_token") or _order_cookie_sent(request, path["order_id"]))


def _order_cookie_sent(request: Request, order_id: str) -> str:
    ours: Gateway = request.app.state.gateway
    return cookies.read(request, order_cookie(order_id), ours.settings.public_url, order_path(order_id))


async def leads_nowhere(request: Request) -> Problem:
    """Why there is nothing behind a personal link: its gallery was deleted, or it is none."""
    ours: Gateway = request.app.state.gateway
    deleted = await deletions.behind(ours.db, client_digest(request))
    if deleted is None:
        return not_found("order")
    request.state.deleted = deleted
    day = deleted.at.astimezone(ZoneInfo(ours.settings.time_zone)).date()
    return Problem(410, "link-deleted", f"The photos of this link were deleted on {day}; ask {deleted.studio}.")


def link_replaced() -> Problem:
    """The photographer has replaced this personal link by a new one."""
    detail = "This link was replaced by a newer one. Ask for the current one: the photographer can send it to you."
    return Problem(410, "link-replaced", detail)


def link_erased() -> Problem:
    """The data of who had this personal link is erased."""
    detail = "The personal data of this order was erased, as asked for, and its link with it."
    return Problem(410, "link-erased", detail)


def access_cookie(gallery_id: UUID) -> str:
    """The name of the cookie that holds the pass of a gallery with an access code."""
    return f"photoferry_access_{gallery_id.hex}"


def check_pass(request: Request, gateway: Gateway, gallery_id: UUID, access_code: str | None) -> None:
    """Raises `Problem` 401 when the gallery has an access code and the caller has no pass.

    And 403 for a call that changes something, has its pass in the cookie, and does not come from our own pages (CSRF).
    """
    if access_code is None:
        return
    in_header = request.headers.get("photoferry-access")
    shown = in_header or cookies.read(request, access_cookie(gallery_id), gateway.settings.public_url)
    if not hmac.compare_digest(shown.encode(), gateway.signer.access_pass(gallery_id, access_code).encode()):
        raise Problem(401, "access-code-required", "Enter the access code that the photographer gave you.")
    if not in_header:
        auth.check_origin(request, gateway.settings.public_url)


def studio_router(tag: str) -> APIRouter:
    """A router of routes for studios."""
    return APIRouter(prefix="/api/v1", tags=[tag], route_class=StudioRoute)


def operator_router() -> APIRouter:
    """A router of routes for operators."""
    return APIRouter(prefix="/api/v1/operator", tags=["operators"], route_class=OperatorRoute)


async def _caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


async def _gateway(request: Request) -> Gateway:
    gateway: Gateway = request.app.state.gateway
    return gateway


async def _order(request: Request) -> ClientOrder:
    order: ClientOrder = request.state.order
    return order


async def _reset(request: Request) -> Reset:
    reset: Reset = request.state.reset
    return reset


Studio = Annotated[Caller, Depends(_caller)]
Order = Annotated[ClientOrder, Depends(_order)]
ResetLink = Annotated[Reset, Depends(_reset)]
Ours = Annotated[Gateway, Depends(_gateway)]
