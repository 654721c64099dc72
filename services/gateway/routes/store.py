"""The object store under our own address (`PHOTOFERRY_DELIVERY=proxy`), where nobody reaches it from outside.

Presigned URLs stay as they are but for their beginning; the store itself checks every signature.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, unquote

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from yarl import URL

from chassis.object_errors import ObjectMissing, StoreUnreachable
from chassis.objects import ObjectStore
from services.gateway.errors import Problem, not_found
from services.gateway.served import SERVED

PREFIX = "/store"

_ASKED = ("Content-Length", "Content-Type", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "Range")
_ANSWERED = (
    "Accept-Ranges",
    "Cache-Control",
    "Content-Disposition",
    "Content-Length",
    "Content-Range",
    "Content-Type",
    "ETag",
    "Last-Modified",
)
_HARMLESS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
"""Uploaded bytes stand under the address of our pages here: no browser shall take them for one."""

_PATIENCE = ClientTimeout(total=None, sock_connect=5, sock_read=60)


class StoreProxy:
    """ASGI application: forwards signed requests for objects of our one bucket, and streams both ways."""

    def __init__(self, store: ObjectStore, session: ClientSession) -> None:
        self._origin = store.origin
        self._objects = f"/{store.bucket}/"
        self._session = session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        url = self._target(scope)
        headers = _only(_ASKED, request.headers)
        if request.method == "PUT" and "Content-Length" not in headers:
            raise Problem(411, "length-required", "Send the size of the file as Content-Length.")
        body = request.stream() if request.method == "PUT" else None
        try:
            async with self._session.request(
                request.method, url, headers=headers, data=body, allow_redirects=False
            ) as answer:
                if answer.status == 404 and "response-content-disposition" in url.query:  # previews may be gone
                    raise ObjectMissing(f"{url.path.removeprefix(self._objects)} is not in the store")
                shown = {**_only(_ANSWERED, answer.headers), **_HARMLESS}
                await StreamingResponse(_counted(answer), answer.status, shown)(scope, receive, send)
        except (ClientError, TimeoutError) as error:
            raise StoreUnreachable(f"the object store broke off: {type(error).__name__}") from error

    def _target(self, scope: Scope) -> URL:
        """Where the request goes: the path as it was sent, since its encoding is signed."""
        path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
        key = path.removeprefix(PREFIX + self._objects)
        if not key or key == path or ".." in unquote(key).split("/"):
            raise not_found("file")
        if "X-Amz-Signature" not in parse_qs(query):
            raise Problem(403, "not-signed", "Files are given out by signed links only; open the page with the link.")
        return URL(f"{self._origin}{self._objects}{key}?{query}", encoded=True)


async def _counted(answer: ClientResponse) -> AsyncIterator[bytes]:
    async for block in answer.content.iter_any():
        yield block
        SERVED.labels("proxy").inc(len(block))


@asynccontextmanager
async def store_route(store: ObjectStore, max_bytes: int) -> AsyncIterator[Route]:
    """The route of the proxy, with its connections to the store."""
    session = ClientSession(
        connector=TCPConnector(limit=0),  # as many as people are connected to us
        cookie_jar=DummyCookieJar(),
        timeout=_PATIENCE,
        auto_decompress=False,
        headers={"Accept-Encoding": "identity"},
    )
    async with session:
        yield Route(
            f"{PREFIX}/{{path:path}}",
            StoreProxy(store, session),
            methods=["GET", "HEAD", "PUT"],
            max_body_size=max_bytes,
        )


def _only(names: tuple[str, ...], headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in names if name in headers}
