"""Bodies that are too large, refused in our words where the framework has its own, and those that never end."""

import asyncio

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.errors import Respond, too_large


class WordedLimits:
    """`app` with its answers of that kind replaced by what `respond` makes of them."""

    def __init__(self, app: ASGIApp, respond: Respond) -> None:
        self.app = app
        self.respond = respond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        replaced = False

        async def send_in_words(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and _is_plain_refusal(message):
                replaced = True
                await self.respond(Request(scope), too_large())(scope, receive, send)
            elif not replaced:
                await send(message)

        await self.app(scope, receive, send_in_words)


def _is_plain_refusal(start: Message) -> bool:
    return start["status"] == 413 and Headers(raw=start["headers"]).get("content-type", "").startswith("text/plain")


class TimelyBodies:
    """`app` that waits for a whole body `within` so many seconds; for each part of a file that goes to the store."""

    def __init__(self, app: ASGIApp, within: float = 60) -> None:
        self.app = app
        self.within = within

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        loop, is_file, whole = asyncio.get_running_loop(), scope["path"].startswith("/store/"), False
        until = loop.time() + self.within

        async def receive_in_time() -> Message:
            nonlocal whole
            if whole:  # what is waited for now is the end of the connection
                return await receive()
            try:
                async with asyncio.timeout_at(loop.time() + self.within if is_file else until):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, "The rest did not arrive in time; send it again.") from None
            whole = not message.get("more_body", False)
            return message

        await self.app(scope, receive_in_time, send)
