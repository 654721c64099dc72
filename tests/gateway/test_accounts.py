"""Who gets in: log-ins, API tokens, access codes; and how those who guess are slowed down."""

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.client import Answer, Caller, StudioClient
from tests.gateway.making import photo_uploaded
from tests.gateway.running import RunningGateway, running_gateway
from tests.infra import Servers

PASSWORD = "correct horse battery"
CODE = "sowa 12"


@dataclass(frozen=True)
class Account:
    """A studio that has signed up."""

    gateway: RunningGateway
    email: str

    async def log_in(self, password: str = PASSWORD) -> Answer:
        return await self.gateway.client.post("/api/v1/sessions", {"email": self.email, "password": password})

    async def browser(self) -> Caller:
        """A caller with the log-in cookie, on our own pages."""
        answer = await self.log_in()
        answer.expect(201)
        return Caller(
            self.gateway.client.http, self.gateway.url, {"Cookie": _cookie(answer), "Origin": self.gateway.url}
        )


async def sign_up(gateway: RunningGateway) -> Account:
    account = Account(gateway, f"{secrets.token_hex(8)}@example.com")
    asked = {"name": "Studio Żółw", "email": account.email, "password": PASSWORD}
    (await gateway.client.post("/api/v1/studios", asked)).expect(201)
    return account


def _cookie(answer: Answer) -> str:
    return answer.headers["Set-Cookie"].partition(";")[0]


def _code(answer: Answer) -> str:
    return str(answer.json["type"].rpartition("/")[2])


@pytest.fixture(scope="module")
async def strict_gateway(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    """A gateway that slows down those who guess, though not those who only come often."""
    folder = tmp_path_factory.mktemp("strict")
    async with running_gateway(servers, folder, rate_limits="on", entrance_burst="1000") as running:
        yield running


@pytest.fixture
async def account(gateway: RunningGateway) -> Account:
    """A new studio without an API token."""
    return await sign_up(gateway)


async def test_a_log_in_sets_a_cookie_that_scripts_and_other_sites_do_not_get(account: Account) -> None:
    answer = await account.log_in()
    assert answer.expect(201)["email"] == account.email
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(answer.headers["Set-Cookie"].split("; "))
    assert (await (await account.browser()).get("/api/v1/galleries")).expect(200)["items"] == []


@pytest.mark.parametrize("email", [None, "nobody@example.com"])
async def test_a_wrong_log_in_does_not_tell_whether_there_is_such_an_account(
    account: Account, email: str | None
) -> None:
    answer = await Account(account.gateway, email or account.email).log_in("wrong password")
    assert answer.expect(401)["detail"] == "E-mail or password is wrong."
    assert "Set-Cookie" not in answer.headers


async def test_log_ins_and_refused_ones_are_logged_without_what_was_typed(account: Account) -> None:
    studio_id = (await account.log_in()).expect(201)["id"]
    (await account.log_in("not the password")).expect(401)
    mistyped = {"email": f"mistyped.{account.email}", "password": PASSWORD}
    (await account.gateway.client.post("/api/v1/sessions", mistyped)).expect(401)

    text = account.gateway.service.log.read_text()
    events = [(line["event"], line["studio_id"]) for line in map(json.loads, text.splitlines()) if "address" in line]
    assert events[-3:] == [("logged in", studio_id), ("log-in refused", studio_id), ("log-in refused", None)]
    assert not any(typed in text for typed in (PASSWORD, "not the password", account.email))


async def test_an_email_signs_up_once_in_whatever_case(account: Account) -> None:
    asked = {"name": "Other", "email": account.email.upper(), "password": PASSWORD}
    answer = await account.gateway.client.post("/api/v1/studios", asked)
    assert answer.expect(409)["errors"][0]["field"] == "email"


async def test_who_logs_out_is_logged_out_on_the_server(account: Account) -> None:
    browser, elsewhere = await account.browser(), await account.browser()
    (await browser.delete("/api/v1/sessions/current")).expect(204)
    (await browser.get("/api/v1/galleries")).expect(401)
    (await elsewhere.get("/api/v1/galleries")).expect(200)


async def test_a_deleted_api_token_is_worthless(account: Account) -> None:
    browser = await account.browser()
    made = (await browser.post("/api/v1/tokens", {"name": "backup"})).expect(201)
    program = Caller(browser.http, browser.url, {"Authorization": f"Bearer {made['token']}"})
    listed = (await program.get("/api/v1/tokens")).expect(200)["items"]
    assert [(token["id"], token["name"]) for token in listed] == [(made["id"], "backup")]
    assert "token" not in listed[0]

    (await browser.delete(f"/api/v1/tokens/{made['id']}")).expect(204)
    (await program.get("/api/v1/tokens")).expect(401)


async def test_an_api_token_of_another_studio_is_not_there(account: Account, studio: StudioClient) -> None:
    made = (await (await account.browser()).post("/api/v1/tokens", {"name": "backup"})).expect(201)
    (await studio.delete(f"/api/v1/tokens/{made['id']}")).expect(404)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
async def test_the_log_in_cookie_changes_nothing_from_other_sites(account: Account, origin: str) -> None:
    browser = await account.browser()
    answer = await browser.post("/api/v1/tokens", {"name": "stolen"}, headers={"Origin": origin})
    assert (answer.status, _code(answer)) == (403, "wrong-origin")
    assert (await browser.get("/api/v1/tokens", headers={"Origin": origin})).expect(200)["items"] == []


async def test_nobody_signs_up_where_it_is_closed(servers: Servers, tmp_path: Path) -> None:
    async with running_gateway(servers, tmp_path, beside=(), signup="closed") as gateway:
        asked = {"name": "Studio", "email": "a@example.com", "password": PASSWORD}
        answer = await gateway.client.post("/api/v1/studios", asked)
        assert (answer.status, _code(answer)) == (403, "signup-closed")
        assert await gateway.db.pool.fetchval("SELECT count(*) FROM studio") == 0


async def test_the_sixth_wrong_log_in_has_to_wait_and_so_has_the_right_one(strict_gateway: RunningGateway) -> None:
    account = await _at_peace(strict_gateway)
    assert [(await account.log_in("wrong password")).status for _ in range(5)] == [401] * 5
    await _let_pass(strict_gateway, seconds=-60)
    for password in ("wrong password", PASSWORD):
        answer = await account.log_in(password)
        assert answer.expect(429)["detail"].startswith("Too many wrong tries; try again in ")
        assert 50 < int(answer.headers["Retry-After"]) <= 61

    await _let_pass(strict_gateway, seconds=61)
    (await account.log_in()).expect(201)
    (await account.log_in()).expect(201)


@pytest.mark.parametrize(("tries", "wait"), [(5, 1), (6, 2), (10, 32), (40, 900)])
async def test_every_wrong_log_in_doubles_the_wait_up_to_a_quarter_of_an_hour(
    strict_gateway: RunningGateway, tries: int, wait: int
) -> None:
    account = await _at_peace(strict_gateway)
    (await account.log_in("wrong password")).expect(401)
    await strict_gateway.db.pool.execute("UPDATE wrong_try SET count = $1", tries)
    await _let_pass(strict_gateway, seconds=-60)
    told = int((await account.log_in("wrong password")).headers["Retry-After"])
    assert 45 < told - wait <= 60


async def test_a_right_log_in_does_not_make_good_for_an_address_that_guesses_at_others(
    strict_gateway: RunningGateway,
) -> None:
    mine, other = await _at_peace(strict_gateway), await sign_up(strict_gateway)
    for _ in range(4):
        (await other.log_in("wrong password")).expect(401)
        (await mine.log_in()).expect(201)
    (await other.log_in("wrong password")).expect(401)
    await _let_pass(strict_gateway, seconds=-60)
    (await mine.log_in()).expect(429)


async def test_many_wrong_log_ins_at_once_are_slowed_down_like_one_after_the_other(
    strict_gateway: RunningGateway,
) -> None:
    account = await _at_peace(strict_gateway)
    answers = await asyncio.gather(*(account.log_in("wrong password") for _ in range(60)))
    statuses = Counter(answer.status for answer in answers)
    assert statuses.keys() == {401, 429}
    assert 5 <= statuses[401] <= 10


async def test_wrong_access_codes_are_slowed_down_even_at_once(strict_gateway: RunningGateway) -> None:
    await _at_peace(strict_gateway)
    public = _public(await (await strict_gateway.studio()).open_gallery(access_code=CODE))
    tries = (strict_gateway.client.post(f"{public}/access", {"code": f"sowa {number}"}) for number in range(60, 120))
    statuses = Counter(answer.status for answer in await asyncio.gather(*tries))
    assert statuses.keys() == {403, 429}
    assert 5 <= statuses[403] <= 8

    await _let_pass(strict_gateway, seconds=-60)
    right = await strict_gateway.client.post(f"{public}/access", {"code": CODE})
    assert right.expect(429)
    await _let_pass(strict_gateway, seconds=int(right.headers["Retry-After"]))
    (await strict_gateway.client.post(f"{public}/access", {"code": CODE})).expect(200)
    (await strict_gateway.client.post(f"{public}/access", {"code": "wrong"})).expect(403)


async def _at_peace(gateway: RunningGateway) -> Account:
    """A new studio; all tests come from one address, whose wrong tries are forgotten."""
    await gateway.db.pool.execute("DELETE FROM wrong_try")
    return await sign_up(gateway)


async def _let_pass(gateway: RunningGateway, seconds: int) -> None:
    """Less than none: the waits get longer, so that a slow machine does not see their end."""
    await gateway.db.pool.execute("UPDATE wrong_try SET last_at = last_at - make_interval(secs => $1)", seconds)


async def test_a_gallery_with_an_access_code_shows_nothing_without_it(
    gateway: RunningGateway, studio: StudioClient
) -> None:
    public = _public(await studio.open_gallery(access_code=CODE))
    for path in ("", "/photos"):
        assert _code(await gateway.client.get(public + path)) == "access-code-required"
    wrong = await gateway.client.post(f"{public}/access", {"code": "sowa 13"})
    assert wrong.expect(403)["errors"][0]["field"] == "code"


async def test_a_pass_works_as_header_and_as_cookie_until_the_code_changes(
    gateway: RunningGateway, studio: StudioClient
) -> None:
    gallery = await studio.open_gallery(access_code=CODE)
    public = _public(gallery)
    given = await gateway.client.post(f"{public}/access", {"code": f" {CODE} "})
    passes = [{"Photoferry-Access": given.expect(200)["access"]}, {"Cookie": _cookie(given)}]
    for shown in passes:
        (await gateway.client.get(public, headers=shown)).expect(200)
        (await gateway.client.get(f"{public}/photos", headers=shown)).expect(200)

    (await studio.patch(f"/api/v1/galleries/{gallery['id']}", {"access_code": "puchacz"})).expect(200)
    for shown in passes:
        (await gateway.client.get(public, headers=shown)).expect(401)
        (await gateway.client.get(f"{public}/photos", headers=shown)).expect(401)


async def test_a_pass_in_the_cookie_orders_nothing_from_other_sites(
    gateway: RunningGateway, studio: StudioClient
) -> None:
    gallery = await studio.open_gallery(access_code=CODE)
    photo = photo_uploaded(gallery["id"], "1.jpg")
    await gateway.tell(photo)
    given = await gateway.client.post(f"{_public(gallery)}/access", {"code": CODE})
    asked = {"client": {"name": "Ala", "email": "ala@example.com"}, "photo_ids": [str(photo.photo.id)]}

    async def order(**headers: str) -> Answer:
        return await gateway.client.post(f"{_public(gallery)}/orders", asked, headers=headers)

    for origin in ({}, {"Origin": "https://evil.example"}):
        assert _code(await order(Cookie=_cookie(given), **origin)) == "wrong-origin"
    (await order(Cookie=_cookie(given), Origin=gateway.url)).expect(201)
    (await order(**{"Photoferry-Access": given.json["access"]})).expect(201)


def _public(gallery: dict[str, Any]) -> str:
    return f"/api/v1/g/{gallery['public_url'].rpartition('/')[2]}"


async def test_the_page_that_asks_for_the_code_says_kindly_that_one_has_to_wait(strict_gateway: RunningGateway) -> None:
    await _at_peace(strict_gateway)
    gallery = await (await strict_gateway.studio()).open_gallery(access_code=CODE)
    page = f"/g/{gallery['public_url'].rpartition('/')[2]}/access"
    for number, said in enumerate(
        ["This is not the code"] * 5 + ["Too many wrong tries. Wait a moment, then try again."]
    ):
        headers = {"Origin": strict_gateway.url}
        answer = await strict_gateway.client.call("POST", page, headers, data={"code": f"sowa {number}"})
        assert answer.status == 422
        assert said in answer.body.decode()
        assert "Set-Cookie" not in answer.headers
