"""What a service says of itself."""

import asyncio
import json

import pytest
from prometheus_client import REGISTRY
from starlette.requests import Request

from chassis import health
from chassis.health import Health


async def readiness(of: Health) -> tuple[int, dict[str, str]]:
    answer = await of._readyz(Request({"type": "http"}))
    return answer.status_code, json.loads(bytes(answer.body))


async def fine() -> None:
    """A server that answers."""


async def frozen() -> None:
    """A server that does not."""
    await asyncio.Event().wait()


async def test_a_service_that_is_starting_says_what_it_waits_for() -> None:
    ours = Health()
    ours.waiting_for = "RabbitMQ"

    assert await readiness(ours) == (503, {"status": "starting", "waiting_for": "RabbitMQ"})


async def test_a_service_is_ready_without_what_it_can_do_without_and_says_so() -> None:
    async def broken() -> None:
        raise OSError("down")

    ours = Health()
    ours.waiting_for = None
    ours.checks, ours.spared = {"PostgreSQL": fine, "RabbitMQ": broken}, {"RabbitMQ"}
    assert await readiness(ours) == (200, {"status": "ready", "RabbitMQ": "OSError: down"})
    ours.checks["PostgreSQL"] = broken
    assert (await readiness(ours))[0] == 503


async def test_servers_that_are_frozen_make_the_service_unready_and_not_silent() -> None:
    ours = Health()
    ours.waiting_for = None
    ours.checks = {"PostgreSQL": fine, "RabbitMQ": frozen, "the object store": frozen}
    async with asyncio.timeout(health.CHECK_WITHIN + 2):
        status, problems = await readiness(ours)

    assert status == 503
    assert set(problems) == {"status", "RabbitMQ", "the object store"}


async def test_a_service_that_is_starting_is_not_ready_to_prometheus() -> None:
    ours = Health()
    await ours._metrics(Request({"type": "http"}))
    assert REGISTRY.get_sample_value("photoferry_ready") == 0
    ours.waiting_for = None
    await ours._metrics(Request({"type": "http"}))
    assert REGISTRY.get_sample_value("photoferry_ready") == 1


@pytest.mark.parametrize("passed_on", [b"x-forwarded-for", b"forwarded"])
async def test_the_public_sees_no_more_than_that_the_service_is_alive(passed_on: bytes) -> None:
    ours = Health()
    ours.waiting_for, ours.asyncapi = None, lambda: "{}"
    public = Request({"type": "http", "headers": [(passed_on, b"203.0.113.7")]})
    for route in ours.routes():
        assert (await route.endpoint(Request({"type": "http", "headers": []}))).status_code == 200
        assert (await route.endpoint(public)).status_code == (200 if route.path == "/livez" else 404)
