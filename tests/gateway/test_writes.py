"""Writes that are sent again."""

import asyncio

import pytest

from tests.gateway.client import StudioClient

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


@pytest.mark.parametrize("key", ["", "k" * 256, "a\tb"])
async def test_a_key_that_cannot_be_kept_is_refused(studio: StudioClient, key: str) -> None:
    problem = (await studio.post("/api/v1/galleries", GALLERY, headers={"Idempotency-Key": key})).expect(422)
    assert "1 to 255 characters" in problem["detail"]


async def test_galleries_come_in_pages_newest_first(studio: StudioClient) -> None:
    made = [(await studio.open_gallery())["id"] for _ in range(3)]
    first = (await studio.get("/api/v1/galleries?limit=2")).expect(200)
    last = (await studio.get(f"/api/v1/galleries?limit=2&cursor={first['next']}")).expect(200)
    assert [item["id"] for item in first["items"] + last["items"]] == made[::-1]
    assert last["next"] is None
