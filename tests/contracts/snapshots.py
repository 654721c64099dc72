"""Snapshots of every message's JSON schema: `python -m tests.contracts.snapshots` writes them."""

import json
from pathlib import Path
from typing import Any

import contracts
from contracts.catalogue import every_message

FOLDER = Path(contracts.__path__[0]) / "snapshots"
Schema = dict[str, Any]


def snapshot(topic: str) -> Schema | None:
    """The committed schema of a message."""
    file = FOLDER / f"{topic}.json"
    return json.loads(file.read_text()) if file.exists() else None


def broken_promises(old: Schema, new: Schema) -> list[str]:
    """What a reader or writer of the old schema would stumble over in the new one."""
    broken = _compare(old, new, "")
    for name, definition in old.get("$defs", {}).items():
        broken += _compare(definition, new.get("$defs", {}).get(name, {}), name)
    return broken


def _compare(old: Schema, new: Schema, where: str) -> list[str]:
    broken = [
        f"{where}: {name} is required now" for name in set(new.get("required", [])) - set(old.get("required", []))
    ]
    broken += [f"{where}: value {value} is gone" for value in old.get("enum", []) if value not in new.get("enum", [])]
    for name, kind in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            broken.append(f"{where}: {name} is gone")
        elif _shape(kind) != _shape(new["properties"][name]):
            broken.append(f"{where}: {name} has changed")
    return broken


def _shape(kind: Any) -> Any:
    """A schema without what only people read."""
    if isinstance(kind, dict):
        return {key: _shape(value) for key, value in kind.items() if key not in ("description", "title", "default")}
    return [_shape(each) for each in kind] if isinstance(kind, list) else kind


def main() -> None:
    """Write every schema; review the difference before you commit it."""
    FOLDER.mkdir(exist_ok=True)
    for topic, kind in every_message().items():
        text = json.dumps(kind.model_json_schema(), indent=1, ensure_ascii=False, sort_keys=True)
        (FOLDER / f"{topic}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
