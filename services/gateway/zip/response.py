"""The HTTP answer that is an archive."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from http import HTTPStatus

import structlog
from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from chassis.disposition import attachment
from chassis.object_errors import ObjectError, StoreUnreachable
from services.gateway.served import SERVED
from services.gateway.zip.layout import Layout
from services.gateway.zip.objects import ObjectReader
from services.gateway.zip.ranges import answer
from services.gateway.zip.stream import stream

log = structlog.get_logger()


def zip_response(
    method: str,
    headers: Headers,
    layout: Layout,
    filename: str,
    objects: ObjectReader,
    begun: Callable[[], Awaitable[None]] | None = None,
) -> Response:
    """Answers a GET or HEAD with the archive, a range of it, or 304, 412, 416 (RFC 9110). `headers`: the request's.

    `begun` is called when the first bytes are there. What `stream` raises before anything was sent is like any other
    error of the handler; later it cuts the connection before `Content-Length` is reached.
    """
    chosen = answer(method, headers, layout.etag, layout.size)
    common = {"ETag": layout.etag, "Accept-Ranges": "bytes", "Cache-Control": "private, no-transform"}
    if chosen.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        common["Content-Range"] = f"bytes */{layout.size}"
    if chosen.status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        return Response(status_code=chosen.status, headers=common)
    described = common | _description(filename, chosen.end - chosen.start)
    if chosen.status == HTTPStatus.PARTIAL_CONTENT:
        described["Content-Range"] = f"bytes {chosen.start}-{chosen.end - 1}/{layout.size}"
    if method == "HEAD":
        return Response(headers=described)
    return _Download(stream(layout, chosen.start, chosen.end, objects), chosen.status, described, begun)


def _description(filename: str, length: int) -> dict[str, str]:
    return {
        "Content-Type": "application/zip",
        "Content-Length": str(length),
        "Content-Disposition": attachment(filename),
    }


class _Download(StreamingResponse):
    """A streaming response that begins when its first bytes are there, and closes its stream whatever happens."""

    def __init__(
        self,
        body: AsyncGenerator[bytes, None],
        status: int,
        headers: dict[str, str],
        begun: Callable[[], Awaitable[None]] | None,
    ) -> None:
        super().__init__(body, status, headers)
        self._body = body
        self._begun = begun

    async def stream_response(self, send: Send) -> None:
        async with aclosing(self._body) as body:
            first = await anext(body)
            if self._begun:
                await self._begun()
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await _send_block(send, first)
            try:
                async for chunk in body:
                    await _send_block(send, chunk)
            except (ObjectError, StoreUnreachable) as error:
                log.error("a download was cut", error=f"{type(error).__name__}: {error}")
                return  # without an end, which the server takes for a reason to cut the connection
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send_block(send: Send, block: bytes) -> None:
    await send({"type": "http.response.body", "body": block, "more_body": True})
    SERVED.labels("zip").inc(len(block))
