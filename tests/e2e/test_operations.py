"""What operators rely on: health, metrics, logs without secrets, graceful stop, a start that waits."""

import asyncio
import json
from importlib.metadata import version
from pathlib import Path

import asyncpg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from contracts.topology import SERVICES
from deploy.local.supervisor import Supervisor
from tests.e2e.people import Photographer, World, final
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


Metrics = dict[tuple[str, ...], float]


async def metrics_of(stack: Supervisor, world: World, name: str) -> Metrics:
    """A service's samples, by their names and the values of their labels in order."""
    text = (await world.call("GET", f"{stack.services[name].url}/metrics")).body.decode()
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return {(each.name.removeprefix("photoferry_"), *each.labels.values()): each.value for each in samples}


async def test_metrics_tell_of_uploads_the_view_mails_and_what_was_given_out(
    stack: Supervisor, photographer: Photographer
) -> None:
    async def read(*names: str) -> list[Metrics]:
        return [await metrics_of(stack, photographer.world, name) for name in names]

    def more(name: str, *labels: str, of: int) -> float:
        return after[of].get((name, *labels), 0) - before[of].get((name, *labels), 0)

    before = await read("gateway", "transfers", "notifier")
    desk, photos = await ready_gallery(photographer)
    await desk.upload("transfers", {"a.jpg": final("a.jpg", retouch=2), "text.jpg": b"Just some text"})
    order = await paid_order(desk, photos["a.jpg"])
    await desk.notify()
    await desk.no_mail_on_its_way()
    archive = await photographer.world.call("GET", (await order.downloads())["zip_url"])
    after = await read("gateway", "transfers", "notifier")

    assert more("served_bytes_total", "zip", of=0) == len(archive.body)
    assert more("view_lag_seconds_count", of=0) >= 10
    assert 0 < more("view_lag_seconds_sum", of=0) < 60
    assert more("uploads_total", "stored", "photos", of=1) == len(photos)
    assert more("uploads_total", "stored", "transfers", of=1) == 2
    assert more("uploads_total", "not_an_image", "transfers", of=1) == 1
    assert more("mails_total", "sent", of=2) == 1
    assert after[2]["mails_unsent", "queued"] == 0
    for each in after:
        assert each["outbox_waiting",] < 100
        assert each["outbox_oldest_seconds",] < 60
        assert each["pool_wait_seconds_count",] > 0


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
