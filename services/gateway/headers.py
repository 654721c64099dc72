"""Headers that keep an answer to itself: on every one, whatever it is and whoever made it, unless it says otherwise."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HIDDEN = ("/c/", "/api/v1/c/", "/reset/")
"""Behind personal links, and those to a new password: their addresses go nowhere. Elsewhere they go to ourselves,
because without any referrer browsers send our own forms with `Origin: null`."""

KEPT_IF_TOLD = "/store/"
"""The object store knows how long its files may be kept; of everything else that does not say, no copy is."""

COMMON = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}

Raw = tuple[tuple[bytes, bytes], ...]


class SafeHeaders:
    """`app` with these headers on its answers."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self.app = app
        common = COMMON | (HTTPS_ONLY if public_url.startswith("https:") else {})
        self.hidden = _raw(common | {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"})
        self.files = _raw(common | {"Referrer-Policy": "same-origin"})
        self.others = _raw(common | {"Referrer-Policy": "same-origin", "Cache-Control": "no-store"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        added = self._added(scope["path"])

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(each for each in added if each[0] not in said)]
            await send(message)

        await self.app(scope, receive, send_safely)

    def _added(self, path: str) -> Raw:
        if path.startswith(HIDDEN):
            return self.hidden
        return self.files if path.startswith(KEPT_IF_TOLD) else self.others


def _raw(headers: dict[str, str]) -> Raw:
    return tuple((name.lower().encode(), value.encode()) for name, value in headers.items())
