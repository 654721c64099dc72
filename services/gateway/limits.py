"""How much one caller may ask for: token buckets in the memory of each process, so with N copies it is N times as much.

An API token or log-in has a bucket of its own once the guard has found whose it is; until then, as for everybody else,
its address counts: who makes tokens up gains nothing by it.
"""

import re
from collections import OrderedDict
from collections.abc import Hashable
from ipaddress import IPv6Address, ip_address
from math import ceil
from time import monotonic
from typing import Final

from fastapi import FastAPI
from prometheus_client import Counter
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.links import token_digest
from services.gateway import auth, cookies
from services.gateway.errors import Problem, Respond
from services.gateway.settings import GatewaySettings

REMEMBERED = 20_000
"""Callers of a kind, at some 300 bytes each; who has not asked for longest is forgotten first."""

ENTRANCE = re.compile(
    r"/login(/forgotten)?|/signup|/api/v1/(sessions|studios)|(/api/v1)?/g/[^/]*/(access|my-link|resend-link)"
)
"""Where a POST costs a hash, an account, a guess or a mail, and needs nothing but an address."""

UNCOUNTED = re.compile(r"/(livez|readyz|metrics)|/(static|store|webhooks)/.*")
"""Looked at by machines; many to a page, and cheap or signed; and from payment providers, which send for all studios
from a few addresses and shall never have to come back."""

LIMITED = Counter("photoferry_gateway_limited", "Requests refused because there were too many", ["by"])
for _by in ("token", "address", "entrance"):
    LIMITED.labels(_by)  # from nothing to the first one is no increase to Prometheus


class Buckets:
    """One for each key: it holds `burst` requests, and `per_second` of them come back."""

    def __init__(self, per_second: float, burst: int) -> None:
        self.each: Final = 1 / per_second
        self.room: Final = burst / per_second
        self.full_at: OrderedDict[Hashable, float] = OrderedDict()

    def __contains__(self, key: Hashable) -> bool:
        return key in self.full_at

    def wait(self, key: Hashable, now: float) -> float:
        """Seconds until there is something in the bucket again; 0 when there is, and then one is taken out."""
        full_at = max(self.full_at.get(key, now), now) + self.each
        if (wait := full_at - now - self.room) > 0:
            return wait
        self.full_at[key] = full_at
        self.full_at.move_to_end(key)
        if len(self.full_at) > REMEMBERED:
            self.full_at.popitem(last=False)
        return 0.0


class RateLimits:
    """Answers `429` to who asks for too much; `app` behind it is part of `http`, which knows how to answer."""

    def __init__(self, app: ASGIApp, http: FastAPI, settings: GatewaySettings, respond: Respond) -> None:
        self.app = app
        self.http = http
        self.respond = respond
        self.public_url = settings.public_url
        self.tokens = Buckets(settings.token_rate, settings.token_burst)
        self.addresses = Buckets(settings.address_rate, settings.address_burst)
        self.entrances = Buckets(settings.entrance_rate, settings.entrance_burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or UNCOUNTED.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        digest = _digest(request, self.public_url)
        if wait := self._wait(request, digest):
            scope["app"] = self.http
            await self.respond(request, _too_many(wait))(scope, receive, send)
            return
        await self.app(scope, receive, send)
        if digest and digest not in self.tokens and hasattr(request.state, "caller"):
            self.tokens.wait(digest, monotonic())

    def _wait(self, request: Request, digest: bytes | None) -> float:
        now, address = monotonic(), network(auth.address_of(request))
        counted: list[tuple[str, Buckets, Hashable]]
        if request.method == "POST" and ENTRANCE.fullmatch(request.url.path):
            counted = [("entrance", self.entrances, address), ("address", self.addresses, address)]
        elif digest in self.tokens:
            counted = [("token", self.tokens, digest)]
        else:
            counted = [("address", self.addresses, address)]
        for name, buckets, key in counted:
            if wait := buckets.wait(key, now):
                LIMITED.labels(name).inc()
                return wait
        return 0.0


def network(address: str) -> str:
    """What counts as one address: of IPv6 the first 64 bits, as whoever has one has all behind them."""
    if ":" not in address:
        return address
    try:
        it = ip_address(address)
    except ValueError:
        return address
    if not isinstance(it, IPv6Address):
        return address
    return str(it.ipv4_mapped or IPv6Address(int(it) >> 64 << 64))


def _digest(request: Request, public_url: str) -> bytes | None:
    token = auth.bearer(request) or cookies.read(request, auth.COOKIE, public_url)
    return token_digest(token) if token else None


def _too_many(wait: float) -> Problem:
    seconds = str(max(1, ceil(wait)))
    detail = f"Too many requests at once; try again in {seconds} s."
    return Problem(429, "too-many-requests", detail, headers={"Retry-After": seconds})
