"""Every answer keeps itself to itself: of every route, also one that is added later, whatever kind of answer it is."""

from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple

import pytest

from deploy.local.supervisor import Supervisor
from services.gateway.web.static import asset_urls
from tests.e2e.people import World
from tests.e2e.test_ownership import ROUTES, Owner, filled

BESIDE = ("/livez", "/readyz", "/metrics", "/asyncapi", "/nowhere", "/static/nothing.js", "/api/v1/openapi.json")
"""What has no route of ours, but is answered all the same."""


class Seen(NamedTuple):
    """An answer, without its body."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]

    def wrong(self) -> list[str]:
        """What is not as it should be."""
        is_secret = self.path.startswith(("/c/", "/api/v1/c/", "/reset/"))
        policy = self.headers.get("Content-Security-Policy", "")
        expected = {
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer" if is_secret else "same-origin",
        }
        found = [name for name, value in expected.items() if self.headers.get(name) != value]
        if not policy.startswith("default-src 'none'; ") or "frame-ancestors 'none'" not in policy:
            found.append(f"CSP {policy}")
        if "unsafe" in policy or "camera=()" not in self.headers.get("Permissions-Policy", ""):
            found.append("allows too much")
        if "Strict-Transport-Security" in self.headers:
            found.append("HSTS without https")
        return found + self._kept()

    def _kept(self) -> list[str]:
        """Nobody keeps a copy; but scripts and styles are kept, an archive by who fetched it, a stream cannot be."""
        kept = self.headers.get("Cache-Control", "")
        if self.path.startswith("/static/") and self.status == 200:
            return [] if kept == "public, max-age=31536000, immutable" else [f"kept {kept}"]
        if self.path.endswith(".zip") and self.status == 200:
            return [] if kept == "private, no-transform" else [f"kept {kept}"]
        streamed = self.headers.get("Content-Type", "").startswith("text/event-stream")
        return [] if kept == ("no-cache" if streamed else "no-store") else [f"kept {kept}"]


async def _ask(world: World, method: str, path: str, headers: Mapping[str, str]) -> Seen:
    async with world.http.request(method, f"{world.url}{path}", headers=headers, allow_redirects=False) as answer:
        return Seen(method, path.partition("?")[0], answer.status, answer.headers)


async def _walk(owner: Owner) -> AsyncIterator[Seen]:
    """As who may see it, but nothing is changed; and as nobody: a program and a person."""
    world, has = owner.photographer.world, owner.has
    cookie = f"photoferry_order_{has['order_id']}={has['client_token']}"
    known = {"Authorization": f"Bearer {owner.photographer.token}", "Cookie": cookie}
    for method, path in sorted(ROUTES):
        if method in ("get", "head"):
            yield await _ask(world, method, f"{filled(path, has)}?order_ids={has['order_id']}", known)
        for accepted in ("application/json", "text/html"):
            yield await _ask(world, method, filled(path, has), {"Accept": accepted})
    for path in (*BESIDE, *asset_urls().values()):
        yield await _ask(world, "get", path, {})


@pytest.fixture
async def owner(stack: Supervisor, world: World) -> Owner:
    """A studio with one of everything."""
    assert stack.servers.postgres is not None
    return await Owner.settle_in(world, stack.servers.postgres.url)


async def test_every_answer_says_that_it_is_for_nobody_else(owner: Owner) -> None:
    seen = [each async for each in _walk(owner)]

    assert [(each[:3], wrong) for each in seen if (wrong := each.wrong())] == []
    assert {200, 302, 303, 401, 403, 404, 422} <= {each.status for each in seen}
    kinds = {each.headers.get("Content-Type", "").partition(";")[0] for each in seen}
    assert {
        *("text/html", "application/json", "application/problem+json", "text/event-stream", "application/zip"),
        *("text/csv", "text/plain", "text/javascript", "text/css"),
    } <= kinds
