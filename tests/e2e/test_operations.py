"""What operators rely on: health, metrics, logs without secrets, graceful stop, a start that waits."""

import asyncio
import json
from importlib.metadata import version
from pathlib import Path

import asyncpg
import pytest

from contracts.topology import SERVICES
from deploy.local.supervisor import Supervisor
from tests.e2e.people import Photographer, World
from tests.e2e.test_rules import paid_order, ready_gallery
from tests.waiting import eventually


@pytest.mark.parametrize("name", SERVICES)
async def test_every_service_tells_of_itself(
    stack: Supervisor, world: World, database: asyncpg.Connection, name: str
) -> None:
    url = stack.services[name].url
    assert (await world.call("GET", f"{url}/livez")).status == 200
    assert (await world.call("GET", f"{url}/readyz")).json == {"status": "ready"}
    metrics = (await world.call("GET", f"{url}/metrics")).body.decode()
    assert "photoferry_published_total" in metrics
    document = (await world.call("GET", f"{url}/asyncapi")).json
    await database.execute("SELECT set_config('search_path', $1, false)", name)
    sent = {row["topic"] for row in await database.fetch("SELECT DISTINCT topic FROM outbox")}
    assert document["info"]["title"] == f"Photoferry: {name}"
    assert sent <= set(document["channels"])


async def test_logs_are_json_and_hold_no_token_address_or_secret(stack: Supervisor, photographer: Photographer) -> None:
    desk, photos = await ready_gallery(photographer)
    order = await paid_order(desk, photos["a.jpg"])
    await desk.notify()
    link = await order.link()
    await order.fetch((await order.downloads())["downloads"][0]["url"])
    await photographer.world.call("GET", f"{link}/files/nonsense")

    secrets = [
        photographer.token,
        desk.public_token,
        link.rsplit("/", 1)[1],
        order.email,
        "correct horse battery",
        (Path(stack.config.data) / "secret").read_text().strip(),
    ]
    for name in SERVICES:
        text = stack.log(name).read_text()
        assert text
        assert not [secret for secret in secrets if secret in text], name
        assert all(json.loads(line)["service"] == name for line in text.splitlines())


@pytest.mark.parametrize("name", SERVICES)
async def test_a_log_begins_with_the_version(stack: Supervisor, name: str) -> None:
    assert json.loads(stack.log(name).read_text().splitlines()[0])["version"] == version("photoferry")


WAITING = {"postgres": "PostgreSQL", "rabbitmq": "RabbitMQ", "store": "the object store"}
"""What is said while a server is missing."""


@pytest.mark.parametrize("missing", WAITING)
async def test_a_start_without_a_server_waits_and_says_for_what(stack: Supervisor, world: World, missing: str) -> None:
    names = ("gateway", "transfers")
    urls = [stack.services[name].url for name in names]

    async def they_say_so() -> bool:
        try:
            answers = [await world.call("GET", f"{url}/readyz") for url in urls]
        except OSError:
            return False
        return all(each.status == 503 and each.json.get("waiting_for") == WAITING[missing] for each in answers)

    await asyncio.gather(*map(stack.stop, (*names, missing)))
    await asyncio.gather(*map(stack.start, names))
    pids = list(map(stack.pid, names))
    try:
        await eventually(they_say_so, within=60)
        assert [(await world.call("GET", f"{url}/livez")).status for url in urls] == [200, 200]
    finally:
        await stack.start(missing)
        await stack.ready()
    assert list(map(stack.pid, names)) == pids
