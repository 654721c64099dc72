"""Cookies that scripts cannot read and other sites cannot send along; where the public URL is https, browsers take them
by https only, and those of the whole site from nobody else (RFC 6265bis, 4.1.3)."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response


def read(request: Request, name: str, public_url: str, path: str = "/") -> str:
    """The value that was sent along, or nothing; `path` as it was put with."""
    return request.cookies.get(_full(name, public_url, path), "")


def put(response: Response, name: str, value: str, public_url: str, valid: timedelta, path: str = "/") -> None:
    """Have the browser keep `value` for `path` and all below it."""
    response.set_cookie(
        _full(name, public_url, path),
        value,
        max_age=int(valid.total_seconds()),
        path=path,
        httponly=True,
        samesite="lax",
        secure=_is_https(public_url),
    )


def drop(response: Response, name: str, public_url: str) -> None:
    """Have the browser forget a cookie of the whole site."""
    put(response, name, "", public_url, timedelta(0))


def _full(name: str, public_url: str, path: str) -> str:
    if not _is_https(public_url):
        return name
    return f"__Host-{name}" if path == "/" else f"__Secure-{name}"


def _is_https(public_url: str) -> bool:
    return public_url.startswith("https:")
