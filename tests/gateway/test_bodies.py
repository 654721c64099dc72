"""Free text with control characters: refused at the door, because PostgreSQL reads no JSON with a NUL in it."""

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import pytest

from tests.gateway.client import Caller, StudioClient
from tests.gateway.making import photo_uploaded
from tests.gateway.paying import JSON
from tests.gateway.running import RunningGateway

ACCOUNT = {"name": "Studio", "email": "a@example.com", "password": "correct horse battery", "locale": "en"}
LOG_IN = {"email": "a@example.com", "password": "correct horse battery"}
SETTINGS = {
    "name": "Class 3b",
    "currency": "PLN",
    "price_per_photo": 1250,
    "download_policy": "none",
    "welcome": "Hello",
    "order_deadline": "2036-06-14T18:00:00Z",
    "keep_until": "2036-07-14T18:00:00Z",
    "access_code": "sowa 12",
    "watermark": "PROOF",
    "payment_instructions": "By transfer",
    "locale": "en",
}
CLIENT = {"name": "Ala", "email": "ala@example.com", "phone": "600 600 600", "note": "Matt paper", "locale": "pl"}
BODIES: dict[str, dict[str, Any]] = {
    "POST /api/v1/studios": ACCOUNT,
    "POST /api/v1/sessions": LOG_IN,
    "POST /api/v1/tokens": {"name": "backup"},
    "POST /api/v1/galleries": SETTINGS,
    "PATCH /api/v1/galleries/{gallery}": SETTINGS,
    "POST /api/v1/galleries/{gallery}/orders/mark-paid": {"order_ids": ["{order}"]},
    "PATCH /api/v1/orders/{order}": {"client": CLIENT},
    "POST /api/v1/g/{public}/access": {"code": "sowa 12"},
    "POST /api/v1/g/{public}/orders": {"client": CLIENT, "photo_ids": ["{photo}"]},
    "POST /api/v1/g/{public}/resend-link": {"email": "ala@example.com"},
    "POST /api/v1/galleries/{gallery}/photos/uploads": {"files": [{"content_type": "image/jpeg"}]},
    "POST /api/v1/uploads/complete": {"items": [{"upload_id": "{photo}", "parts": [{"etag": "abc"}]}]},
}


def spoilt(value: Any, character: str) -> list[tuple[str, Any]]:
    """Every field below `value`, and the value with the character at the end of that field only."""
    if isinstance(value, str):
        return [("", value + character)]
    if isinstance(value, dict):
        return [(f".{key}{at}", {**value, key: bad}) for key in value for at, bad in spoilt(value[key], character)]
    if isinstance(value, list):
        return [(f".0{at}", [bad]) for at, bad in spoilt(value[0], character)]
    return []


CASES = [
    pytest.param(*route.split(), field.lstrip("."), body, id=f"{route} {field.lstrip('.')}")
    for route, whole in BODIES.items()
    for field, body in spoilt(whole, "x\0x")
]


@pytest.fixture(scope="module")
async def names(gateway: RunningGateway) -> dict[str, Any]:
    """A studio with a gallery, a photo and an order, by their names in `BODIES`."""
    studio = await gateway.studio()
    gallery = await studio.open_gallery()
    photo = photo_uploaded(gallery["id"], "1.jpg")
    await gateway.tell(photo)
    public = gallery["public_url"].rpartition("/")[2]
    asked = {"client": CLIENT, "photo_ids": [str(photo.photo.id)]}
    order = (await gateway.client.post(f"/api/v1/g/{public}/orders", asked)).expect(201)
    return {
        "studio": studio,
        "gallery": gallery["id"],
        "photo": photo.photo.id,
        "order": order["id"],
        "public": public,
    }


@pytest.mark.parametrize(("method", "path", "field", "body"), CASES)
async def test_a_nul_in_any_field_is_refused_by_name_and_breaks_nothing(
    names: dict[str, Any], method: str, path: str, field: str, body: dict[str, Any]
) -> None:
    studio: StudioClient = names["studio"]
    answer = await studio.call(method, path.format(**names), json=body)
    assert field in [error["field"] for error in answer.expect(422)["errors"]]
    await _all_is_well(studio, names)


async def test_a_file_name_with_a_nul_is_refused_beside_the_good_ones(names: dict[str, Any]) -> None:
    studio: StudioClient = names["studio"]
    files = [{"filename": name, "size": 1, "content_type": "image/jpeg"} for name in ("x\0x.jpg", "2.jpg")]
    answer = await studio.post(f"/api/v1/galleries/{names['gallery']}/photos/uploads", {"files": files})
    assert ["error" in item for item in answer.expect(201)["items"]] == [True, False]


@pytest.mark.parametrize("character", ["\n", "\x1b", "\x7f", "\x85", "\ud800"])
async def test_a_name_is_one_line_of_characters_that_can_be_shown(studio: StudioClient, character: str) -> None:
    answer = await studio.post("/api/v1/galleries", SETTINGS | {"name": f"Class{character}3b"})
    assert [error["field"] for error in answer.expect(422)["errors"]] == ["name"]


async def test_longer_texts_may_have_lines(studio: StudioClient) -> None:
    gallery = await studio.open_gallery(welcome="Hello,\r\n\twelcome\n", payment_instructions="One\nTwo")
    assert gallery["welcome"] == "Hello,\r\n\twelcome\n"


@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "not declared"])
@pytest.mark.parametrize(
    "path",
    [
        "/webhooks/standard/{studio_id}",
        "/webhooks/standard/nobody",
        "/api/v1/galleries",
        "/api/v1/g/{public}/orders",
        "/api/v1/sessions",
        "/api/v1/nowhere",
        "/login",
        "/g/{public}/order",
    ],
)
async def test_a_body_that_is_too_large_is_refused_in_our_words(
    names: dict[str, Any], path: str, chunked: bool
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b" " * 100_000

    studio: StudioClient = names["studio"]
    connected = await studio.put("/api/v1/payment-providers/standard", b"{}", headers=JSON)
    known = names | {"studio_id": connected.json["webhook_url"].rsplit("/", 1)[1]}
    body = chunks() if chunked else BytesIO(b" " * 1_100_000)
    headers = {"Content-Type": "application/json", "Origin": studio.url}
    answer = await studio.call("POST", path.format(**known), data=body, headers=headers)
    if chunked and answer.status == 404:
        return  # refused before the body was read
    problem = answer.expect(413)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["type"].endswith("/body-too-large")
    assert problem["detail"] == "This is more than can be sent here at once; send less at a time."


@pytest.mark.parametrize("path", ["/login", "/g/{public}/order"])
async def test_a_form_that_is_too_large_is_answered_with_a_page(names: dict[str, Any], path: str) -> None:
    headers = {"Accept": "text/html", "Origin": names["studio"].url}
    answer = await names["studio"].call("POST", path.format(**names), data=BytesIO(b"x" * 1_100_000), headers=headers)
    assert (answer.status, answer.headers["Content-Type"]) == (413, "text/html; charset=utf-8")
    assert "This is too much at once." in answer.body.decode()


async def _all_is_well(studio: Caller, names: dict[str, Any]) -> None:
    for path in (
        "/api/v1/galleries",
        "/api/v1/galleries/{gallery}",
        "/api/v1/galleries/{gallery}/orders",
        "/api/v1/galleries/{gallery}/photos",
        "/api/v1/galleries/{gallery}/orders.csv",
        "/api/v1/galleries/{gallery}/ordered-filenames",
        "/api/v1/orders/{order}",
        "/api/v1/g/{public}",
        "/api/v1/g/{public}/photos",
        "/g/{public}",
    ):
        (await studio.get(path.format(**names))).expect(200)
