"""A photographer who has forgotten the password sets a new one by a link that is mailed."""

import asyncio
import json
from datetime import timedelta
from time import perf_counter
from urllib.parse import quote

import pytest

from chassis.links import reset_token
from contracts.notifier import SendPasswordReset
from services.gateway.view import outdated
from tests.gateway.client import Answer, Caller
from tests.gateway.running import RunningGateway
from tests.gateway.test_accounts import (
    PASSWORD,
    Account,
    _at_peace,
    _cookie,
    _let_pass,
    account,
    strict_gateway,
)
from tests.outbox import emitted

__all__ = ["account", "strict_gateway"]

NEW = "a new long password"
SAID = "If there is an account for {}, a mail with a link is on its way. It works once, for an hour."
GONE = "This link no longer works."


async def ask(gateway: RunningGateway, email: str, **headers: str) -> Answer:
    """Somebody says on the page that this account's password is forgotten."""
    sent = {"Origin": gateway.url, "Accept": "text/html", **headers}
    return await gateway.client.call("POST", "/login/forgotten", sent, data={"email": email})


async def resets(gateway: RunningGateway, email: str) -> list[SendPasswordReset]:
    """What the notifier was told to mail to this address, the oldest first."""
    sent = [each for each in await emitted(gateway.db) if isinstance(each, SendPasswordReset)]
    return [each for each in sent if each.email == email]


def token_of(gateway: RunningGateway, reset: SendPasswordReset) -> str:
    """As the notifier derives it."""
    return reset_token(gateway.secret, reset.reset_id)


async def forget(account: Account) -> str:
    """The token of the link that is mailed."""
    (await ask(account.gateway, account.email)).expect(200)
    return token_of(account.gateway, (await resets(account.gateway, account.email))[-1])


async def open_link(gateway: RunningGateway, token: str) -> Answer:
    """A browser opens the link in the mail."""
    return await gateway.client.get(f"/reset/{token}", headers={"Accept": "text/html"})


async def browser(account: Account, token: str) -> Caller:
    """A browser that has opened the link."""
    opened = await open_link(account.gateway, token)
    headers = {"Cookie": _cookie(opened), "Origin": account.gateway.url, "Accept": "text/html"}
    return Caller(account.gateway.client.http, account.gateway.url, headers)


async def set_new(caller: Caller, password: str = NEW) -> Answer:
    """Fill in the form."""
    return await caller.call("POST", "/new-password", data={"new_password": password})


async def test_the_link_sets_a_new_password_ends_every_log_in_and_logs_in_here(account: Account) -> None:
    other = await account.browser()
    made = (await other.post("/api/v1/tokens", {"name": "backup"})).expect(201)
    here = await browser(account, await forget(account))
    page = await here.get("/new-password")
    assert account.email in page.body.decode()

    done = await set_new(here)

    assert (done.status, done.headers["Location"]) == (303, "/galleries")
    inside = Caller(here.http, here.url, {"Cookie": _cookie(done)})
    assert (await inside.get("/api/v1/studio")).expect(200)["email"] == account.email
    (await other.get("/api/v1/studio")).expect(401)
    (await account.log_in()).expect(401)
    (await account.log_in(NEW)).expect(201)
    program = Caller(here.http, here.url, {"Authorization": f"Bearer {made['token']}"})
    (await program.get("/api/v1/studio")).expect(200)


async def test_the_mail_goes_to_the_address_of_the_account_in_its_language(gateway: RunningGateway) -> None:
    studio = (await (await gateway.studio(locale="pl")).get("/api/v1/studio")).expect(200)
    (await ask(gateway, studio["email"].upper())).expect(200)

    (reset,) = await resets(gateway, studio["email"])
    assert reset.locale == "pl"
    assert timedelta(minutes=59) < reset.expires_at - reset.occurred_at <= timedelta(hours=1)


async def test_the_answer_does_not_tell_whether_there_is_such_an_account(account: Account) -> None:
    gateway, nobody = account.gateway, "nobody.at.all@example.com"
    began = perf_counter()
    unknown = await ask(gateway, nobody)
    took = perf_counter() - began
    known = await ask(gateway, account.email)

    pages = [(answer.status, answer.body.decode()) for answer in (unknown, known)]
    assert [status for status, _ in pages] == [200, 200]
    assert SAID.format(nobody) in pages[0][1]
    assert pages[0][1].replace(nobody, "") == pages[1][1].replace(account.email, "")
    assert took >= 0.1
    assert await resets(gateway, nobody) == []
    assert len(await resets(gateway, account.email)) == 1


@pytest.mark.parametrize("end", ["used", "expired", "replaced", "password changed", "never was"])
async def test_a_link_that_has_ended_says_so_kindly_and_where_to_ask_for_another(account: Account, end: str) -> None:
    token = await forget(account)
    here = await browser(account, token)
    match end:
        case "used":
            assert (await set_new(here)).status == 303
        case "expired":
            await account.gateway.db.pool.execute("UPDATE password_reset SET expires_at = now()")
        case "replaced":
            await forget(account)
        case "password changed":
            change = {"password": PASSWORD, "new_password": "another long one"}
            (await (await account.browser()).post("/api/v1/studio/login", change)).expect(200)
        case _:
            token = "nonsense"
            here.headers["Cookie"] = "photoferry_reset=nonsense"

    answers = [
        await open_link(account.gateway, token),
        await here.get("/new-password"),
        await set_new(here, "again, again"),
    ]

    assert [answer.status for answer in answers] == [404] * 3
    assert all(GONE in answer.body.decode() for answer in answers)
    assert all('href="/login/forgotten"' in answer.body.decode() for answer in answers)
    assert not any("Set-Cookie" in answer.headers for answer in answers)
    (await account.log_in("again, again")).expect(401)


async def test_of_two_who_use_a_link_at_once_one_wins(account: Account) -> None:
    here, there = [await browser(account, token) for token in [await forget(account)] * 2]
    passwords = (f"{NEW} 1", f"{NEW} 2")

    statuses = [each.status for each in await asyncio.gather(*map(set_new, (here, there), passwords))]

    assert sorted(statuses) == [303, 404]
    right = passwords[statuses.index(303)]
    assert [(await account.log_in(each)).status == 201 for each in passwords] == [each == right for each in passwords]


@pytest.mark.parametrize("way", ["link", "account"])
async def test_no_log_in_that_is_under_way_outlives_the_password_that_it_was_by(account: Account, way: str) -> None:
    here = await browser(account, await forget(account)) if way == "link" else await account.browser()
    change = {"password": PASSWORD, "new_password": NEW}
    set_it = set_new(here) if way == "link" else here.post("/api/v1/studio/login", change)

    log_ins = [account.log_in() for _ in range(20)]
    answers = await asyncio.gather(*log_ins[:10], set_it, *log_ins[10:])

    for answer in answers:
        if answer.status == 201:
            inside = Caller(here.http, here.url, {"Cookie": _cookie(answer)})
            (await inside.get("/api/v1/studio")).expect(401)
    (await account.log_in(NEW)).expect(201)


async def test_of_many_who_ask_at_once_the_last_that_is_mailed_works(account: Account) -> None:
    await asyncio.gather(*(ask(account.gateway, account.email) for _ in range(10)))

    mailed = await resets(account.gateway, account.email)
    latest = max(mailed, key=lambda each: each.expires_at)
    works = [(await open_link(account.gateway, token_of(account.gateway, each))).status == 303 for each in mailed]
    assert works == [each == latest for each in mailed]


async def test_a_password_that_is_too_short_is_refused_and_the_link_still_works(account: Account) -> None:
    here = await browser(account, await forget(account))
    refused = await set_new(here, "short")
    assert refused.status == 422
    assert "Take at least 10 characters." in refused.body.decode()
    assert (await set_new(here)).status == 303


async def test_opening_the_link_changes_nothing_and_hides_it(account: Account) -> None:
    token = await forget(account)
    for _ in range(2):
        opened = await open_link(account.gateway, token)
        assert (opened.status, opened.headers["Location"]) == (303, "/new-password")
        assert (opened.headers["Referrer-Policy"], opened.headers["Cache-Control"]) == ("no-referrer", "no-store")
        assert {"HttpOnly", "SameSite=lax", "Path=/new-password", "Max-Age=3600"} <= set(
            opened.headers["Set-Cookie"].split("; ")
        )
    (await account.log_in()).expect(201)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
async def test_other_sites_neither_ask_nor_set(account: Account, origin: str) -> None:
    assert (await ask(account.gateway, account.email, Origin=origin)).status == 403
    assert await resets(account.gateway, account.email) == []
    here = await browser(account, await forget(account))
    here.headers["Origin"] = origin
    assert (await set_new(here)).status == 403
    (await account.log_in()).expect(201)


async def test_what_is_no_address_is_said_beside_the_field_and_what_was_typed_at_the_log_in_is_there(
    account: Account,
) -> None:
    refused = await ask(account.gateway, "anna@")
    assert refused.status == 422
    assert "Enter an e-mail like name@example.com" in refused.body.decode()
    wrong = {"email": account.email, "password": "wrong password"}
    sent = {"Origin": account.gateway.url}
    page = (await account.gateway.client.call("POST", "/login", sent, data=wrong)).body.decode()
    link = f"/login/forgotten?email={quote(account.email)}"
    assert f'href="{link}"' in page
    assert f'value="{account.email}"' in (await account.gateway.client.get(link)).body.decode()


async def test_who_asks_too_often_has_to_wait_by_account_whether_there_is_one_or_not(
    strict_gateway: RunningGateway,
) -> None:
    account = await _at_peace(strict_gateway)
    for email in (account.email, "nobody@example.com"):
        await strict_gateway.db.pool.execute("DELETE FROM wrong_try WHERE subject LIKE 'forgotten-at:%'")
        for _ in range(5):
            (await ask(strict_gateway, email)).expect(200)
        await _let_pass(strict_gateway, seconds=-60)
        await strict_gateway.db.pool.execute("DELETE FROM wrong_try WHERE subject LIKE 'forgotten-at:%'")
        refused = await ask(strict_gateway, email.upper())
        assert refused.status == 422
        assert "Wait a moment, then try again." in refused.body.decode()
    assert len(await resets(strict_gateway, account.email)) == 5


async def test_who_asks_for_many_accounts_has_to_wait_but_may_log_in(strict_gateway: RunningGateway) -> None:
    account = await _at_peace(strict_gateway)
    for number in range(5):
        (await ask(strict_gateway, f"somebody{number}@example.com")).expect(200)
    await _let_pass(strict_gateway, seconds=-60)
    assert (await ask(strict_gateway, account.email)).status == 422
    assert await resets(strict_gateway, account.email) == []
    (await account.log_in()).expect(201)


async def test_a_new_password_makes_good_for_wrong_ones(strict_gateway: RunningGateway) -> None:
    account = await _at_peace(strict_gateway)
    here = await browser(account, await forget(account))
    for _ in range(5):
        (await account.log_in("wrong password")).expect(401)
    await strict_gateway.db.pool.execute("DELETE FROM wrong_try WHERE subject LIKE 'address:%'")
    await _let_pass(strict_gateway, seconds=-60)
    (await account.log_in()).expect(429)
    assert (await set_new(here)).status == 303
    (await account.log_in(NEW)).expect(201)


async def test_it_is_logged_with_studio_and_address_and_no_table_or_log_has_what_opens_the_door(
    account: Account,
) -> None:
    gateway = account.gateway
    token = await forget(account)
    await ask(gateway, f"nobody.{account.email}")
    kept = await gateway.db.pool.fetchval("SELECT string_agg(r::text, '') FROM password_reset r")
    kept += await gateway.db.pool.fetchval("SELECT string_agg(o::text, '') FROM outbox o")
    done = await set_new(await browser(account, token))
    assert done.status == 303

    log = gateway.service.log.read_text()
    assert token not in kept + log
    assert not any(typed in log for typed in (account.email, NEW, _cookie(done).partition("=")[2]))
    events = [line for line in map(json.loads, log.splitlines()) if "address" in line][-4:]
    studio_id = (await account.log_in(NEW)).expect(201)["id"]
    assert [(line["event"], line["studio_id"]) for line in events] == [
        ("password forgotten", studio_id),
        ("password forgotten", None),
        ("password reset", studio_id),
        ("logged in", studio_id),
    ]


async def test_what_has_expired_is_forgotten(account: Account) -> None:
    await forget(account)
    await account.gateway.db.pool.execute("UPDATE password_reset SET expires_at = now()")
    await outdated.forget(account.gateway.db)
    assert await account.gateway.db.pool.fetchval("SELECT count(*) FROM password_reset") == 0
