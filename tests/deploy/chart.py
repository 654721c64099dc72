"""The Helm chart as Kubernetes would get it."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from tests.docs.settings import settings_of

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "helm" / "photoferry"


def tool(name: str) -> str | None:
    """Where the machine has it, or `make deploy-tools` has put it."""
    return shutil.which(name, path=f"{os.environ['PATH']}:{Path.home() / '.cache' / 'photoferry' / 'bin'}")


HELM = tool("helm")
KUBERNETES = ("1.29", "1.37")
"""The oldest version that the chart accepts, and the newest that its objects are compared with."""

Object = dict[str, Any]
Objects = dict[tuple[str, str], Object]

needs_helm = pytest.mark.skipif(HELM is None, reason="Helm is not installed: run 'make deploy-tools'")

MINIMAL: Object = {
    "publicUrl": "https://photos.example.com",
    "mailFrom": "photos@example.com",
    "existingSecret": "photoferry",
}
EVERYTHING: Object = MINIMAL | {
    "scaling": {"enabled": True, "prometheus": "http://prometheus:9090"},
    "rabbitmq": {"cluster": {"enabled": True, "storageClass": "fast"}},
    "backup": {"enabled": True, "claim": "backups", "keep": 14},
    "monitoring": {"enabled": True, "labels": {"release": "prometheus"}},
    "tracing": {"endpoint": "http://collector:4318"},
    "ingress": {"className": "nginx", "tlsSecret": "photos-tls", "annotations": {"cert-manager.io/issuer": "ours"}},
    "networkPolicy": {
        "gatewayFrom": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}}],
        "metricsFrom": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
        "postgresql": {"to": [{"ipBlock": {"cidr": "10.1.2.3/32"}}]},
    },
    "image": {"tag": "1.0", "pullSecrets": ["pull"]},
    "services": {"gateway": {"settings": {"PHOTOFERRY_SIGNUP": "open"}}, "orders": {"stopWithin": 60}},
}
NEITHER: Object = MINIMAL | {"ingress": {"enabled": False}, "networkPolicy": {"enabled": False}, "delivery": "direct"}


class Refused(Exception):
    """Helm will not install that."""


def render(values: Object, *, kubernetes: str = KUBERNETES[1]) -> Objects:
    """The objects by kind and name, of a release `pf` in the namespace `photos`. Raises `Refused`."""
    assert HELM is not None
    command = [
        HELM,
        "template",
        "pf",
        str(CHART),
        "--namespace",
        "photos",
        "--kube-version",
        kubernetes,
        "--values",
        "-",
    ]
    helm = subprocess.run(command, input=json.dumps(values), capture_output=True, text=True, check=False)
    if helm.returncode:
        raise Refused(helm.stderr)
    objects = [each for each in yaml.safe_load_all(helm.stdout) if each]
    named = {(each["kind"], each["metadata"]["name"]): each for each in objects}
    assert len(named) == len(objects)
    return named


def pods(objects: Objects) -> dict[str, Object]:
    """What every pod is made from, by the pod's name."""
    made = {name: it["spec"]["template"]["spec"] for (kind, name), it in objects.items() if kind == "Deployment"}
    jobs = {name: it["spec"]["jobTemplate"]["spec"] for (kind, name), it in objects.items() if kind == "CronJob"}
    made |= {name: it["template"]["spec"] for name, it in jobs.items()}
    return made | {name: it["spec"] for (kind, name), it in objects.items() if kind == "Pod"}


def environment(pod: Object) -> dict[str, str]:
    """The variables of a pod's one container."""
    (container,) = pod["containers"]
    return {each["name"]: each["value"] for each in container["env"]}


def secret_files(pod: Object) -> dict[str, tuple[str, str]]:
    """Of each file in a pod's folder of secrets the secret and its key."""
    (volume,) = (each for each in pod["volumes"] if each["name"] == "secrets")
    sources = [source["secret"] for source in volume["projected"]["sources"]]
    return {item["path"]: (source["name"], item["key"]) for source in sources for item in source["items"]}


def secrets_of(service: str) -> set[str]:
    """The variables of a service that hold secrets."""
    fields = settings_of(service).model_fields.items()
    return {f"PHOTOFERRY_{name.upper()}" for name, field in fields if field.annotation is SecretStr}
