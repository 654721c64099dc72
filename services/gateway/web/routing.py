"""Routers of pages: guarded like the API's, and not in its document."""

from fastapi import APIRouter

from services.gateway.guard import ClientRoute, OperatorRoute, PublicRoute, ResetRoute, StudioRoute


def studio_pages() -> APIRouter:
    """Pages of a logged-in studio; what the path names must be its own."""
    return APIRouter(route_class=StudioRoute, include_in_schema=False)


def operator_pages() -> APIRouter:
    """Pages of operators."""
    return APIRouter(prefix="/operator", route_class=OperatorRoute, include_in_schema=False)


def reset_pages() -> APIRouter:
    """Pages behind a link that sets a new password."""
    return APIRouter(route_class=ResetRoute, include_in_schema=False)


def public_pages() -> APIRouter:
    """Pages behind a gallery's public link."""
    return APIRouter(prefix="/g/{public_token}", route_class=PublicRoute, include_in_schema=False)


def client_pages() -> APIRouter:
    """Pages behind an order's personal link, under the cookie that it was exchanged for."""
    return APIRouter(prefix="/c/order/{order_id}", route_class=ClientRoute, include_in_schema=False)
