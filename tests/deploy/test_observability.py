"""The dashboard and the alerts ask for what services and RabbitMQ really tell."""

import re
import subprocess
from collections import defaultdict
from pathlib import Path

import aiohttp
import pytest

from chassis import bus
from contracts import topology
from contracts.topology import SERVICES
from deploy.local.ports import HOST, free_port
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.supervisor import Supervisor
from tests.deploy.monitoring import (
    OBSERVABILITY,
    PROMTOOL,
    TARGET,
    Known,
    alerts,
    asked,
    dashboard,
    expressions,
    grouped_by,
    learn,
)
from tests.e2e.people import Photographer, World
from tests.e2e.test_rules import paid_order, ready_gallery
from tests.waiting import eventually

PROMETHEUS_PLUGIN = """
application:set_env(rabbitmq_prometheus, tcp_config, [{ip, "%s"}, {port, %d}], [{persistent, true}]),
{ok, File} = application:get_env(rabbit, enabled_plugins_file),
ok = file:write_file(File, "[rabbitmq_prometheus]."),
{ok, _, []} = rabbit_plugins:ensure(File).
"""
QUEUES = "/metrics/detailed?family=queue_coarse_metrics&family=queue_consumer_count"


async def queues_told(folder: Path) -> str:
    """What RabbitMQ, asked as prometheus.yml does, says of our queues."""
    async with RabbitMQ(folder) as rabbitmq, aiohttp.ClientSession() as http:
        await bus.declare_topology(rabbitmq.url)
        names = [*topology.QUEUES, *map(bus.retry_exchange, bus.RETRY_DELAYS), *map(bus.dead_queue, SERVICES)]
        port = free_port()
        await rabbitmq.ctl("eval", PROMETHEUS_PLUGIN % (HOST, port))

        async def told() -> str | None:
            async with http.get(f"http://{HOST}:{port}{QUEUES}") as answer:
                text = await answer.text()
            return text if all(f'queue="{name}"' in text for name in names) else None

        return await eventually(told, within=30)


async def test_all_that_is_asked_for_is_told(stack: Supervisor, photographer: Photographer, tmp_path: Path) -> None:
    desk, photos = await ready_gallery(photographer)
    await paid_order(desk, photos["a.jpg"])
    known: Known = defaultdict(lambda: defaultdict(set))
    learn(known, await queues_told(tmp_path / "rabbitmq"))
    for name in SERVICES:
        learn(known, (await photographer.world.call("GET", f"{stack.services[name].url}/metrics")).body.decode())
    known["up"] = defaultdict(set)  # Prometheus' own

    for expression in expressions():
        labels = set(TARGET)
        for metric, conditions in asked(expression):
            assert metric in known, expression
            labels |= known[metric].keys()
            for label, how, value in conditions:
                assert label in TARGET | known[metric].keys(), (metric, label)
                if label not in TARGET and how == "=":
                    assert value in known[metric][label], (metric, label, value)
                if label == "queue":
                    assert any(re.fullmatch(value, queue) for queue in known[metric][label]), (metric, value)
        assert grouped_by(expression) <= labels, expression


async def test_prometheus_is_told_which_copy_can_work_and_what_does_not_answer_it(
    stack: Supervisor, world: World
) -> None:
    async def told(name: str) -> dict[str, float]:
        text = (await world.call("GET", f"{stack.services[name].url}/metrics")).body.decode()
        lines = [line for line in text.splitlines() if re.match("photoferry_(ready|check_ok)[ {]", line)]
        return {key: float(value) for key, _, value in (line.rpartition(" ") for line in lines)}

    async def all_is_well() -> bool:
        return all([set((await told(name)).values()) == {1} for name in SERVICES])

    await eventually(all_is_well, within=60)
    await stack.stop("store")
    try:
        assert (await told("gateway"))["photoferry_ready"] == 1
        assert (await told("transfers"))["photoferry_ready"] == 0
        for name in ("gateway", "transfers"):
            assert (await told(name))['photoferry_check_ok{check="the object store"}'] == 0
            assert (await told(name))['photoferry_check_ok{check="PostgreSQL"}'] == 1
    finally:
        await stack.start("store")
        await stack.ready()


async def test_answers_are_counted_and_timed_by_route_and_no_token_is_told(
    stack: Supervisor, photographer: Photographer
) -> None:
    desk, _ = await ready_gallery(photographer)
    told: Known = defaultdict(lambda: defaultdict(set))
    await photographer.world.call("GET", f"/g/{desk.public_token}")
    await photographer.world.call("GET", "/nowhere/at-all")
    text = (await photographer.world.call("GET", "/metrics")).body.decode()
    learn(told, text)

    assert {"/g/{public_token}", "none"} <= told["photoferry_http_answers_total"]["route"]
    assert {"200", "404"} <= told["photoferry_http_answers_total"]["status"]
    assert "/g/{public_token}" in told["photoferry_http_seconds_bucket"]["route"]
    assert "/readyz" not in told["photoferry_http_answers_total"]["route"]
    assert desk.public_token not in text
    assert "at-all" not in text


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed: run 'make deploy-tools'")
def test_alerts_ring_when_they_should_and_are_silent_when_all_is_well() -> None:
    said = subprocess.run(
        [str(PROMTOOL), "test", "rules", "alerts.test.yml"], cwd=OBSERVABILITY, capture_output=True, text=True
    )

    assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: str(alert["alert"]))
def test_an_alert_has_been_heard_to_ring_and_says_how_urgent_it_is(alert: dict[str, dict[str, str]]) -> None:
    heard = re.findall(r'alertname="(\w+)"', (OBSERVABILITY / "alerts.test.yml").read_text())

    assert alert["alert"] in heard
    assert alert["labels"]["severity"] in {"critical", "warning"}
    assert (
        set(re.findall(r"\$labels\.(\w+)", alert["annotations"]["summary"])) <= grouped_by(str(alert["expr"])) | TARGET
    )


def test_the_dashboard_begins_with_whether_clients_are_served() -> None:
    first, *panels = dashboard()["panels"]
    rows = [panel["gridPos"]["y"] for panel in panels if panel["type"] == "row"]
    shown = [
        target["expr"] for panel in panels for target in panel.get("targets", ()) if panel["gridPos"]["y"] < rows[0]
    ]

    assert first["type"] == "row"
    for metric in ("ready", "http_answers", "view_lag", "outbox_oldest", "mails_unsent", "mail_server_down", "uploads"):
        assert any(f"photoferry_{metric}" in expr for expr in shown), metric
    assert any("[.]dead" in expr for expr in shown)
