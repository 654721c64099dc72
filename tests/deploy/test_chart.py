"""The Helm chart: what it makes of values, and which values it refuses. No cluster has seen it here."""

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from chassis.health import CHECK_WITHIN, Health
from chassis.telemetry import WAITED
from contracts.topology import IN_ORDER, QUEUES, SERVICES
from tests.deploy.chart import (
    CHART,
    EVERYTHING,
    KUBERNETES,
    MINIMAL,
    NEITHER,
    ROOT,
    Object,
    Objects,
    Refused,
    environment,
    needs_helm,
    pods,
    render,
    secret_files,
    secrets_of,
)
from tests.deploy.chart_schema import FIXED, OF_THE_CHART
from tests.deploy.monitoring import OBSERVABILITY
from tests.docs.settings import settings_of

pytestmark = needs_helm

VALUES = {"minimal": MINIMAL, "everything": EVERYTHING, "neither": NEITHER}
CUSTOM = {"ScaledObject", "TriggerAuthentication", "RabbitmqCluster", "ServiceMonitor", "PrometheusRule"}
"""Kinds that operators bring along: nothing here knows what they look like."""
TRACING = {"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"}
STOPPING = 15
"""Seconds for what waits before SIGTERM, closing connections, and being late."""
SECRETS = {
    "PHOTOFERRY_DATABASE_URL": "postgresql://user:password@postgresql/photoferry",
    "PHOTOFERRY_RABBITMQ_URL": "amqp://user:password@rabbitmq",
    "PHOTOFERRY_S3_URL": "https://key:secret@store/photoferry",
    "PHOTOFERRY_SECRET": "s" * 32,
    "PHOTOFERRY_SMTP_URL": "smtps://user:password@mail:465",
}


@pytest.fixture(scope="module", params=VALUES)
def objects(request: pytest.FixtureRequest) -> Objects:
    """What is made of few values, of all, and with as little as possible."""
    return render(VALUES[request.param])


@pytest.mark.parametrize("version", KUBERNETES)
def test_kubernetes_knows_all_that_is_said(version: str) -> None:
    for values in VALUES.values():
        for (kind, _), it in render(values, kubernetes=version).items():
            if kind not in CUSTOM:
                kubernetes_validate.validate(it, version, strict=True)


def test_an_older_kubernetes_is_refused() -> None:
    with pytest.raises(Refused, match="incompatible with Kubernetes"):
        render(MINIMAL, kubernetes="1.28")


def test_every_service_runs_in_copies_of_its_own(minimal: Objects) -> None:
    assert {name for kind, name in minimal if kind == "Deployment"} == {f"pf-{name}" for name in SERVICES}
    for name in SERVICES:
        deployment = minimal["Deployment", f"pf-{name}"]["spec"]
        (container,) = deployment["template"]["spec"]["containers"]
        assert deployment["replicas"] >= 1
        assert container["command"] == ["python", "-m", f"services.{name}"]
        assert container["image"] == "photoferry:0.1.0"
        assert {"requests", "limits"} == container["resources"].keys()
        assert {"kubernetes.io/hostname", "topology.kubernetes.io/zone"} == {
            each["topologyKey"] for each in deployment["template"]["spec"]["topologySpreadConstraints"]
        }


SELECTORS: dict[str, Callable[[Object], Object]] = {
    "Deployment": lambda spec: spec["selector"]["matchLabels"],
    "Service": lambda spec: spec["selector"],
    "PodDisruptionBudget": lambda spec: spec["selector"]["matchLabels"],
    "NetworkPolicy": lambda spec: spec["podSelector"]["matchLabels"],
}


def test_objects_find_exactly_the_pods_of_their_service(objects: Objects) -> None:
    deployed = {
        name: it["spec"]["template"]["metadata"] for (kind, name), it in objects.items() if kind == "Deployment"
    }
    for (kind, name), it in objects.items():
        if kind in SELECTORS and name in deployed:
            wanted = SELECTORS[kind](it["spec"]).items()
            assert [pod for pod, its in deployed.items() if wanted <= its["labels"].items()] == [name]


def test_no_pod_may_do_more_than_it_must(objects: Objects) -> None:
    for pod in pods(objects).values():
        assert pod["automountServiceAccountToken"] is False
        assert pod["enableServiceLinks"] is False
        assert pod["securityContext"] == {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "runAsGroup": 10001,
            "fsGroup": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        (container,) = pod["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


def test_a_backup_is_taken_into_the_operators_volume_by_the_command_that_there_is(everything: Objects) -> None:
    pod = pods(everything)["pf-backup"]
    (container,) = pod["containers"]

    assert container["command"] == ["photoferry", "backup", "/backups", "--keep", "14"]
    assert {"name": "backups", "persistentVolumeClaim": {"claimName": "backups"}} in pod["volumes"]
    assert {"name": "backups", "mountPath": "/backups"} in container["volumeMounts"]
    (secrets,) = (each["secret"] for each in pod["volumes"] if each["name"] == "secrets")
    assert {each["path"] for each in secrets["items"]} == {"PHOTOFERRY_DATABASE_URL", "PHOTOFERRY_S3_URL"}


def test_pods_write_where_the_image_does(minimal: Objects) -> None:
    image = (ROOT / "deploy" / "image" / "Dockerfile").read_text()
    assert "USER 10001:10001\n" in image
    assert "PHOTOFERRY_HOST=0.0.0.0" in image
    (scratch,) = re.findall(r"PHOTOFERRY_SCRATCH=(\S+)", image)
    for name, pod in pods(minimal).items():
        limits = {each["name"]: each["emptyDir"]["sizeLimit"] for each in pod["volumes"] if "emptyDir" in each}
        mounts = {
            each["name"]: each["mountPath"] for each in pod["containers"][0]["volumeMounts"] if each["name"] in limits
        }
        assert mounts == {"tmp": "/tmp"} | ({"scratch": scratch} if name == "pf-transfers" else {})  # noqa: S108


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_with_the_settings_that_it_is_given(
    service: str, objects: Objects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pod = pods(objects)[f"pf-{service}"]
    given, files = environment(pod), secret_files(pod)
    kind = settings_of(service)
    known = {f"PHOTOFERRY_{name.upper()}" for name in kind.model_fields}
    assert given.keys() <= known - secrets_of(service) | {"PHOTOFERRY_SECRETS_DIR"} | TRACING
    assert files.keys() == secrets_of(service)

    for name in files:
        (tmp_path / name).write_text(SECRETS[name])
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PHOTOFERRY_SECRETS_DIR", str(tmp_path))
    settings = kind()
    assert all(hasattr(settings, name.removeprefix("PHOTOFERRY_").lower()) for name in given.keys() & known)


def test_every_setting_that_is_no_secret_can_be_set() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())["properties"]["services"]["properties"]
    for service in SERVICES:
        names = settings_of(service).model_fields.keys() - OF_THE_CHART - FIXED
        assert schema[service]["properties"]["settings"]["properties"].keys() == (
            {f"PHOTOFERRY_{name.upper()}" for name in names} - secrets_of(service)
        )


def test_secrets_come_from_the_named_secret_and_the_brokers_from_its_operator(
    minimal: Objects, everything: Objects
) -> None:
    for pod in SERVICES:
        ours, clusters = secret_files(pods(minimal)[f"pf-{pod}"]), secret_files(pods(everything)[f"pf-{pod}"])
        assert ours == {name: ("photoferry", name) for name in secrets_of(pod)}
        assert clusters == ours | {"PHOTOFERRY_RABBITMQ_URL": ("pf-rabbitmq-default-user", "connection_string")}
    assert ("RabbitmqCluster", "pf-rabbitmq") in everything
    assert not any(kind == "Secret" for kind, _ in everything)


def test_probes_ask_what_there_is_and_wait_as_long_as_it_takes(minimal: Objects) -> None:
    paths = {route.path for route in Health().routes()}
    for name in SERVICES:
        (container,) = pods(minimal)[f"pf-{name}"]["containers"]
        asked = {kind: container[f"{kind}Probe"] for kind in ("startup", "liveness", "readiness")}
        assert {kind: probe["httpGet"]["path"] for kind, probe in asked.items()} == {
            "startup": "/livez",
            "liveness": "/livez",
            "readiness": "/readyz",
        }
        assert {probe["httpGet"]["path"] for probe in asked.values()} <= paths
        assert asked["readiness"]["timeoutSeconds"] > CHECK_WITHIN
        assert container["ports"] == [{"name": "http", "containerPort": settings_of(name).model_fields["port"].default}]


def test_a_rollout_takes_nobody_away_and_lets_everybody_finish(objects: Objects) -> None:
    for name in SERVICES:
        spec = objects["Deployment", f"pf-{name}"]["spec"]
        pod = spec["template"]["spec"]
        stop_within = float(environment(pod)["PHOTOFERRY_STOP_WITHIN"])
        assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
        assert pod["terminationGracePeriodSeconds"] >= STOPPING + 2 * stop_within
        assert objects["PodDisruptionBudget", f"pf-{name}"]["spec"]["maxUnavailable"] == 1
    (gateway,) = pods(objects)["pf-gateway"]["containers"]
    assert gateway["lifecycle"] == {"preStop": {"exec": {"command": ["sleep", "5"]}}}


def test_copies_follow_queues_that_there_are_and_that_copies_share(everything: Objects) -> None:
    assert all("replicas" not in it["spec"] for (kind, _), it in everything.items() if kind == "Deployment")
    auth = everything["TriggerAuthentication", "pf-rabbitmq-url"]["spec"]["secretTargetRef"]
    assert auth == [{"parameter": "host", "name": "pf-rabbitmq-default-user", "key": "connection_string"}]
    for name in SERVICES:
        scaled = everything["ScaledObject", f"pf-{name}"]["spec"]
        triggers = [each["metadata"] for each in scaled["triggers"] if each["type"] == "rabbitmq"]
        assert scaled["scaleTargetRef"] == {"name": f"pf-{name}"}
        assert scaled["minReplicaCount"] <= scaled["maxReplicaCount"]
        assert triggers
        for each in triggers:
            assert each["mode"] == "QueueLength"
            assert int(each["value"]) > 0
            assert each["queueName"] in QUEUES.keys() - IN_ORDER
            assert each["queueName"].startswith(f"{name}.")
        waited = next(each["metadata"] for each in scaled["triggers"] if each["type"] == "prometheus")["query"]
        queues = "|".join(sorted(each["queueName"] for each in triggers))
        assert waited.count(f'{WAITED._name}_sum{{namespace="photos", queue=~"{queues}"}}') == 1
        assert waited.count(f'{WAITED._name}_count{{namespace="photos", queue=~"{queues}"}}') == 1


def test_without_keda_the_number_of_copies_is_the_values(minimal: Objects) -> None:
    assert not {"ScaledObject", "TriggerAuthentication"} & {kind for kind, _ in minimal}
    more = render(MINIMAL | {"services": {"transfers": {"replicas": 5}}})
    assert more["Deployment", "pf-transfers"]["spec"]["replicas"] == 5
    assert more["Deployment", "pf-orders"]["spec"]["replicas"] == 2


def test_prometheus_and_grafana_get_the_files_that_are_tested(everything: Objects) -> None:
    assert everything["PrometheusRule", "pf"]["spec"] == yaml.safe_load((OBSERVABILITY / "alerts.yml").read_text())
    dashboard = everything["ConfigMap", "pf-dashboard"]["data"]["photoferry.json"]
    assert json.loads(dashboard) == json.loads((OBSERVABILITY / "dashboard.json").read_text())
    example = yaml.safe_load((OBSERVABILITY / "prometheus.yml").read_text())["scrape_configs"]
    job = {
        each["targetLabel"]: each for each in everything["ServiceMonitor", "pf"]["spec"]["endpoints"][0]["relabelings"]
    }
    assert job["job"]["replacement"] == example[0]["job_name"]
    assert job["service"]["sourceLabels"] == ["__meta_kubernetes_service_label_app_kubernetes_io_component"]
    (queues,) = everything["ServiceMonitor", "pf-rabbitmq"]["spec"]["endpoints"]
    assert (queues["path"], queues["params"]) == (example[1]["metrics_path"], example[1]["params"])
    assert everything["PrometheusRule", "pf"]["metadata"]["labels"]["release"] == "prometheus"


def test_people_come_in_by_tls_at_the_public_name(minimal: Objects, everything: Objects) -> None:
    for each in (minimal, everything):
        ingress = each["Ingress", "pf"]["spec"]
        (rule,) = ingress["rules"]
        assert rule["host"] == "photos.example.com"
        assert [tls["hosts"] for tls in ingress["tls"]] == [["photos.example.com"]]
        (path,) = rule["http"]["paths"]
        assert path["backend"]["service"] == {"name": "pf-gateway", "port": {"name": "http"}}
    assert everything["Ingress", "pf"]["spec"]["tls"][0]["secretName"] == "photos-tls"


def test_the_chart_is_of_the_version_that_it_runs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())

    assert chart["version"] == chart["appVersion"] == project["version"]
