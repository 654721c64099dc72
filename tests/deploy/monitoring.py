"""What the dashboard and the alerts ask Prometheus for, and what there is to be asked for."""

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.deploy.chart import tool

PROMTOOL = tool("promtool")
OBSERVABILITY = Path(__file__).parents[2] / "deploy" / "observability"

TARGET = {"job", "service", "instance", "namespace"}
"""Labels that Prometheus gives to all that it reads, as it is told by prometheus.yml or by the chart."""

SELECTOR = re.compile(r"\b((?:photoferry|rabbitmq|process)_\w+|up\b)(?:{([^}]*)})?")
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
GROUPING = re.compile(r"\b(?:by|on) \(([^)]*)\)")

Known = defaultdict[str, defaultdict[str, set[str]]]
"""Of each metric the labels, and of each label the values."""


class Asked(NamedTuple):
    """A metric in an expression, with the conditions on its labels."""

    metric: str
    conditions: tuple[tuple[str, str, str], ...]


def alerts() -> list[dict[str, Any]]:
    """Every alerting rule."""
    groups = yaml.safe_load((OBSERVABILITY / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    """As Grafana loads it."""
    loaded: dict[str, Any] = json.loads((OBSERVABILITY / "dashboard.json").read_text())
    return loaded


def expressions() -> list[str]:
    """All PromQL that there is."""
    shown = [target["expr"] for panel in dashboard()["panels"] for target in panel.get("targets", ())]
    return [*(rule["expr"] for rule in alerts()), *shown]


def asked(expression: str) -> list[Asked]:
    """The metrics in an expression."""
    return [Asked(name, tuple(MATCHER.findall(inside))) for name, inside in SELECTOR.findall(expression)]


def grouped_by(expression: str) -> set[str]:
    """The labels that an expression groups by."""
    return {label for inside in GROUPING.findall(expression) for label in re.split(r",\s*", inside)}


def learn(known: Known, scraped: str) -> None:
    """Add what a `/metrics` has said."""
    for family in text_string_to_metric_families(scraped):
        for sample in family.samples:
            labels = known[sample.name]
            for label, value in sample.labels.items():
                labels[label].add(value)
