"""Invalid input: which field it is, and what to do, in words for people."""

import json
from typing import Any

import pytest

from services.gateway.app import make_app
from services.gateway.invalid import DIGITS, SENTENCES
from services.gateway.payments.registry import PROVIDERS
from tests.gateway.client import StudioClient
from tests.gateway.ordering import order_to_place
from tests.gateway.paying import JSON
from tests.gateway.running import RunningGateway

GALLERY = {"name": "Class 3b", "currency": "PLN", "price_per_photo": 1250}
SIGN_UP = {"name": "Studio", "email": "a@example.com", "password": "correct horse battery"}
WHOLE_NUMBER = "Send a whole number, without quotes."
WRITTEN = "Write it like 2026-06-14T18:00:00Z."
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
        *(({"keep_until": value}, "keep_until", WRITTEN) for value in (4e9, 4_000_000_000, "4000000000", True, "soon")),
        ({"order_deadline": 4_000_000_000}, "order_deadline", WRITTEN),
        ({"name": "a\nb"}, "name", "Leave out line breaks and other control characters."),
    ],
)
async def test_a_refusal_names_the_field_and_says_what_to_do(
    studio: StudioClient, changes: dict[str, Any], field: str, message: str
) -> None:
    problem = (await studio.post("/api/v1/galleries", GALLERY | changes)).expect(422)
    assert problem["errors"] == [{"field": field, "message": message}]
    assert problem["detail"] == f"{field}: {message}"


KEY = "Send the key as the provider shows it: letters, digits and signs, without spaces."
P24 = {"merchant_id": "12345", "api_key": "key", "crc": "crc"}
PAYU = {"pos_id": "1", "client_id": "2", "client_secret": "s", "second_key": "k"}


@pytest.mark.parametrize(
    ("provider", "keys", "field", "message"),
    [
        ("przelewy24", P24 | {"crc": "zażółć"}, "crc", KEY),
        ("przelewy24", P24 | {"api_key": "a key"}, "api_key", KEY),
        ("stripe", {"secret_key": "sk_test_1", "webhook_secret": "whsec x"}, "webhook_secret", KEY),
        (
            "stripe",
            {"secret_key": "pk_live_1", "webhook_secret": "whsec_x"},
            "secret_key",
            "Send the secret or a restricted key: it begins with sk_ or rk_.",
        ),
        (
            "przelewy24",
            P24 | {"merchant_id": "x"},
            "merchant_id",
            DIGITS.format(10),
        ),
        ("przelewy24", P24 | {"pos_id": "x"}, "pos_id", DIGITS.format(10)),
        ("payu", PAYU | {"pos_id": ""}, "pos_id", DIGITS.format(20)),
    ],
)
async def test_keys_of_providers_are_refused_in_words(
    studio: StudioClient, provider: str, keys: dict[str, str], field: str, message: str
) -> None:
    body = json.dumps(keys).encode()
    answer = await studio.put(f"/api/v1/payment-providers/{provider}", body, headers=JSON)
    assert answer.expect(422)["errors"] == [{"field": field, "message": message}]


async def test_a_fingerprint_is_refused_in_words(studio: StudioClient) -> None:
    gallery = await studio.open_gallery()
    body = {"order_ids": [gallery["id"]], "lines": ["no fingerprint"]}
    problem = (await studio.post(f"/api/v1/galleries/{gallery['id']}/orders/mark-paid", body)).expect(422)
    message = "Send a line's fingerprint, as it came with the bank's statement."
    assert problem["errors"] == [{"field": "lines.0", "message": message}]


def test_no_pattern_is_left_without_words() -> None:
    assert [pattern for pattern in _patterns() if pattern not in SENTENCES] == []


def _patterns() -> list[str]:
    """Those that a body of the API, or the keys of a provider, must match."""
    schemas: list[Any] = [make_app().openapi(), *(provider.Keys.model_json_schema() for provider in PROVIDERS.values())]
    found: list[str] = []
    while schemas:
        match schemas.pop():
            case dict() as each:
                found += [each["pattern"]] if isinstance(each.get("pattern"), str) else []
                schemas += each.values()
            case list() as several:
                schemas += several
    return found


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


@pytest.mark.parametrize("value", ["yes", "true", 1, 0, None])
async def test_an_erasure_is_meant_by_true_and_nothing_like_it(
    gateway: RunningGateway, studio: StudioClient, value: Any
) -> None:
    path, body = await order_to_place(gateway, studio)
    order = f"/api/v1/orders/{(await studio.post(path, body)).expect(201)['id']}"
    for said in ("ends_order", "all_of_client"):
        refused = (await studio.post(f"{order}/erase", {"ends_order": True, said: value})).expect(422)
        assert refused["errors"] == [{"field": said, "message": "Send true or false, without quotes."}]
    assert (await studio.get(order)).expect(200)["client"]["erased"] is False


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
