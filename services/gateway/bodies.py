"""A body that is too large, refused in our words: the framework puts its own, as plain text, in any answer's place."""

from starlette.datastructures import Headers
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
