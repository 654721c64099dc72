"""With another service or the broker stopped: reads answer as before, writes are accepted and done once."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import FormData

from deploy.local.drawing import draw
from deploy.local.supervisor import Supervisor
from services.gateway.app import make_app
from tests.e2e.people import PASSWORD, Answer, ClientOrder, GalleryDesk, Json, Photographer, World, final, proof
from tests.e2e.test_ownership import Owner, an_endpoint, filled, payments_for_nothing
from tests.e2e.test_rules import paid_order, ready_gallery
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("nothing_undelivered")
EVENTS = "/api/v1/galleries/{gallery_id}/events"
"""Has no end, like others of its name, and is looked at by itself."""
FOR_OPERATORS = "/api/v1/operator/"
"""About the broker itself. That they say so without it, `services/gateway/web/operator/test_operator.py` shows."""
DOCUMENTED = [
    (method, path)
    for path, methods in make_app().openapi()["paths"].items()
    for method in methods
    if not path.startswith(FOR_OPERATORS)
]
READS = [path for method, path in DOCUMENTED if method == "get" and not path.endswith("/events")]
WRITES = {(method, path) for method, path in DOCUMENTED if method != "get" and not path.startswith("/webhooks/")}
"""Webhooks are sent by providers, and are tried by themselves."""
PARAMETER = re.compile(r"{\w+}")
SLOT = {"filename": "new.jpg", "size": 1, "content_type": "image/jpeg"}
WATERMARK = bytes(draw("mark", 60, 40).pngsave_buffer())
PATIENCE = 30
"""Seconds that a browser or a proxy waits. The answer comes after two and what thirty writes at once cost."""
STOPPED = ["orders", "transfers", "entitlements", "notifier", "rabbitmq"]


@pytest.mark.parametrize("name", STOPPED)
async def test_every_read_answers_as_before(stack: Supervisor, world: World, name: str) -> None:
    assert stack.servers.postgres is not None
    owner = await Owner.settle_in(world, stack.servers.postgres.url)
    before = await everything_readable(owner)
    await stack.stop(name)
    try:
        assert (await world.call("GET", "/readyz")).status == 200  # or a balancer would take every gateway away
        assert await everything_readable(owner) == before
        assert await owner.status("get", filled(EVENTS, owner.has)) == 200
    finally:
        await back(stack, name)


@pytest.mark.parametrize("name", STOPPED)
async def test_every_write_is_accepted_and_done_once(stack: Supervisor, photographer: Photographer, name: str) -> None:
    desk, photos = await ready_gallery(photographer)
    paid = await paid_order(desk, photos["a.jpg"])
    unpaid = await desk.order(photos["a.jpg"])
    await stack.stop(name)
    try:
        new = await place(desk, photos["a.jpg"], key="once")
        again = await place(desk, photos["a.jpg"], key="once")
        answers = [
            new,
            again,
            await photographer.call("POST", f"/orders/{unpaid.id}/mark-paid"),
            await photographer.call(
                "POST", "/galleries", json={"name": "New", "currency": "EUR", "price_per_photo": 1}
            ),
            await photographer.call("PATCH", desk.path, json={"welcome": "Hello"}),
            await photographer.call("POST", f"{desk.path}/notifications"),
            await put_and_complete(desk, "photos", {"c.jpg": proof("c.jpg")}),
            await put_and_complete(desk, "transfers", {"b.jpg": final("b.jpg")}),
        ]
        assert {answer.status for answer in answers} <= {200, 201, 202}, answers
        assert new.status == 202 or name not in ("orders", "rabbitmq")
    finally:
        await back(stack, name)

    final_answers = [await photographer.world.final(each) for each in answers]
    assert {answer.status for answer in final_answers} <= {200, 201, 202}
    assert final_answers[0].json["id"] == final_answers[1].json["id"]
    orders = (await desk.do("GET", "/orders"))["items"]
    assert [order["number"] for order in orders] == [1, 2, 3]
    assert (await unpaid.read())["status"] == "paid"
    assert (await desk.do("GET"))["welcome"] == "Hello"
    await eventually(lambda: stored(desk, photos=3, finals=2), within=60)
    await eventually(lambda: mailed(paid), within=60)
    await desk.no_mail_on_its_way()
    assert len(await paid.mails()) == 1


def statement() -> FormData:
    """A bank's CSV."""
    form = FormData()
    form.add_field("file", b"Date,Amount,Details\n2026-06-01,12.50,Thank you\n", filename="bank.csv")
    return form


@dataclass(frozen=True)
class Busy:
    """A gallery with one thing for every write."""

    desk: GalleryDesk
    photos: dict[str, str]
    finals: dict[str, str]
    paid: ClientOrder
    to_refund: ClientOrder
    to_cancel: ClientOrder
    to_pay: ClientOrder
    to_delete: GalleryDesk
    locked: GalleryDesk
    token_id: str
    to_assign: ClientOrder
    payments: list[str]
    endpoints: list[str]
    delivery_id: str
    to_check_out: ClientOrder
    to_erase: ClientOrder

    @classmethod
    async def make(cls, photographer: Photographer) -> "Busy":
        """With nobody mailed yet."""
        desk = await photographer.open_gallery()
        photos = await desk.add_photos("a.jpg", "b.jpg", "c.jpg")
        finals = await desk.add_finals("a.jpg", "x.jpg", "y.jpg", "z.jpg")
        await photographer.do("PUT", f"/transfers/{finals['y.jpg']}/match", json={"photo_id": photos["b.jpg"]})
        paid, to_refund = [await paid_order(desk, photos["a.jpg"]) for _ in range(2)]
        to_cancel, to_pay = [await desk.order(photos["a.jpg"]) for _ in range(2)]
        token = await photographer.do("POST", "/tokens", json={"name": "old"})
        to_delete, locked = await photographer.open_gallery(), await photographer.open_gallery(access_code="sowa")
        to_assign = await desk.order(photos["a.jpg"])
        payments = await payments_for_nothing(photographer, 2)
        await photographer.do("PUT", "/payment-providers/sandbox", json={})
        endpoints = [await an_endpoint(photographer) for _ in range(2)]
        return cls(
            desk,
            photos,
            finals,
            paid,
            to_refund,
            to_cancel,
            to_pay,
            to_delete,
            locked,
            token["id"],
            to_assign,
            payments,
            [endpoint["endpoint_id"] for endpoint in endpoints],
            endpoints[1]["delivery_id"],
            *[await desk.order(photos["a.jpg"]) for _ in range(2)],
        )

    def writes(self) -> list[tuple[str, str, Any]]:
        """Method, path below `/api/v1` and body, for every write of the document; none depends on another."""
        photographer, desk, public = self.desk.photographer, self.desk.path, f"/g/{self.desk.public_token}"
        login = {"email": photographer.studio["email"], "password": PASSWORD}
        client = {"name": "Ewa", "email": "ewa@example.com"}
        return [
            ("POST", "/galleries", {"name": "New", "currency": "EUR", "price_per_photo": 1}),
            ("PATCH", self.locked.path, {"welcome": "Hello"}),
            ("PUT", f"{self.locked.path}/watermark", WATERMARK),
            ("DELETE", f"{desk}/watermark", None),
            ("POST", f"{public}/orders", {"client": client, "photo_ids": [self.photos["a.jpg"]]}),
            ("POST", f"/orders/{self.paid.id}/mark-paid", None),
            ("POST", f"{desk}/photos/uploads", {"files": [SLOT]}),
            ("POST", f"{desk}/transfers/uploads", {"files": [SLOT]}),
            ("POST", "/uploads/complete", {"items": [{"upload_id": str(uuid4())}]}),
            ("POST", f"{self.locked.path}/notifications", None),
            ("POST", f"/g/{self.locked.public_token}/access", {"code": "sowa"}),
            ("POST", "/studios", {"name": "New", "email": f"{uuid4().hex}@example.com", "password": PASSWORD}),
            ("PATCH", "/studio", {"name": "New name"}),
            ("POST", "/studio/login", {"password": PASSWORD, "new_password": PASSWORD}),
            ("DELETE", "/sessions/current", None),
            ("DELETE", "/sessions", None),
            ("POST", f"/orders/{self.to_erase.id}/erase", {"ends_order": True}),
            ("POST", f"/orders/{self.to_cancel.id}/cancel", None),
            ("POST", f"/orders/{self.to_refund.id}/refund", None),
            ("POST", f"/orders/{self.to_pay.id}/rotate-link", None),
            ("PATCH", f"/orders/{self.paid.id}", {"client": {"note": "Hello"}}),
            ("POST", f"{desk}/orders/mark-paid", {"order_ids": [self.to_pay.id]}),
            ("POST", f"/orders/{self.paid.id}/notification", None),
            ("POST", f"{desk}/reminders", {"kind": "unpaid", "order_ids": [self.paid.id]}),
            ("POST", f"{public}/resend-link", {"email": self.paid.email}),
            ("DELETE", f"/photos/{self.photos['c.jpg']}", None),
            ("PUT", f"/transfers/{self.finals['x.jpg']}/match", {"photo_id": self.photos["b.jpg"]}),
            ("DELETE", f"/transfers/{self.finals['y.jpg']}/match", None),
            ("DELETE", f"/transfers/{self.finals['z.jpg']}", None),
            ("DELETE", self.to_delete.path, None),
            ("POST", "/tokens", {"name": "new"}),
            ("DELETE", f"/tokens/{self.token_id}", None),
            ("POST", "/sessions", login),
            ("PUT", "/payment-providers/standard", {}),
            ("POST", "/payment-providers/sandbox/rotate-secret", None),
            ("DELETE", "/payment-providers/stripe", None),
            ("POST", f"/payments/{self.payments[0]}/assign", {"order_id": self.to_assign.id}),
            ("POST", f"/payments/{self.payments[1]}/dismiss", {"reason": "A test"}),
            ("POST", "/webhook-endpoints", {"url": "https://localhost:1/"}),
            ("DELETE", f"/webhook-endpoints/{self.endpoints[0]}", None),
            ("POST", f"/webhook-endpoints/{self.endpoints[1]}/rotate-secret", None),
            ("POST", f"/webhook-endpoints/{self.endpoints[1]}/test", None),
            ("POST", f"/webhook-deliveries/{self.delivery_id}/replay", None),
            ("POST", "/payment-providers/sandbox/test", None),
            ("POST", f"{public}/orders/{self.to_check_out.id}/checkout", None),
            ("POST", f"{desk}/bank-statement", statement()),
        ]

    async def result(self) -> Json:
        """What all of them change."""
        desk, orders = self.desk, (self.to_cancel, self.to_refund, self.to_pay, self.to_assign)
        payments = (await desk.photographer.do("GET", "/payments"))["items"]
        finals = (await desk.do("GET", "/transfers"))["items"]
        return {
            "orders": [(await order.read())["status"] for order in orders],
            "note": (await self.paid.read())["client"]["note"],
            "welcome": (await self.locked.do("GET"))["welcome"],
            "studio": (await desk.photographer.do("GET", "/studio"))["name"],
            "galleries": [each["name"] for each in (await desk.photographer.do("GET", "/galleries"))["items"]],
            "new link": "link_rotated" in [step["what"] for step in (await self.to_pay.read())["timeline"]],
            "photos": [each["filename"] for each in (await desk.do("GET", "/photos"))["items"]],
            "matches": {each["filename"]: each["photo_id"] for each in finals},
            "gallery": (await desk.photographer.call("GET", self.to_delete.path)).status,
            "tokens": [each["name"] for each in (await desk.photographer.do("GET", "/tokens"))["items"]],
            "mails": len(await self.paid.mails()),
            "problems": [payment["problem"] for payment in payments if not payment["dismissed"]],
            "erased": (await self.to_erase.read())["client"]["name"],
            "endpoints": len((await desk.photographer.do("GET", "/webhook-endpoints"))["items"]),
        }


@pytest.mark.parametrize("name", STOPPED)
async def test_every_kind_of_write_is_accepted_in_time_and_settles(
    stack: Supervisor, photographer: Photographer, name: str
) -> None:
    busy = await Busy.make(photographer)

    assert {documented(method, path) for method, path, _ in busy.writes()} == WRITES

    async def accepted(method: str, path: str, body: Any) -> Answer:
        async with asyncio.timeout(PATIENCE):
            by = "data" if isinstance(body, bytes | FormData) else "json"
            return await photographer.call(method, path, **{by: body})

    await stack.stop(name)
    try:
        answers = await asyncio.gather(*(accepted(*write) for write in busy.writes()))
        assert {answer.status for answer in answers} <= {200, 201, 202, 204}, answers
    finally:
        await back(stack, name)

    finals = [await photographer.world.final(each) for each in answers]
    assert {answer.status for answer in finals} <= {200, 201, 202, 204}, finals
    a, b = busy.photos["a.jpg"], busy.photos["b.jpg"]
    expected = {
        "orders": ["cancelled", "refunded", "paid", "paid"],
        "note": "Hello",
        "welcome": "Hello",
        "studio": "New name",
        "galleries": ["New", "Class 3b", "Class 3b"],
        "new link": True,
        "photos": ["a.jpg", "b.jpg"],
        "matches": {"a.jpg": a, "x.jpg": b, "y.jpg": None},
        "gallery": 404,
        "tokens": ["tests", "new"],
        "mails": 2,
        "problems": [None],
        "erased": "erased",
        "endpoints": 2,
    }
    await eventually(lambda: equal(busy.result, expected), within=60)


def documented(method: str, path: str) -> tuple[str, str]:
    """The route of the OpenAPI document that a request is for."""
    found = [
        route
        for route in WRITES
        if route[0] == method.lower() and re.fullmatch(PARAMETER.sub("[^/]+", route[1]), f"/api/v1{path}")
    ]
    return min(found, key=lambda route: route[1].count("{"))


async def equal(look: Callable[[], Awaitable[Json]], expected: Json) -> bool:
    return await look() == expected


async def everything_readable(owner: Owner) -> list[Any]:
    """What every GET of the OpenAPI document answers the owner and the client; none is refused."""
    headers = {"Authorization": f"Bearer {owner.photographer.token}"}
    call = owner.photographer.world.call
    answers = [await call("GET", filled(path, owner.has), headers=headers) for path in READS]
    assert {answer.status for answer in answers} <= {200, 201, 302, 303}, answers
    return [without_moments(answer) for answer in answers]


def without_moments(answer: Answer) -> Any:
    """Bodies, with what changes by itself left out: the time, downloads made here, tries to tell an endpoint."""
    if answer.body.startswith(b'{"items":[{"id":') and b'"event_id"' in answer.body:
        return [delivery["event_id"] for delivery in answer.json["items"]]
    if isinstance(answer.json, dict) and (steps := answer.json.keys() & {"timeline", "happened"}):
        kept = {name: [each for each in answer.json[name] if each["what"] != "downloaded"] for name in steps}
        return answer.json | kept | dict.fromkeys(("as_of", "downloads", "told_to_own_systems"))
    return answer.body


async def place(desk: GalleryDesk, photo_id: str, key: str) -> Answer:
    body = {"client": {"name": "Ewa", "email": "ewa@example.com"}, "photo_ids": [photo_id]}
    headers = {"Idempotency-Key": key}
    path = f"/api/v1/g/{desk.public_token}/orders"
    return await desk.photographer.world.call("POST", path, json=body, headers=headers)


async def put_and_complete(desk: GalleryDesk, tab: str, files: dict[str, bytes]) -> Answer:
    slots = await desk.slots(tab, files)
    assert {(await desk.put(slot, data)).status for slot, data in zip(slots, files.values(), strict=True)} == {200}
    items = [{"upload_id": slot["upload_id"]} for slot in slots]
    return await desk.photographer.call("POST", "/uploads/complete", json={"items": items})


async def stored(desk: GalleryDesk, *, photos: int, finals: int) -> bool:
    counts = (await desk.do("GET"))["counts"]
    return (counts["photos"], counts["transfers"]) == (photos, finals)


async def mailed(order: ClientOrder) -> bool:
    return bool(await order.mails())


async def back(stack: Supervisor, name: str) -> None:
    """Start it again, and wait until everybody has noticed."""
    await stack.start(name)
    await stack.ready()
