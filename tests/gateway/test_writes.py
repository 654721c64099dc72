"""Writes that are sent again."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import pytest

from contracts.base import utc_now
from tests.gateway.client import Answer, StudioClient
from tests.gateway.ordering import order_to_place
from tests.gateway.running import RunningGateway
from tests.waiting import eventually

GALLERY = {"name": "Class 3b", "currency": "PLN", "price_per_photo": 1250}


async def test_the_same_key_and_body_get_the_same_answer_and_are_done_once(studio: StudioClient) -> None:
    key = {"Idempotency-Key": "k" * 255}
    first, again = [await studio.post("/api/v1/galleries", GALLERY, headers=key) for _ in range(2)]
    assert first.expect(201) == again.expect(201)
    assert len((await studio.get("/api/v1/galleries")).expect(200)["items"]) == 1


async def test_a_key_that_comes_many_times_at_once_is_done_once(studio: StudioClient) -> None:
    key = {"Idempotency-Key": "at once"}
    asked = (studio.post("/api/v1/tokens", {"name": "backup"}, headers=key) for _ in range(8))
    assert len({answer.expect(201)["id"] for answer in await asyncio.gather(*asked)}) == 1
    names = [token["name"] for token in (await studio.get("/api/v1/tokens")).expect(200)["items"]]
    assert names.count("backup") == 1


async def test_a_key_is_not_taken_for_another_body(studio: StudioClient) -> None:
    key = {"Idempotency-Key": "once"}
    (await studio.post("/api/v1/tokens", {"name": "backup"}, headers=key)).expect(201)
    problem = (await studio.post("/api/v1/tokens", {"name": "other"}, headers=key)).expect(422)
    assert problem["type"].endswith("/idempotency-key-reused")


async def test_a_repeat_gets_the_first_answer_whatever_has_happened_since(
    gateway: RunningGateway, studio: StudioClient
) -> None:
    placing = await order_to_place(gateway, studio)
    order = f"/api/v1/orders/{(await keyed(studio, *placing)).expect(201)['id']}"
    writes = [placing, *((f"{order}/{action}", None) for action in ("refund", "mark-paid", "cancel"))]
    first, again = [[await keyed(studio, *write) for write in writes] for _ in range(2)]

    assert [answer.status for answer in first] == [201, 409, 200, 200]
    assert first[0].json["status"] == "placed"
    assert [said(answer) for answer in again] == [said(answer) for answer in first]


async def test_a_key_that_comes_many_times_at_once_places_one_order(
    gateway: RunningGateway, studio: StudioClient
) -> None:
    path, body = await order_to_place(gateway, studio)
    answers = await asyncio.gather(*(keyed(studio, path, body) for _ in range(8)))
    placed = [answer for answer in answers if answer.status == 201]
    assert {answer.status for answer in answers} <= {201, 409}
    assert {said(answer) for answer in placed} == {said(await keyed(studio, path, body))}

    gallery = (await studio.get("/api/v1/galleries")).expect(200)["items"][0]
    assert gallery["counts"]["orders"] == 1


async def test_a_repeat_gets_the_same_slots_to_the_letter(studio: StudioClient) -> None:
    path = f"/api/v1/galleries/{(await studio.open_gallery())['id']}/transfers/uploads"
    files = [{"filename": "1.jpg", "size": 1}, {"filename": "2.jpg", "size": 50_000_000}]
    first = await keyed(studio, path, {"files": files})
    await eventually(is_another_second(than=utc_now()))  # what is signed now is signed otherwise
    again = await keyed(studio, path, {"files": files})
    assert first.status == 201
    assert said(first) == said(again)


async def test_what_is_kept_for_a_repeat_opens_no_door(gateway: RunningGateway, studio: StudioClient) -> None:
    placing = await order_to_place(gateway, studio)
    public = placing[0].split("/")[4]
    order = (await keyed(studio, *placing)).expect(201)["id"]
    personal = (await keyed(studio, f"/api/v1/orders/{order}/mark-paid")).expect(200)["client_url"].rpartition("/")[2]
    token = [(await keyed(studio, "/api/v1/tokens", {"name": "backup"})).expect(201)["token"] for _ in range(2)]
    assert token[0] == token[1]

    kept = "".join(row["kept"] for row in await gateway.db.pool.fetch("SELECT request::text AS kept FROM request"))
    assert order in kept
    for secret in (public, personal, *token):
        assert secret not in kept
        assert secret.encode().hex() not in kept


async def test_nothing_is_kept_of_an_answer_that_nobody_can_ask_for_again(
    gateway: RunningGateway, studio: StudioClient
) -> None:
    gallery = await studio.open_gallery()
    kept = "SELECT answer FROM request WHERE gallery_id = $1"
    assert [row["answer"] for row in await gateway.db.pool.fetch(kept, gallery["id"])] == [None]


async def test_a_password_is_not_guessed_from_what_is_kept_of_a_sign_up(gateway: RunningGateway) -> None:
    body = json.dumps({"name": "Studio", "email": f"{uuid4()}@example.com", "password": "correct horse battery"})
    key = str(uuid4())
    headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
    (await gateway.client.call("POST", "/api/v1/studios", data=body, headers=headers)).expect(201)

    kept = "SELECT fingerprint FROM request WHERE idempotency_key = $1"
    guessed = sha256(b"\0".join((b"POST", b"/api/v1/studios", body.encode()))).digest()
    assert await gateway.db.pool.fetchval(kept, key) != guessed


def is_another_second(than: datetime) -> Callable[[], Awaitable[bool]]:
    """Whether the clock has gone on."""

    async def look() -> bool:
        return utc_now().replace(microsecond=0) > than

    return look


async def keyed(studio: StudioClient, path: str, body: Any = None) -> Answer:
    """A POST whose key tells its path."""
    return await studio.post(path, body, headers={"Idempotency-Key": str(uuid5(NAMESPACE_URL, path))})


def said(answer: Answer) -> tuple[int, str, bytes]:
    """All that a caller sees of an answer."""
    return answer.status, answer.headers["Content-Type"], answer.body


@pytest.mark.parametrize("key", ["", "k" * 256, "a\tb"])
async def test_a_key_that_cannot_be_kept_is_refused(studio: StudioClient, key: str) -> None:
    problem = (await studio.post("/api/v1/galleries", GALLERY, headers={"Idempotency-Key": key})).expect(422)
    assert "1 to 255 characters" in problem["detail"]
