"""What is not yours is 404, on every route of the gateway, also one that is added later."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import asyncpg
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from deploy.local.supervisor import Supervisor
from services.gateway.app import make_app
from tests.e2e.people import Photographer, World
from tests.e2e.test_rules import paid_order, ready_gallery
from tests.gateway.client import StudioClient
from tests.gateway.paying import Bank
from tests.waiting import eventually

OPEN = {
    *((method, path) for path in ("/login", "/login/forgotten", "/signup") for method in ("get", "post")),
    ("get", "/"),  # leads to the log-in
    ("get", "/api/docs"),  # describes the API, nobody's data
    ("get", "/api/docs/webhooks"),  # likewise
    ("post", "/api/v1/studios"),
    ("post", "/api/v1/sessions"),
    ("post", "/api/v1/g/{public_token}/resend-link"),  # always 202, but for unknown links
}
"""Routes for anybody."""


def routes(router: APIRouter | FastAPI) -> Iterator[tuple[str, str]]:
    """Every method and path of the product's HTTP side, also those that the OpenAPI document leaves out."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield from ((method.lower(), route.path) for method in route.methods or ())
        elif included := getattr(route, "original_router", None):
            yield from routes(included)


ROUTES = set(routes(make_app()))
NAMES_NOTHING = re.compile(r"[^{]*({provider})?[^{]*")
"""A payment provider is nobody's; a connection to it is always the caller's own."""
WITH_SUBJECT = sorted(route for route in ROUTES if not NAMES_NOTHING.fullmatch(route[1]))
WITHOUT_SUBJECT = sorted(route for route in ROUTES if NAMES_NOTHING.fullmatch(route[1]) and route not in OPEN)
FOR_OPERATORS = [route for route in WITHOUT_SUBJECT if route[1].startswith(("/operator", "/api/v1/operator/"))]
WITH_TOKEN_AND_ID = [
    (method, path) for method, path in WITH_SUBJECT if re.search(r"_token}.*{|/order/.*{transfer_id}", path)
]


@pytest.fixture(scope="module")
async def town(stack: Supervisor) -> AsyncIterator[World]:
    """The stack, for two studios that stay."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        assert stack.servers.mail is not None
        yield World(stack.url, stack.servers.mail.web_url, http)


@dataclass(frozen=True)
class Owner:
    """A studio, and one of each thing that it has, by the name that it has in paths."""

    photographer: Photographer
    has: dict[str, str]

    @classmethod
    async def settle_in(cls, town: World, database_url: str) -> "Owner":
        """A studio with a gallery that gives its finals to anyone, a paid order and an unpaid one."""
        photographer = await Photographer.sign_up(town)
        desk, photos = await ready_gallery(photographer, download_policy="anyone")
        paid, unpaid = await paid_order(desk, photos["a.jpg"]), await desk.order(photos["a.jpg"])
        upload = await desk.upload("photos", {"z.jpg": b"no picture"})
        has = {
            "gallery_id": desk.gallery["id"],
            "order_id": paid.id,
            "placed_order_id": paid.id,
            "unpaid_order_id": unpaid.id,
            "photo_id": photos["a.jpg"],
            "transfer_id": (await desk.do("GET", "/transfers"))["items"][0]["id"],
            "upload_id": upload[0]["upload_id"],
            "token_id": (await photographer.do("GET", "/tokens"))["items"][0]["id"],
            "public_token": desk.public_token,
            "client_token": (await paid.read())["client_url"].rsplit("/", 1)[1],
            "action": "refund",
            "request_id": await a_request(database_url, desk.id),
            "provider": "standard",
            "payment_id": (await payments_for_nothing(photographer, 1))[0],
            "deleted_id": await a_deletion(photographer),
            "studio_id": photographer.studio["id"],
            "reset_token": await a_reset(photographer),
            **await an_endpoint(photographer),
        }
        return cls(photographer, has)

    async def status(self, method: str, path: str, **options: Any) -> int:
        """What a request with all that this studio and its client may show is answered, without its body."""
        world = self.photographer.world
        cookie = f"photoferry_order_{self.has['order_id']}={self.has['client_token']}"
        headers = {"Authorization": f"Bearer {self.photographer.token}", "Cookie": cookie, "Origin": world.url}
        url = f"{world.url}{path}"
        async with world.http.request(method, url, headers=headers, allow_redirects=False, **options) as answer:
            return answer.status


async def payments_for_nothing(photographer: Photographer, number: int) -> list[str]:
    """Payments for no order, through a provider that is connected no more."""
    world = photographer.world
    studio = StudioClient(world.http, world.url, {"Authorization": f"Bearer {photographer.token}"})
    bank = await Bank.connect(studio)
    for each in range(number):
        (await bank.tell(None, payment_id=f"pay_{each}")).expect(200)

    async def look() -> list[str]:
        items = (await studio.get("/api/v1/payments")).expect(200)["items"]
        return [item["id"] for item in items] if len(items) == number else []

    found = await eventually(look)
    (await studio.delete("/api/v1/payment-providers/standard")).expect(204)
    return found


async def a_deletion(photographer: Photographer) -> str:
    """A gallery that is deleted, and removed by every service."""
    gone = await photographer.open_gallery()
    assert (await photographer.world.final(await photographer.call("DELETE", gone.path))).status == 204

    async def finished() -> bool:
        return (await photographer.do("GET", f"/deletions/{gone.id}"))["finished_at"] is not None

    await eventually(finished, within=30)
    return str(gone.gallery["id"])


async def a_reset(photographer: Photographer) -> str:
    """The token of the link that a forgotten password is set anew by, as it comes by mail."""
    world, email = photographer.world, photographer.studio["email"]
    asked = await world.call("POST", "/login/forgotten", data={"email": email}, headers={"Origin": world.url})
    assert asked.status == 200, asked
    text: str = (await eventually(lambda: world.mails_to(email)))[-1]["text"]
    return next(word for word in text.split() if "/reset/" in word).rpartition("/")[2]


async def an_endpoint(photographer: Photographer, path: str = "") -> dict[str, str]:
    """A system of the studio's own that is told nothing, because it is on this machine, and a webhook to it."""
    asked = {"url": f"https://localhost:1/{path}", "events": ["client.notified"]}
    endpoint = await photographer.do("POST", "/webhook-endpoints", json=asked)
    here = f"/webhook-endpoints/{endpoint['id']}"
    await photographer.do("POST", f"{here}/test")
    delivery = (await photographer.do("GET", f"{here}/deliveries"))["items"][0]
    return {"endpoint_id": endpoint["id"], "delivery_id": delivery["id"]}


async def a_request(database_url: str, gallery_id: UUID) -> str:
    connection = await asyncpg.connect(database_url)
    found = await connection.fetchval("SELECT id FROM gateway.request WHERE gallery_id = $1 LIMIT 1", gallery_id)
    await connection.close()
    return str(found)


@pytest.fixture(scope="module")
async def owner(stack: Supervisor, town: World) -> Owner:
    """Whose it is."""
    assert stack.servers.postgres is not None
    return await Owner.settle_in(town, stack.servers.postgres.url)


@pytest.fixture(scope="module")
async def other(stack: Supervisor, town: World) -> Owner:
    """Who has the same, and tries."""
    assert stack.servers.postgres is not None
    return await Owner.settle_in(town, stack.servers.postgres.url)


@pytest.fixture(scope="module")
def stranger(other: Owner) -> Photographer:
    """Who tries."""
    return other.photographer


@pytest.fixture(scope="module")
def belongings(owner: Owner) -> dict[str, str]:
    """Everything that somebody else has, by the name that it has in paths; what opens a door of its own, at another."""
    public, personal = owner.has["public_token"], owner.has["client_token"]
    elsewhere = {"public_token": personal, "client_token": public, "reset_token": public}
    return {**owner.has, **elsewhere, "request_id": owner.has["order_id"]}


def test_every_documented_route_is_tried() -> None:
    documented = make_app().openapi()["paths"].items()
    assert {(method, path) for path, methods in documented for method in methods} <= ROUTES


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


@pytest.mark.parametrize(("method", "path"), FOR_OPERATORS)
async def test_a_studio_does_not_learn_that_there_is_something_for_operators(
    stranger: Photographer, method: str, path: str
) -> None:
    nowhere = await stranger.call(method, "/nowhere")
    for body in ({}, {"ids": ["x"]}, "not even an object"):
        answer = await stranger.world.call(
            method, path, headers={"Authorization": f"Bearer {stranger.token}"}, json=body
        )
        assert (answer.status, answer.json["type"]) == (404, nowhere.json["type"])


@pytest.mark.parametrize(("method", "path"), [route for route in WITH_SUBJECT if route[0] in ("get", "head")])
async def test_the_owner_finds_what_is_there(owner: Owner, method: str, path: str) -> None:
    asked = f"{filled(path, owner.has)}?order_ids={owner.has['order_id']}"  # which some dialogs are about
    assert await owner.status(method, asked) in (200, 201, 302, 303)


@pytest.mark.parametrize(("method", "path"), WITH_TOKEN_AND_ID)
async def test_an_own_link_does_not_open_what_is_anothers(owner: Owner, other: Owner, method: str, path: str) -> None:
    own = {name: other.has[name] for name in ("public_token", "client_token", "order_id")}
    assert await other.status(method, filled(path, {**owner.has, **own}), json={}) == 404


@pytest.mark.parametrize("path", ["/c/{client_token}", "/c/order/{order_id}", "/g/{public_token}"])
async def test_an_own_link_packs_nothing_of_anothers(owner: Owner, other: Owner, path: str) -> None:
    archive = filled(f"{path}/photos.zip", other.has)
    for files in (owner.has["transfer_id"], f"{other.has['transfer_id']},{owner.has['transfer_id']}"):
        assert await other.status("get", f"{archive}?files={files}") == 404


async def test_anothers_photo_in_a_body_is_refused_like_one_that_never_was(owner: Owner, other: Owner) -> None:
    stranger, own = other.photographer, other.has

    async def refusals(photo_id: str) -> list[tuple[int, bytes]]:
        order = {"client": {"name": "Eve", "email": "eve@example.com"}, "photo_ids": [photo_id]}
        placed = await stranger.call("POST", f"/g/{own['public_token']}/orders", json=order)
        match = await stranger.call("PUT", f"/transfers/{own['transfer_id']}/match", json={"photo_id": photo_id})
        return [(answer.status, answer.body.replace(photo_id.encode(), b"")) for answer in (placed, match)]

    theirs = await refusals(owner.has["photo_id"])
    assert [status for status, _ in theirs] == [422, 422]
    assert theirs == await refusals(str(uuid4()))


async def test_anothers_ids_in_a_list_are_refused_one_by_one(owner: Owner, other: Owner) -> None:
    stranger, theirs, own = other.photographer, owner.has, other.has
    orders = {"order_ids": [theirs["unpaid_order_id"], own["order_id"]]}
    uploads = {"items": [{"upload_id": theirs["upload_id"]}, {"upload_id": own["upload_id"]}]}

    paid = await stranger.do("POST", f"/galleries/{own['gallery_id']}/orders/mark-paid", json=orders)
    completed = await stranger.do("POST", "/uploads/complete", json=uploads)

    for answer in (paid, completed):
        assert [("error" in item, "status" in item) for item in answer["items"]] == [(True, False), (False, True)]
    form = aiohttp.FormData([("order_ids", order_id) for order_id in orders["order_ids"]])
    path, token = f"/galleries/{own['gallery_id']}/orders/mark-paid", f"Bearer {stranger.token}"
    page = await stranger.world.call("POST", path, data=form, headers={"Authorization": token})
    assert (page.status, b"Anna Nowak" in page.body) == (200, False)
    assert (await owner.photographer.do("GET", f"/orders/{theirs['unpaid_order_id']}"))["status"] == "placed"


def filled(path: str, named: dict[str, str]) -> str:
    """The path with these in it. Raises `KeyError` for what a new route names, so that somebody adds it to `Owner`."""
    return re.sub(r"\{(.*?)\}", lambda match: named[match[1]], path)
