"""The page of all settings, made from the settings' classes: `python -m tests.docs.settings` writes it."""

import json
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from pydantic.fields import FieldInfo

from chassis.settings import ServiceSettings
from contracts.topology import SERVICES

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
HEAD = """# Settings

A service reads its settings from environment variables when it starts. One that is missing or wrong ends the start with
its name. What is not in the environment is looked for in the folder that `PHOTOFERRY_SECRETS_DIR` names, in a file of
the variable's name: for secrets of containers. This page is made from the settings' classes; `make fmt` writes it.
"""

Settings = type[ServiceSettings]


def settings_of(service: str) -> Settings:
    """The class that a service is configured by."""
    name = f"services.{service}.settings"
    if find_spec(name) is None:
        return ServiceSettings
    own: Settings
    (own,) = (thing for thing in vars(import_module(name)).values() if _is_made_in(thing, name))
    return own


def page() -> str:
    """The page as it should be."""
    return HEAD + "".join(f"\n## {', '.join(services)}\n\n{_table(kind)}" for kind, services in _groups().items())


def _is_made_in(thing: object, module: str) -> bool:
    return isinstance(thing, type) and issubclass(thing, ServiceSettings) and thing.__module__ == module


def _groups() -> dict[Settings, list[str]]:
    """Each class with settings of its own, and the services that have them; what all have comes first."""
    groups: dict[Settings, list[str]] = {}
    for service in SERVICES:
        for kind in reversed(settings_of(service).__mro__):
            if issubclass(kind, ServiceSettings):
                groups.setdefault(kind, []).append(service)
    return dict(sorted(groups.items(), key=lambda group: -len(group[1])))


def _table(kind: Settings) -> str:
    return "| variable | default | meaning |\n| --- | --- | --- |\n" + "".join(_rows(kind))


def _rows(kind: Settings) -> Iterator[str]:
    for name in kind.__annotations__:
        if field := kind.model_fields.get(name):
            meaning = " ".join((field.description or "").split()).replace("|", "\\|")
            yield f"| `PHOTOFERRY_{name.upper()}` | {_default(field)} | {meaning} |\n"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be set"
    if field.default_factory:
        return "depends on the machine"
    if field.default == "":
        return "none"
    return f"`{json.dumps(field.default)}`" if isinstance(field.default, tuple) else f"`{field.default}`"


if __name__ == "__main__":
    PAGE.write_text(page())
