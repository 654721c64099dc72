"""Pages, as crafted requests meet them: refused in words, never with an error of ours."""

from typing import Any
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import Response

from services.gateway.web.problems import respond_before_start
from tests.gateway.client import Answer, Caller, StudioClient
from tests.gateway.running import RunningGateway

FOR_PEOPLE = {"Accept": "text/html"}
SETTINGS = {
    "name": "Class 3b",
    "welcome": "",
    "locale": "en",
    "currency": "PLN",
    "price_per_photo": "12.50",
    "payment_instructions": "",
    "order_deadline": "",
    "keep_until": "",
    "access_code": "",
    "watermark": "",
    "remind_unpaid_days": "",
    "remind_download_days": "",
}
HUGE = "1" * 5_000


async def post(caller: Caller, path: str, form: Any) -> Answer:
    return await caller.call("POST", path, headers={**FOR_PEOPLE, "Origin": caller.url}, data=form)


async def test_a_search_for_what_no_name_can_have_is_answered(studio: StudioClient) -> None:
    gallery = await studio.open_gallery()
    for page in ("/galleries", f"/galleries/{gallery['id']}/orders", f"/galleries/{gallery['id']}/transfer"):
        for sought, status in (("%00", 200), ("%00class", 200), ("x" * 300, 422)):
            answer = await studio.get(f"{page}?q={sought}", headers=FOR_PEOPLE)
            assert answer.status == status, (page, sought)


async def test_a_gallery_is_not_opened_by_a_crafted_form(studio: StudioClient) -> None:
    named = {"name": "Class 3b", "currency": "PLN"}
    for form in ({}, named, {**named, "price_per_photo": HUGE}, {**named, "price_per_photo": "1e999999"}):
        assert (await post(studio, "/galleries", form)).status == 422, form


async def test_crafted_settings_are_refused(studio: StudioClient) -> None:
    gallery = await studio.open_gallery()
    crafted: tuple[dict[str, list[str]], ...] = (
        *(dict[str, list[str]]({name: []}) for name in SETTINGS),
        {"bundle_photos": ["5"]},
        {"bundle_price": ["10", "20"], "bundle_photos": ["5"]},
        {"bundle_price": ["10"], "bundle_photos": [HUGE]},
        {"remind_unpaid_days": [HUGE]},
    )
    for changes in crafted:
        fields = {name: [value] for name, value in SETTINGS.items()} | changes
        sent = [(name, value) for name, values in fields.items() for value in values]
        assert (await post(studio, f"/galleries/{gallery['id']}/settings", sent)).status == 422, changes
    assert (await post(studio, f"/galleries/{gallery['id']}/delete", {})).status == 422


async def test_a_sign_up_says_its_language_by_the_page_alone(gateway: RunningGateway) -> None:
    account = {"name": "Studio", "email": "twice@example.com", "password": "correct horse battery"}
    crafted = [*account.items(), ("name", "Another"), ("locale", "pl"), ("admin", "yes")]
    assert (await post(gateway.client, "/signup", crafted)).status == 422
    assert (await post(gateway.client, "/signup", {**account, "locale": "de"})).status == 303


async def test_only_the_access_code_itself_goes_without_the_access_code(studio: StudioClient) -> None:
    gallery = await studio.open_gallery(access_code="sunflower")
    link = gallery["public_url"].removeprefix(studio.url)
    assert (await studio.get(f"{link}/access", headers=FOR_PEOPLE)).status == 200
    asked = await studio.get(f"{link}/orders/access", headers=FOR_PEOPLE)
    assert (asked.status, asked.headers["Location"]) == (303, f"{link}/access?next={link}/orders/access")
    (await studio.post(f"/api/v1{link}/access", {"code": "sunflower"})).expect(200)


async def test_refusals_speak_the_studio_s_language(gateway: RunningGateway) -> None:
    studio = await gateway.studio(locale="pl")
    english = {**FOR_PEOPLE, "Accept-Language": "en"}
    gallery = await studio.open_gallery()
    for path in (f"/galleries/{uuid4()}/photos", f"/galleries/{gallery['id']}/orders?page=0"):
        assert b'lang="pl"' in (await studio.get(path, headers=english)).body, path


async def test_who_waits_is_told_so_in_the_gallery_s_language_or_the_studio_s(gateway: RunningGateway) -> None:
    studio = await gateway.studio(locale="pl")
    gallery = await studio.open_gallery(locale="en")
    request_id = uuid4()
    await gateway.db.pool.execute(
        """INSERT INTO request (id, scope, idempotency_key, fingerprint, action, gallery_id, subject, pending)
           VALUES ($1, 'tests', NULL, '', 'order_placed', $2, 'null', 1)""",
        request_id,
        UUID(gallery["id"]),
    )
    for then, accepts, shown in (("/galleries", "en", b'lang="pl"'), ("/g/link", "pl", b'lang="en"')):
        headers = {**FOR_PEOPLE, "Accept-Language": accepts}
        assert shown in (await studio.get(f"/wait/{request_id}?then={then}", headers=headers)).body, then


def test_until_it_is_started_people_are_told_so_in_their_language_and_programs_by_a_code() -> None:
    def answer(accept: bytes) -> Response:
        headers = [(b"accept", accept), (b"accept-language", b"pl")]
        return respond_before_start(Request({"type": "http", "headers": headers}))

    people, programs = answer(b"text/html,*/*"), answer(b"*/*")
    assert (people.status_code, people.media_type, people.headers["Refresh"]) == (503, "text/plain", "2")
    assert "uruchamia" in bytes(people.body).decode()
    assert (programs.status_code, programs.media_type) == (503, "application/problem+json")
