"""How requests are answered, and how fast: by route, as paths carry tokens."""

from time import perf_counter

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEALTH = ("/livez", "/readyz", "/metrics", "/asyncapi")
NO_ROUTE = "none"
"""Of a path that is none of ours, of scripts and styles, and of what was refused before its route was looked for."""

ANSWERS = Counter("photoferry_http_answers_total", "Requests by how they were answered", ["route", "status"])
SECONDS = Histogram(
    "photoferry_http_seconds",
    "Time from a request to the beginning of its answer",
    ["route"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


class Measured:
    """`app` with all its answers counted and timed, but for those about its health."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in HEALTH:
            await self.app(scope, receive, send)
            return
        began = perf_counter()

        async def send_measured(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", NO_ROUTE)
                ANSWERS.labels(route, message["status"]).inc()
                SECONDS.labels(route).observe(perf_counter() - began)
            await send(message)

        await self.app(scope, receive, send_measured)
