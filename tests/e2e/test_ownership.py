"""What is not yours is 404, on every route of the OpenAPI document, also one that is added later."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from deploy.local.supervisor import Supervisor
from services.gateway.app import make_app
from tests.e2e.people import Photographer, World
from tests.e2e.test_rules import paid_order, ready_gallery

OPEN = {
    ("post", "/api/v1/studios"),
    ("post", "/api/v1/sessions"),
    ("post", "/api/v1/g/{public_token}/resend-link"),  # always 202, but for unknown links
}
"""Routes for anybody."""


def routes() -> Iterator[tuple[str, str]]:
    """Every method and path of the product's HTTP side."""
    for path, methods in make_app().openapi()["paths"].items():
        for method in methods:
            yield method, path


WITH_SUBJECT = sorted(route for route in routes() if "{" in route[1])
WITHOUT_SUBJECT = sorted(route for route in routes() if "{" not in route[1] and route not in OPEN)


@pytest.fixture(scope="module")
async def town(stack: Supervisor) -> AsyncIterator[World]:
    """The stack, for two studios that stay."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        assert stack.servers.mail is not None
        yield World(stack.url, stack.servers.mail.web_url, http)


@pytest.fixture(scope="module")
async def stranger(town: World) -> Photographer:
    """Who tries."""
    return await Photographer.sign_up(town)


@pytest.fixture(scope="module")
async def belongings(town: World) -> dict[str, str]:
    """Everything that somebody else has, by the name that it has in paths."""
    other = await Photographer.sign_up(town)
    desk, photos = await ready_gallery(other)
    order = await paid_order(desk, photos["a.jpg"])
    transfer = (await desk.do("GET", "/transfers"))["items"][0]["id"]
    upload = (await desk.upload("photos", {"z.jpg": b"no picture"}))[0]["upload_id"]
    token = (await other.do("GET", "/tokens"))["items"][0]["id"]
    return {
        "gallery_id": desk.gallery["id"],
        "order_id": order.id,
        "placed_order_id": order.id,
        "photo_id": photos["a.jpg"],
        "transfer_id": transfer,
        "upload_id": upload,
        "token_id": token,
    }


@pytest.mark.parametrize(("method", "path"), WITH_SUBJECT)
async def test_what_is_not_yours_is_not_found(
    stranger: Photographer, belongings: dict[str, str], method: str, path: str
) -> None:
    for body in ({}, {"nonsense": True}, "not even an object"):
        answer = await stranger.world.call(
            method, filled(path, belongings), headers={"Authorization": f"Bearer {stranger.token}"}, json=body
        )
        assert answer.status == 404, (method, path, answer)
        assert b"a.jpg" not in answer.body


@pytest.mark.parametrize(("method", "path"), WITH_SUBJECT)
async def test_what_never_was_is_not_found(stranger: Photographer, method: str, path: str) -> None:
    for made_up in (str(uuid4()), "nonsense", "%00", "..%2f", "1"):
        answer = await stranger.world.call(
            method,
            re.sub(r"\{.*?\}", made_up, path),
            headers={"Authorization": f"Bearer {stranger.token}"},
            json={},
        )
        assert answer.status == 404, (method, path, made_up, answer)


@pytest.mark.parametrize(("method", "path"), sorted({*WITH_SUBJECT, *WITHOUT_SUBJECT}))
async def test_nobody_gets_in_without_a_token(town: World, belongings: dict[str, str], method: str, path: str) -> None:
    answer = await town.call(method, filled(path, belongings), json={})
    assert answer.status in (401, 404), (method, path, answer)


def filled(path: str, belongings: dict[str, str]) -> str:
    """The path with another's ids in it, and with tokens that open nothing."""

    def value(match: re.Match[str]) -> Any:
        return belongings.get(match[1], "t" * 43)

    return re.sub(r"\{(.*?)\}", value, path)
