"""A bank's statement at the API: proposals only, lines that pay once, and files that are refused."""

import asyncio
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from aiohttp import FormData

from tests.gateway.bank.files import MILLENNIUM
from tests.gateway.client import Answer, StudioClient
from tests.gateway.making import photo_uploaded
from tests.gateway.paying import Bank
from tests.gateway.running import RunningGateway
from tests.gateway.test_payments import payments_of, until_status

HEADER = "Data;Tytuł;Kwota\n"


class Desk:
    """A gallery whose clients pay 12.50 PLN each."""

    def __init__(self, gateway: RunningGateway, studio: StudioClient, gallery: dict[str, Any]) -> None:
        self.gateway = gateway
        self.studio = studio
        self.public = gallery["public_url"].rsplit("/", 1)[1]
        self.id = gallery["id"]
        self.path = f"/api/v1/galleries/{gallery['id']}"

    @classmethod
    async def open(cls, gateway: RunningGateway, studio: StudioClient, *clients: str) -> tuple["Desk", list[str]]:
        """With an order of each client."""
        desk = cls(gateway, studio, await studio.open_gallery())
        photo = photo_uploaded(desk.id, "1.jpg")
        await gateway.tell(photo)
        return desk, [await desk.order(name, str(photo.photo.id)) for name in clients]

    async def order(self, name: str, photo_id: str) -> str:
        asked = {"client": {"name": name, "email": "a@example.com"}, "photo_ids": [photo_id]}
        placed = await self.gateway.client.post(f"/api/v1/g/{self.public}/orders", asked)
        order_id: str = placed.expect(201)["id"]
        return order_id

    async def send(self, file: str | bytes, name: str = "file") -> Answer:
        form = FormData()
        form.add_field(name, BytesIO(file.encode() if isinstance(file, str) else file), filename="historia.csv")
        return await self.studio.call("POST", f"{self.path}/bank-statement", data=form)

    async def items(self, file: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.send(file)).expect(200)["items"]
        return found

    async def confirm(self, *items: dict[str, Any], order_ids: list[str] | None = None) -> Answer:
        ids = order_ids or [item["order"]["id"] for item in items]
        body = {"order_ids": ids, "lines": [item["fingerprint"] for item in items]}
        return await self.studio.post(f"{self.path}/orders/mark-paid", body)

    async def status(self, order_id: str) -> str:
        status: str = (await self.studio.get(f"/api/v1/orders/{order_id}")).expect(200)["status"]
        return status


async def test_a_line_is_proposed_confirmed_and_then_used(gateway: RunningGateway, studio: StudioClient) -> None:
    desk, (order_id,) = await Desk.open(gateway, studio, "Łukasz Żak")
    (item,) = await desk.items(MILLENNIUM)
    assert item.pop("fingerprint")
    assert item.pop("text").endswith("ŁUKASZ ŻAK · Zamówienie 7 zdjęcia")
    client = {"name": "Łukasz Żak", "email": "a@example.com"}
    assert item == {
        "line": 2,
        "date": "2026-06-15",
        "amount": {"amount": 1250, "currency": "PLN"},
        "order": {"id": order_id, "number": 1, "client": client},
        "reason": "name",
        "confidence": "high",
    }
    assert await desk.status(order_id) == "placed"

    (again,) = await desk.items(MILLENNIUM)
    assert (await desk.confirm(again)).expect(200)["items"] == [{"order_id": order_id, "status": "paid"}]
    assert await desk.items(MILLENNIUM) == []
    other, _ = await Desk.open(gateway, studio, "Łukasz Żak")
    assert await other.items(MILLENNIUM) == []


async def test_a_line_that_was_used_pays_no_other_order(gateway: RunningGateway, studio: StudioClient) -> None:
    desk, ids = await Desk.open(gateway, studio, "Łukasz Żak", "Anna Nowak")
    (item,) = await desk.items(MILLENNIUM)
    answers = await asyncio.gather(*(desk.confirm(item, order_ids=[order_id]) for order_id in ids))
    assert sorted(answer.status for answer in answers) == [200, 409]
    (refused,) = (answer for answer in answers if answer.status == 409)
    assert refused.json["type"].endswith("line-used")
    assert sorted([await desk.status(order_id) for order_id in ids]) == ["paid", "placed"]


async def test_equal_lines_pay_one_order_each(gateway: RunningGateway, studio: StudioClient) -> None:
    desk, (first, second) = await Desk.open(gateway, studio, "Anna Nowak", "Anna Nowak")
    file = HEADER + "15.06.2026;Anna Nowak;12,50\n" * 2
    items = await desk.items(file)
    assert [(item["order"]["number"], item["confidence"]) for item in items] == [(1, "medium"), (2, "medium")]
    (await desk.confirm(items[0])).expect(200)
    (left,) = await desk.items(file)
    assert left["fingerprint"] == items[1]["fingerprint"]
    assert left["order"]["id"] == second
    assert await desk.status(first) == "paid"


async def test_a_line_whose_order_was_paid_or_cancelled_meanwhile_is_a_payment_to_look_at(
    gateway: RunningGateway, studio: StudioClient
) -> None:
    desk, (first, second, third, fourth) = await Desk.open(
        gateway, studio, "Anna Nowak", "Jan Lis", "Ewa Sowa", "Al Lo"
    )
    file = HEADER + "".join(f"15.06.2026;{name};12,50\n" for name in ("Anna Nowak", "Jan Lis", "Ewa Sowa"))
    items = await desk.items(file)
    (await (await Bank.connect(studio)).tell(first)).expect(200)
    await until_status(studio, first, "paid")
    (await studio.post(f"/api/v1/orders/{second}/cancel")).expect(200)

    paid, cancelled, fine = (await desk.confirm(*items)).expect(200)["items"]
    assert paid == {"order_id": first, "status": "paid", "problem": "already_paid"}
    assert (cancelled["code"], cancelled["problem"]) == ("order-cancelled", "order_cancelled")
    assert fine == {"order_id": third, "status": "paid"}
    left = await payments_of(studio, 2, problem="true")
    told = {each["order"]["id"]: (each["provider"], each["amount"]["amount"], each["problem"]) for each in left}
    assert told == {first: ("bank", 1250, "already_paid"), second: ("bank", 1250, "order_cancelled")}
    assert await desk.items(file) == []
    assert (await desk.confirm(items[0])).expect(409)["type"].endswith("line-used")
    (await studio.post(f"/api/v1/payments/{left[0]['id']}/assign", {"order_id": fourth})).expect(200)
    await until_status(studio, fourth, "paid")


async def test_a_line_whose_order_was_refunded_meanwhile_is_offered_again(
    gateway: RunningGateway, studio: StudioClient
) -> None:
    desk, (order_id, other) = await Desk.open(gateway, studio, "Anna Nowak", "Jan Lis")
    file = HEADER + "15.06.2026;Anna Nowak;12,50\n"
    items = await desk.items(file)
    for action in ("mark-paid", "refund"):
        (await studio.post(f"/api/v1/orders/{order_id}/{action}")).expect(200)
    (refused,) = (await desk.confirm(*items)).expect(200)["items"]
    assert refused["code"] == "order-refunded"
    (again,) = await desk.items(file)
    assert (again["fingerprint"], again["order"]["id"]) == (items[0]["fingerprint"], other)
    assert (await studio.get("/api/v1/payments")).expect(200)["items"] == []


async def test_each_line_is_for_the_order_at_its_place(gateway: RunningGateway, studio: StudioClient) -> None:
    desk, ids = await Desk.open(gateway, studio, "Anna Nowak", "Jan Lis", "Ewa Sowa")
    items = await desk.items(HEADER + "15.06.2026;Anna Nowak;12,50\n15.06.2026;Jan Lis;12,50\n")
    for order_ids in (ids[:1], [ids[0], ids[0]]):
        (error,) = (await desk.confirm(*items, order_ids=order_ids)).expect(422)["errors"]
        assert error["message"] == "Send each line at the place that its order has in order_ids, one line for an order."
    (await studio.post(f"/api/v1/orders/{ids[1]}/mark-paid")).expect(200)
    answers = (await desk.confirm(*items, order_ids=ids)).expect(200)["items"]
    assert [answer.get("problem") for answer in answers] == [None, "already_paid", None]
    assert [await desk.status(order_id) for order_id in ids] == ["paid"] * 3


async def test_lines_that_are_no_amount_of_ours_are_said(gateway: RunningGateway, studio: StudioClient) -> None:
    desk, _ = await Desk.open(gateway, studio, "Anna Nowak")
    answer = (
        await desk.send(HEADER + "15.06.2026;Anna;12.505\n15.06.2026;Anna;$12,50\n15.06.2026;Anna;(12,50)\n")
    ).expect(200)
    assert (answer["items"], answer["left_out"]) == ([], 0)
    assert answer["unread"] == [
        {"line": 2, "date": "2026-06-15", "amount": "12.505", "reason": "no_amount"},
        {"line": 3, "date": "2026-06-15", "amount": "$12,50", "reason": "other_currency"},
    ]


async def test_paid_orders_and_those_of_other_galleries_are_not_proposed(
    gateway: RunningGateway, studio: StudioClient
) -> None:
    desk, (order_id,) = await Desk.open(gateway, studio, "Anna Nowak")
    await Desk.open(gateway, studio, "Łukasz Żak")
    file = HEADER + "15.06.2026;Anna Nowak zamówienie 1;12,50\n16.06.2026;Łukasz Żak;12,50\n"
    assert [item["order"] and item["order"]["number"] for item in await desk.items(file)] == [1, None]
    (await studio.post(f"/api/v1/orders/{order_id}/mark-paid")).expect(200)
    assert [(item["order"], item["reason"], item["confidence"]) for item in await desk.items(file)] == [
        (None, None, None)
    ] * 2


async def test_long_statements_show_what_is_proposed_first(gateway: RunningGateway, studio: StudioClient) -> None:
    desk, _ = await Desk.open(gateway, studio, "Anna Nowak")
    rows = "".join(f"15.06.2026;somebody {number};{number},00\n" for number in range(1, 50_001))
    answer = (await desk.send(f"{HEADER}{rows}16.06.2026;Anna Nowak;12,50\n")).expect(200)
    assert (len(answer["items"]), answer["left_out"]) == (1_000, 49_001)
    assert (answer["items"][0]["line"], answer["items"][-1]["line"]) == (2, 50_002)
    assert [item["order"]["number"] for item in answer["items"] if item["order"]] == [1]


@pytest.mark.parametrize(
    ("file", "status", "code"),
    [
        (b"%PDF-1.7\n\0\1\2", 422, "no-csv"),
        (b"a;b\n" * 1_000_001, 413, "statement-too-large"),
        (b"x" * 50_000_000, 413, "statement-too-large"),
        (b"\0" * 50_000_000, 422, "no-csv"),
        (b"\x89PNG\r\n\x1a\n\0" * 500_000, 422, "no-csv"),
        (b";" * 5_000_000, 422, "no-statement"),
        (HEADER.encode() + b";" * 5_000_000, 422, "line-too-long"),
        (b"", 422, "no-statement"),
    ],
    ids=["pdf", "lines", "50 MB", "50 MB binary", "binary", "cells", "cells after a header", "empty"],
)
async def test_what_cannot_be_used_is_refused_with_advice(
    gateway: RunningGateway, studio: StudioClient, file: bytes, status: int, code: str
) -> None:
    desk, _ = await Desk.open(gateway, studio)
    problem = (await desk.send(file)).expect(status)
    assert problem["type"].endswith(f"/{code}")
    assert "In your bank, export" in problem["detail"]
    assert problem["errors"][0]["field"] == "file"


async def test_no_file_and_strange_fingerprints_are_refused(gateway: RunningGateway, studio: StudioClient) -> None:
    desk, ids = await Desk.open(gateway, studio, "Anna Nowak")
    assert (await desk.send("x", name="other")).expect(422)["errors"][0]["field"] == "file"
    body = {"order_ids": ids, "lines": ["no fingerprint"]}
    (await studio.post(f"{desk.path}/orders/mark-paid", body)).expect(422)
    (await (await gateway.studio()).call("POST", f"{desk.path}/bank-statement", data=FormData())).expect(404)


async def test_used_lines_go_with_their_gallery(gateway: RunningGateway, studio: StudioClient) -> None:
    desk, _ = await Desk.open(gateway, studio, "Łukasz Żak")
    (await desk.confirm(*await desk.items(MILLENNIUM))).expect(200)
    counted = "SELECT count(*) FROM bank_line WHERE gallery_id = $1"
    assert await gateway.db.pool.fetchval(counted, UUID(desk.id)) == 1
    (await studio.delete(desk.path)).expect(204)
    assert await gateway.db.pool.fetchval(counted, UUID(desk.id)) == 0
