"""The page on operating names every metric and every alert."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from contracts.topology import SERVICES
from tests.deploy.monitoring import alerts

PAGE = (Path(__file__).parents[2] / "docs" / "operating.md").read_text()
ALERT = re.compile(r"^\| `(Photoferry\w+)` \| (\w+) \| (.+) \|$", re.MULTILINE)


@pytest.mark.parametrize("service", SERVICES)
def test_every_metric_is_on_the_page(service: str) -> None:
    import_module(f"services.{service}.app")
    families = {family.name: family.type for family in REGISTRY.collect() if family.name.startswith("photoferry_")}
    told = {name + "_total" * (kind == "counter") for name, kind in families.items()}

    assert told <= set(re.findall(r"`(photoferry_\w+)", PAGE))


def test_the_page_says_of_each_alert_what_prometheus_says() -> None:
    told = [(each["alert"], each["labels"]["severity"], each["annotations"]["action"]) for each in alerts()]

    assert ALERT.findall(PAGE) == told
