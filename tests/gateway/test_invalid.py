"""Invalid input: which field it is, and what to do, in words for people."""

from typing import Any

import pytest

from tests.gateway.client import StudioClient

GALLERY = {"name": "Class 3b", "currency": "PLN", "price_per_photo": 1250}
SIGN_UP = {"name": "Studio", "email": "a@example.com", "password": "correct horse battery"}
WHOLE_NUMBER = "Send a whole number, without quotes."
NOT_WHOLE = [True, "1250", 12.5, 1250.0, None]


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"currency": "zł"}, "currency", "Send the three capital letters of a currency, like PLN or EUR."),
        ({"locale": "de"}, "locale", "Send 'en' or 'pl'."),
        ({"download_policy": "all"}, "download_policy", "Send one of 'none', 'ordered_and_paid' or 'anyone'."),
        ({"price": 1250}, "price", "There is no such field; correct its name or leave it out."),
        ({"name": 7}, "name", "Send a text, in quotes."),
        ({"name": " "}, "name", "Write 1 or more characters."),
        ({"name": "x" * 201}, "name", "Shorten it to 200 characters."),
        ({"price_per_photo": -1}, "price_per_photo", "Send 0 or more."),
        ({"price_per_photo": 10**10}, "price_per_photo", "Send 1000000000 or less."),
        ({"bundles": [{"photos": 5}]}, "bundles.0.price", "This is missing; add it."),
        (
            {"bundles": [{"photos": 5, "price": 1, "prize": 1}]},
            "bundles.0.prize",
            "There is no such field; correct its name or leave it out.",
        ),
        ({"bundles": [{"photos": 5, "price": 1}] * 51}, "bundles", "Send 50 of them at most."),
        ({"order_deadline": "2036-06-14T18:00:00"}, "order_deadline", "Give the time zone, like 2026-06-14T18:00:00Z."),
        ({"order_deadline": "0001-01-01T00:00:00Z"}, "order_deadline", "Give a year from 2000 to 2999."),
        ({"order_deadline": "9999-12-31T23:59:00-12:00"}, "order_deadline", "Give a year from 2000 to 2999."),
        ({"name": "a\nb"}, "name", "Leave out line breaks and other control characters."),
    ],
)
async def test_a_refusal_names_the_field_and_says_what_to_do(
    studio: StudioClient, changes: dict[str, Any], field: str, message: str
) -> None:
    problem = (await studio.post("/api/v1/galleries", GALLERY | changes)).expect(422)
    assert problem["errors"] == [{"field": field, "message": message}]
    assert problem["detail"] == f"{field}: {message}"


async def test_several_faults_are_told_one_after_the_other(studio: StudioClient) -> None:
    asked = {"email": "a@b", "password": "short"}
    problem = (await studio.post("/api/v1/studios", asked)).expect(422)
    assert problem["detail"] == (
        "name: This is missing; add it. email: Enter an e-mail address like name@example.com. "
        "password: Write 10 or more characters."
    )


@pytest.mark.parametrize("value", NOT_WHOLE)
async def test_a_price_is_a_whole_number_and_nothing_like_it(studio: StudioClient, value: Any) -> None:
    gallery = (await studio.open_gallery())["id"]
    for changes, field in (
        ({"price_per_photo": value}, "price_per_photo"),
        ({"bundles": [{"photos": 5, "price": value}]}, "bundles.0.price"),
        ({"bundles": [{"photos": value, "price": 5000}]}, "bundles.0.photos"),
    ):
        opened = await studio.post("/api/v1/galleries", GALLERY | changes)
        changed = await studio.patch(f"/api/v1/galleries/{gallery}", changes)
        for answer in (opened, changed):
            assert answer.expect(422)["errors"] == [{"field": field, "message": WHOLE_NUMBER}]


@pytest.mark.parametrize("value", NOT_WHOLE)
async def test_sizes_and_part_numbers_are_whole_numbers(studio: StudioClient, value: Any) -> None:
    slots = f"/api/v1/galleries/{(await studio.open_gallery())['id']}/photos/uploads"
    asked = await studio.post(slots, {"files": [{"filename": "1.jpg", "size": value}]})
    assert asked.expect(422)["errors"] == [{"field": "files.0.size", "message": WHOLE_NUMBER}]

    sent = {"upload_id": "019a0000-0000-7000-8000-000000000000", "parts": [{"number": value, "etag": "x"}]}
    completed = await studio.post("/api/v1/uploads/complete", {"items": [sent]})
    assert completed.expect(422)["errors"] == [{"field": "items.0.parts.0.number", "message": WHOLE_NUMBER}]


async def test_a_body_that_is_no_json_object_is_refused(studio: StudioClient) -> None:
    broken = await studio.call(
        "POST", "/api/v1/tokens", data=b'{"name": ', headers={"Content-Type": "application/json"}
    )
    assert "not valid JSON" in broken.expect(422)["detail"]
    for answer in (
        await studio.call("POST", "/api/v1/tokens", data=b'{"name": "backup"}', headers={"Content-Type": "text/plain"}),
        await studio.post("/api/v1/tokens", "backup"),
    ):
        assert answer.expect(422)["detail"] == (
            "body: Send a JSON object, with the header Content-Type: application/json."
        )


async def test_a_limit_that_is_no_number_is_refused_alike(studio: StudioClient) -> None:
    problem = (await studio.get("/api/v1/galleries?limit=many")).expect(422)
    assert problem["errors"] == [{"field": "limit", "message": WHOLE_NUMBER}]
