"""The chart's schema of settings and queues, made from the code: `python -m tests.deploy.chart_schema` writes it."""

import json
from pathlib import Path
from typing import Any, get_args, get_origin

from contracts.topology import IN_ORDER, QUEUES, SERVICES
from tests.deploy.chart import CHART, Object, secrets_of
from tests.docs.settings import settings_of

SCHEMA = CHART / "values.schema.json"
OF_THE_CHART = {"delivery", "mail_from", "max_upload_bytes", "public_url", "stop_within", "trusted_proxies"}
"""Settings that have values of their own, or are made from some."""
FIXED = {"port", "scratch", "sandbox_url"}
"""Settings that are nobody's to choose in a cluster."""

NUMBERS = {int: "[0-9]+", float: r"[0-9]+([.][0-9]+)?", bool: "true|false"}
SAID: dict[str, Object] = {"PHOTOFERRY_HOST": {"type": "string", "enum": ["0.0.0.0", "::"]}}  # noqa: S104
"""What the type alone does not say: on other addresses no probe finds the service."""


def schema() -> Object:
    """The schema as it should be: by hand, but for each service's settings and queues."""
    whole: Object = json.loads(SCHEMA.read_text())
    for service in SERVICES:
        parts = whole["properties"]["services"]["properties"][service]["properties"]
        parts["settings"]["properties"] = settings(service)
        shared = sorted(name for name in QUEUES.keys() - IN_ORDER if name.startswith(f"{service}."))
        parts["scaling"]["properties"]["queues"]["propertyNames"] = {"enum": shared}
    return whole


def settings(service: str) -> Object:
    """Of each setting that is a matter of its service alone, what may be given."""
    fields = settings_of(service).model_fields.items()
    own = {f"PHOTOFERRY_{name.upper()}": it.annotation for name, it in fields if name not in OF_THE_CHART | FIXED}
    return {name: SAID.get(name, _text_of(kind)) for name, kind in own.items() if name not in secrets_of(service)}


def _text_of(kind: Any) -> Object:
    """Values that an environment variable of this type can have."""
    if get_origin(kind) is tuple:
        number = NUMBERS[get_args(kind)[0]]
        return {"type": "string", "pattern": rf"^\[{number}(, ?{number})*\]$"}
    known = [NUMBERS[each] for each in (kind, *get_args(kind)) if isinstance(each, type) and each in NUMBERS]
    if known:
        return {"type": "string", "pattern": f"^({known[0]})$"}
    return {"type": "string", "enum": list(get_args(kind))} if get_args(kind) else {"type": "string"}


def write(to: Path = SCHEMA) -> None:
    """Make it what it should be."""
    to.write_text(json.dumps(schema(), indent=2) + "\n")


if __name__ == "__main__":
    write()
