"""Who reaches whom in a cluster."""

import pytest
import yaml

from contracts.topology import SERVICES
from tests.deploy.chart import CHART, EVERYTHING, Object, Objects, needs_helm, secrets_of

pytestmark = needs_helm


def egress(policy: Object) -> list[tuple[frozenset[int], bool]]:
    """Of each rule the ports, and whether it is for some peers only."""
    rules = policy["spec"]["egress"]
    return [(frozenset(port["port"] for port in rule["ports"]), "to" in rule) for rule in rules]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_reaches_what_its_settings_name_and_nothing_else(service: str, minimal: Objects) -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text())["networkPolicy"]
    server_of = {"DATABASE_URL": "postgresql", "RABBITMQ_URL": "rabbitmq", "S3_URL": "store", "SMTP_URL": "smtp"}
    reached = [server_of[name] for name in server_of if f"PHOTOFERRY_{name}" in secrets_of(service)]
    allowed = [(frozenset(values[server]["ports"]), False) for server in reached]
    if service == "gateway":
        allowed.append((frozenset({443}), True))  # payment providers, and studios' own systems

    policy = minimal["NetworkPolicy", f"pf-{service}"]
    assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert sorted(egress(policy)[1:], key=repr) == sorted(allowed, key=repr)
    dns = policy["spec"]["egress"][0]
    assert dns["ports"] == [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]
    assert dns["to"] == values["dns"]


def test_nobody_comes_in_but_clients_and_prometheus(minimal: Objects, everything: Objects) -> None:
    peers = EVERYTHING["networkPolicy"]
    for name in SERVICES:
        clients = [{"ports": [{"port": "http"}]}] if name == "gateway" else []
        assert (minimal["NetworkPolicy", f"pf-{name}"]["spec"]["ingress"] or []) == clients
        rules = everything["NetworkPolicy", f"pf-{name}"]["spec"]["ingress"]
        admitted = [*(rule["from"] for rule in rules)]
        assert admitted == [*([peers["gatewayFrom"]] if name == "gateway" else []), peers["metricsFrom"]]


def test_the_gateway_reaches_no_private_address_by_way_of_the_internet(minimal: Objects) -> None:
    rule = minimal["NetworkPolicy", "pf-gateway"]["spec"]["egress"][-1]
    excepted = {net for peer in rule["to"] for net in peer["ipBlock"]["except"]}

    shared = {"100.64.0.0/10", "169.254.0.0/16", "fe80::/10"}
    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", *shared} <= excepted


def test_servers_that_are_known_are_the_only_ones_reached(everything: Objects) -> None:
    rules = everything["NetworkPolicy", "pf-orders"]["spec"]["egress"]
    to = {rule["ports"][0]["port"]: rule.get("to") for rule in rules}

    assert to[5432] == [{"ipBlock": {"cidr": "10.1.2.3/32"}}]
    assert to[5672] == [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "pf-rabbitmq"}}}]
    assert 4318 in to
