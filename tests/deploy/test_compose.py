"""What compose starts, read as it stands: no engine runs here."""

from importlib.util import find_spec
from typing import Any

import pytest
import yaml

from chassis.health import Health
from contracts.topology import SERVICES
from tests.deploy.chart import ROOT
from tests.docs.settings import settings_of

COMPOSED: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "deploy" / "compose" / "compose.yaml").read_text())
CONTAINERS = COMPOSED["services"]
OF_OTHERS = {"gateway": {"PHOTOFERRY_SMTP_URL", "PHOTOFERRY_MAIL_FROM"}}
"""Settings of other services that a container has for `photoferry doctor`."""


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_may_do_no_more_than_it_must(name: str) -> None:
    container = CONTAINERS[name]

    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "front" else [])
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert not container.get("privileged")


@pytest.mark.parametrize("name", CONTAINERS)
def test_nothing_but_the_front_is_open_to_other_machines(name: str) -> None:
    opened = [
        port
        for port in CONTAINERS[name].get("ports", [])
        if not port.startswith(("127.0.0.1:", "${PHOTOFERRY_BIND:-127.0.0.1}:"))
    ]

    assert opened == (["80:80", "443:443"] if name == "front" else [])


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_started_with_settings_that_it_has(service: str) -> None:
    container = CONTAINERS[service]
    known = {f"PHOTOFERRY_{name.upper()}" for name in settings_of(service).model_fields}

    assert container["command"] == ["python", "-m", f"services.{service}"]
    assert find_spec(f"services.{service}.__main__")
    assert container["environment"].keys() <= known | {"PHOTOFERRY_SECRETS_DIR"} | OF_OTHERS.get(service, set())


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_its_own_secrets_and_the_time_to_end(service: str) -> None:
    container = CONTAINERS[service]
    stop_within = settings_of(service).model_fields["stop_within"].default

    assert [each for each in container["volumes"] if "secrets" in each] == [f"{service}-secrets:/run/photoferry:ro"]
    assert f"{service}-secrets:/secrets/{service}" in CONTAINERS["secrets"]["volumes"]
    assert float(container["stop_grace_period"].removesuffix("s")) >= 2 * stop_within + 15
    assert container["healthcheck"]["test"][-1] in {route.path for route in Health().routes()}


def test_every_volume_that_is_named_is_there() -> None:
    named = {each.partition(":")[0] for container in CONTAINERS.values() for each in container.get("volumes", [])}

    assert {name for name in named if not name.startswith(".")} == COMPOSED["volumes"].keys()
