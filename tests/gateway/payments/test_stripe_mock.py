"""What we ask Stripe for is checked against Stripe's own description of its API, by Stripe's own stand-in.

It knows nothing of what was created, calls no webhook, and makes up its answers.
"""

import asyncio
import os
import shutil
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession

from deploy.local.ports import HOST, free_port
from services.gateway.payments import stripe
from services.gateway.payments.providers import ProviderRefused, Shop
from tests.gateway.payments.pretend import a_checkout, a_purchase

CACHE = Path.home() / ".cache" / "photoferry" / "bin"
VERSION = "v0.203.0"


@pytest.fixture(scope="module")
async def mock() -> AsyncIterator[str]:
    """The address of a running stripe-mock."""
    program = await installed()
    at, other = free_port(), free_port()
    listening = ("-http-addr", f"{HOST}:{at}", "-https-addr", f"{HOST}:{other}")  # otherwise it listens everywhere
    process = await asyncio.create_subprocess_exec(program, *listening, stdout=DEVNULL, stderr=DEVNULL)
    try:
        await until_listening(f"http://{HOST}:{at}")
        yield f"http://{HOST}:{at}"
    finally:
        process.terminate()
        await process.wait()


async def installed() -> Path:
    program = CACHE / f"stripe-mock-{VERSION}" / "stripe-mock"
    if not program.exists():
        if shutil.which("go") is None:
            pytest.skip("Go is not installed: stripe-mock cannot be built")
        env = {**os.environ, "GOBIN": str(program.parent)}
        module = f"github.com/stripe/stripe-mock@{VERSION}"
        go = await asyncio.create_subprocess_exec("go", "install", module, env=env, stdout=DEVNULL, stderr=DEVNULL)
        if await go.wait():
            pytest.skip("stripe-mock cannot be built: 'go install' failed")
    return program


async def until_listening(url: str) -> None:
    async with ClientSession() as http, asyncio.timeout(30):
        while True:
            try:
                async with http.get(url):
                    return
            except ClientError:
                await asyncio.sleep(0.1)


async def test_stripe_takes_what_a_session_is_asked_for_with(mock: str) -> None:
    async with ClientSession() as http:
        started = await stripe.start(shop_at(mock, http), a_purchase(a_checkout()))
    assert started.external_id.startswith("cs_")
    assert started.url


async def test_a_session_is_looked_up_in_a_way_that_stripe_understands(mock: str) -> None:
    async with ClientSession() as http:
        notice = await stripe.look_up(shop_at(mock, http), a_checkout(external_id="cs_test_1"))
    assert notice is None  # the session that it makes up is open


async def test_a_key_that_is_none_is_refused(mock: str) -> None:
    async with ClientSession() as http:
        with pytest.raises(ProviderRefused, match="401"):
            await stripe.start(Shop({"secret_key": "nonsense"}, "whsec", mock, http), a_purchase(a_checkout()))


async def test_keys_are_tried_out_in_a_way_that_stripe_understands(mock: str) -> None:
    async with ClientSession() as http:
        await stripe.check(shop_at(mock, http))
        with pytest.raises(ProviderRefused, match="401"):
            await stripe.check(Shop({"secret_key": "nonsense"}, "whsec", mock, http))


def shop_at(mock: str, http: ClientSession) -> Shop:
    return Shop({"secret_key": "sk_test_123"}, "whsec", mock, http)
