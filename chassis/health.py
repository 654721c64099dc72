"""`/livez`, `/readyz`, `/metrics`, `/asyncapi`: the same in every service.

But for the first they are for whoever runs it: what comes through a proxy, and so from the public, finds nothing there.
"""

import asyncio
from collections.abc import Awaitable, Callable

from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Check = Callable[[], Awaitable[None]]
Answer = Callable[[Request], Awaitable[Response]]

FORWARDED = ("x-forwarded-for", "forwarded")
"""What proxies say of a request that they pass on, whichever they are."""

READY = Gauge("photoferry_ready", "1 while the service can work: what /readyz says")
CHECK_OK = Gauge("photoferry_check_ok", "1 while what the service needs answers", ["check"])

CHECK_WITHIN = 5.0
"""Seconds; a server that is frozen never answers."""


class Health:
    """What a service says of itself.

    `waiting_for`: what its start waits for; `checks`: its own dependencies; `spared`: those of them without which it
    can do its work; `measures`: set gauges that are looked up when somebody reads the metrics; `asyncapi`: makes its
    document.
    """

    def __init__(self) -> None:
        self.waiting_for: str | None = "its start"
        self.checks: dict[str, Check] = {}
        self.spared: set[str] = set()
        self.measures: list[Check] = []
        self.asyncapi: Callable[[], str] | None = None

    def routes(self) -> list[Route]:
        """To mount in the service's HTTP application."""
        return [
            Route("/livez", self._livez),
            Route("/readyz", _inside(self._readyz)),
            Route("/metrics", _inside(self._metrics)),
            Route("/asyncapi", _inside(self._asyncapi)),
        ]

    async def _livez(self, _: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def _readyz(self, _: Request) -> Response:
        if self.waiting_for:
            return JSONResponse({"status": "starting", "waiting_for": self.waiting_for}, 503)
        problems = await self._problems()
        if problems.keys() - self.spared:
            return JSONResponse({"status": "not ready", **problems}, 503)
        return JSONResponse({"status": "ready", **problems})

    async def _problems(self) -> dict[str, str]:
        found = await asyncio.gather(*map(_problem, self.checks.values()))
        return {name: problem for name, problem in zip(self.checks, found, strict=True) if problem}

    async def _measure(self) -> None:
        problems = await self._problems()
        for name in self.checks:
            CHECK_OK.labels(name).set(name not in problems)
        READY.set(not self.waiting_for and not problems.keys() - self.spared)

    async def _metrics(self, _: Request) -> Response:
        await asyncio.gather(self._measure(), *map(_problem, self.measures))
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    async def _asyncapi(self, _: Request) -> Response:
        if self.asyncapi is None:
            return JSONResponse({"status": "starting"}, 503)
        return Response(self.asyncapi(), media_type="application/json")


def _inside(answer: Answer) -> Answer:
    async def answer_inside(request: Request) -> Response:
        passed_on = any(name in request.headers for name in FORWARDED)
        return Response(status_code=404) if passed_on else await answer(request)

    return answer_inside


async def _problem(check: Check) -> str | None:
    try:
        async with asyncio.timeout(CHECK_WITHIN):
            await check()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None
