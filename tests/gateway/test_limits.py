"""Who asks too much has to wait, and nobody else has."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cli.api import Api
from services.gateway.app import make_app
from services.gateway.limits import ENTRANCE, REMEMBERED, Buckets, network
from tests.e2e.test_ownership import OPEN, routes
from tests.gateway.client import Answer, Caller
from tests.gateway.running import RunningGateway, running_gateway
from tests.infra import Servers

BURST = 20
ENTRANCES = 3
SLOW = "0.001"
"""Requests a second that come back: none while a test runs."""
STUDIO = "/api/v1/galleries"
NOBODYS = "/api/v1/g/nobody/photos"


@pytest.fixture(scope="module")
async def limited(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    """A gateway whose buckets stay empty; we are a proxy in front of it, so a test has the addresses that it says."""
    async with running_gateway(
        servers,
        tmp_path_factory.mktemp("limited"),
        beside=(),
        rate_limits="on",
        trusted_proxies="127.0.0.1",
        address_rate=SLOW,
        address_burst=str(BURST),
        token_rate=SLOW,
        token_burst=str(2 * BURST),
        entrance_rate=SLOW,
        entrance_burst=str(ENTRANCES),
    ) as running:
        yield running


def _at(gateway: RunningGateway, address: str, **headers: str) -> Caller:
    return Caller(gateway.client.http, gateway.url, {"X-Forwarded-For": address, **headers})


async def _statuses(caller: Caller, path: str, times: int, **given: Any) -> Counter[int]:
    return Counter([(await caller.call(given.get("method", "GET"), path)).status for _ in range(times)])


def _code(answer: Answer) -> str:
    return str(answer.json["type"].rpartition("/")[2])


async def test_an_address_that_asks_too_much_has_to_wait_and_another_has_not(limited: RunningGateway) -> None:
    caller = _at(limited, "192.0.2.1")
    assert await _statuses(caller, NOBODYS, BURST + 5) == {404: BURST, 429: 5}

    refused = await caller.get("/api/v1/openapi.json")
    assert (refused.status, _code(refused)) == (429, "too-many-requests")
    assert refused.headers["Content-Type"] == "application/problem+json"
    seconds = int(refused.headers["Retry-After"])
    assert 900 < seconds <= 1_000
    assert refused.json["detail"] == f"Too many requests at once; try again in {seconds} s."
    (await _at(limited, "192.0.2.2").get(NOBODYS)).expect(404)
    metrics = (await limited.client.get("/metrics")).body.decode()
    assert 'photoferry_gateway_limited_total{by="address"} ' in metrics


async def test_a_network_of_ipv6_is_one_address(limited: RunningGateway) -> None:
    for last in range(BURST):
        (await _at(limited, f"2001:db8:0:1::{last}").get(NOBODYS)).expect(404)
    (await _at(limited, "2001:db8:0:1:ffff::1").get(NOBODYS)).expect(429)
    (await _at(limited, "2001:db8:0:2::1").get(NOBODYS)).expect(404)


def test_an_ipv4_address_is_itself_also_where_it_is_written_as_ipv6() -> None:
    assert network("::ffff:192.0.2.1") == network("192.0.2.1") == "192.0.2.1"
    assert network("no:address") == "no:address"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Too much was asked for from here at once"),
        ("pl", "Stąd przyszło zbyt wiele zapytań naraz."),
    ],
)
async def test_people_read_it_on_a_page_in_their_language(limited: RunningGateway, language: str, said: str) -> None:
    caller = _at(limited, f"192.0.2.3{language}", **{"Accept": "text/html", "Accept-Language": language})
    await _statuses(caller, "/login", BURST)
    page = await caller.get("/login")
    assert (page.status, page.headers["Content-Type"]) == (429, "text/html; charset=utf-8")
    assert int(page.headers["Retry-After"]) > 0
    assert said in page.body.decode()


async def test_a_token_has_a_limit_of_its_own_wherever_it_comes_from(limited: RunningGateway) -> None:
    token = (await limited.studio()).headers["Authorization"]
    at_home = _at(limited, "192.0.2.4", Authorization=token)
    (await at_home.get(STUDIO)).expect(200)
    await _statuses(_at(limited, "192.0.2.4"), NOBODYS, BURST)
    assert await _statuses(at_home, STUDIO, BURST) == {200: BURST}

    on_the_way = _at(limited, "192.0.2.5", Authorization=token)
    assert await _statuses(on_the_way, STUDIO, BURST) == {200: BURST - 1, 429: 1}
    (await _at(limited, "192.0.2.5").get(NOBODYS)).expect(404)


async def test_tokens_that_are_made_up_count_for_who_makes_them_up(limited: RunningGateway) -> None:
    tokens = [_at(limited, "192.0.2.6", Authorization=f"Bearer {number}") for number in range(BURST // 4 + 1)]
    for token in tokens[:-1]:
        assert await _statuses(token, STUDIO, 2) == {401: 2}
        assert await _statuses(token, NOBODYS, 2) == {404: 2}
    assert await _statuses(tokens[0], NOBODYS, 1) == await _statuses(tokens[-1], STUDIO, 1) == {429: 1}


async def test_what_asks_for_no_proof_has_a_tighter_limit(limited: RunningGateway) -> None:
    caller = _at(limited, "192.0.2.7")
    paths = ("/login", "/api/v1/sessions", "/g/nobody/access", "/api/v1/g/nobody/resend-link")
    statuses = [(await caller.post(path)).status for path in paths]
    assert 429 not in statuses[:ENTRANCES]
    assert statuses[ENTRANCES:] == [429]
    (await caller.get("/login")).expect(200)


def test_every_route_for_anybody_that_takes_something_is_such_an_entrance() -> None:
    known = set(routes(make_app()))
    posts = {path for method, path in OPEN if method == "post"}
    behind_galleries = {f"{api}/g/{{public_token}}/access" for api in ("", "/api/v1")} | {"/g/{public_token}/my-link"}
    assert {("post", path) for path in posts | behind_galleries} <= known
    assert all(ENTRANCE.fullmatch(path) for path in posts | behind_galleries)
    assert len([path for _, path in known if ENTRANCE.fullmatch(path)]) == 2 + 2 + 2 + 2 + 2 + 2 + 3


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/webhooks/standard/nobody", 404),
        ("GET", "/livez", 200),
        ("GET", "/readyz", 404),
        ("GET", "/metrics", 404),
        ("GET", "/static/nothing.js", 404),
        ("GET", "/store/nothing", 404),
    ],
)
async def test_providers_machines_and_parts_of_pages_are_not_counted(
    limited: RunningGateway, method: str, path: str, status: int
) -> None:
    caller = _at(limited, "192.0.2.8")
    assert await _statuses(caller, path, 2 * BURST, method=method) == {status: 2 * BURST}


async def test_the_command_line_waits_and_asks_again(servers: Servers, tmp_path: Path) -> None:
    async with running_gateway(
        servers, tmp_path, beside=(), rate_limits="on", token_rate="20", token_burst="2", address_burst="10"
    ) as gateway:
        token = (await gateway.studio()).headers["Authorization"].removeprefix("Bearer ")
        async with Api(gateway.url, token) as api:
            answers = await asyncio.gather(*(api.call("GET", "/galleries") for _ in range(14)))
        assert [answer["items"] for answer in answers] == [[]] * 14
        assert 'photoferry_gateway_limited_total{by="' in (await gateway.client.get("/metrics")).body.decode()


def test_a_bucket_fills_again_as_fast_as_it_says() -> None:
    buckets = Buckets(per_second=2, burst=3)
    assert [buckets.wait("a", 100.0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.wait("b", 100.0) == 0
    assert buckets.wait("a", 100.25) == 0.25
    assert [buckets.wait("a", 100.5) for _ in range(2)] == [0, 0.5]
    assert [buckets.wait("a", 200.0) for _ in range(4)] == [0, 0, 0, 0.5]


def test_of_many_callers_those_who_asked_last_are_remembered() -> None:
    buckets = Buckets(per_second=1, burst=2)
    for key in (*range(REMEMBERED), 0, REMEMBERED):
        buckets.wait(key, 0.0)
    assert [key in buckets for key in (0, 1, 2, REMEMBERED)] == [True, False, True, True]
    assert len(buckets.full_at) == REMEMBERED
