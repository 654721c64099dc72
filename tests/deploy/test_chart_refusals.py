"""Values that mean nothing are refused before anything is installed."""

import copy
import json
import re
from typing import Any

import pytest

from tests.deploy.chart import MINIMAL, Object, Refused, needs_helm, render
from tests.deploy.chart_schema import SCHEMA, schema

pytestmark = needs_helm


def objects_of(schema: Any) -> list[Object]:
    """Every part of a schema that is about an object with names of its own."""
    inside = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    own = [schema] if isinstance(schema, dict) and schema.get("type") == "object" and "properties" in schema else []
    return [*own, *(found for each in inside for found in objects_of(each))]


def test_settings_and_queues_are_those_that_the_code_has() -> None:
    assert json.loads(SCHEMA.read_text()) == schema(), "run 'make fmt'"


def test_a_name_that_means_nothing_is_refused_everywhere() -> None:
    found = objects_of(json.loads(SCHEMA.read_text()))

    assert len(found) >= 30
    assert all(each["additionalProperties"] is False for each in found)


NONSENSE: list[tuple[str, Any, str]] = [
    ("publicUrl", "http://photos.example.com", "publicUrl"),
    ("publicUrl", "https://photos.example.com/", "publicUrl"),
    ("publicUrl", "https://192.0.2.7", "publicUrl"),
    ("publicUrl", "https://anna:secret@photos.example.com", "publicUrl"),
    ("publicUrl", "", "publicUrl is missing: what links begin with, like https://photos.example.com"),
    ("existingSecret", "", "existingSecret is missing: the name of a secret"),
    ("existingSecret", "Not a name", "existingSecret"),
    ("mailFrom", "", "mailFrom is missing: the address that mails come from"),
    ("mailFrom", "Photos", "mailFrom"),
    ("delivery", "by post", "delivery"),
    ("maxUploadBytes", 0, "maxUploadBytes"),
    ("replicas", 3, "additional properties 'replicas' not allowed"),
    ("image/repository", "", "image/repository"),
    ("image/repository", "photo ferry", "image/repository"),
    ("ingress/tlsSecret", "Not a name", "ingress/tlsSecret"),
    ("image/tag", 1.0, "image/tag"),
    ("services/orders/replicas", -1, "services/orders/replicas"),
    ("services/orders/replicas", "two", "services/orders/replicas"),
    ("services/orders", None, "missing property 'orders'"),
    ("services/billing", {}, "additional properties 'billing' not allowed"),
    ("services/orders/resources/requests/cpu", "much", "services/orders/resources/requests/cpu"),
    ("services/orders/resources/requests/gpus", "1", "additional properties 'gpus' not allowed"),
    ("services/orders/resources/limits/memory", "100m", "services/orders/resources/limits/memory"),
    ("services/transfers/scratch", "2", "services/transfers/scratch"),
    ("services/orders/stopWithin", 0, "services/orders/stopWithin"),
    ("services/orders/scratch", "1Gi", "additional properties 'scratch' not allowed"),
    ("services/orders/settings/PHOTOFERRY_SIGNUP", "open", "'PHOTOFERRY_SIGNUP' not allowed"),
    ("services/gateway/settings/PHOTOFERRY_SIGNUP", "perhaps", "PHOTOFERRY_SIGNUP"),
    ("services/gateway/settings/PHOTOFERRY_SECRET", "s" * 32, "'PHOTOFERRY_SECRET' not allowed"),
    ("services/gateway/settings/PHOTOFERRY_ADDRESS_RATE", 5, "PHOTOFERRY_ADDRESS_RATE"),
    ("services/gateway/settings/PHOTOFERRY_ADDRESS_RATE", "-5", "PHOTOFERRY_ADDRESS_RATE"),
    ("services/gateway/settings/PHOTOFERRY_PRIVATE_ENDPOINTS", "yes", "PHOTOFERRY_PRIVATE_ENDPOINTS"),
    ("services/gateway/settings/PHOTOFERRY_HOST", "127.0.0.1", "PHOTOFERRY_HOST"),
    ("services/notifier/settings/PHOTOFERRY_MAIL_RETRIES", "1", "PHOTOFERRY_MAIL_RETRIES"),
    ("services/gateway/scaling/queues/orders.place_order", 5, "invalid propertyName 'orders.place_order'"),
    ("services/orders/scaling/queues/orders.change_orders", 5, "invalid propertyName 'orders.change_orders'"),
    ("services/gateway/scaling/maxReplicas", 0, "services/gateway/scaling/maxReplicas"),
    ("backup/schedule", "at night", "backup/schedule"),
    ("backup/keep", 0, "backup/keep"),
    ("backup", {"enabled": True}, "backup.claim is missing: the name of the claim that backups go to"),
    ("rabbitmq/cluster/replicas", 2, "rabbitmq/cluster/replicas"),
    ("scaling/prometheus", "prometheus", "scaling/prometheus"),
    ("networkPolicy/smtp/ports", [], "networkPolicy/smtp/ports"),
    ("networkPolicy/smtp/ports", [70_000], "networkPolicy/smtp/ports/0"),
    ("networkPolicy/gatewayFrom", [{}], "networkPolicy/gatewayFrom/0"),
    ("ingress/enabled", "yes", "ingress/enabled"),
]
"""A place, a value that means nothing there, and what is said of it."""


@pytest.mark.parametrize(("place", "value", "said"), NONSENSE)
def test_nonsense_is_refused_with_its_place(place: str, value: Any, said: str) -> None:
    values = copy.deepcopy(MINIMAL)
    *folders, name = place.split("/")
    around = values
    for folder in folders:
        around = around.setdefault(folder, {})
    around[name] = value

    with pytest.raises(Refused, match=re.escape(said)):
        render(values)


def test_monitoring_that_no_policy_lets_in_is_refused() -> None:
    with pytest.raises(Refused, match=r"networkPolicy\.metricsFrom is missing"):
        render(MINIMAL | {"monitoring": {"enabled": True}})


def test_fewer_copies_at_most_than_at_least_are_refused() -> None:
    with pytest.raises(Refused, match=r"services\.orders\.scaling\.maxReplicas is below its replicas"):
        render(MINIMAL | {"scaling": {"enabled": True}, "services": {"orders": {"replicas": 9}}})
