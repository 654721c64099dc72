"""`python -m tests.e2e.another_release older orders`: a service whose messages are those of another release.

The older one is the first release: it neither tells nor hears what contracts have got since. The newer one tells of
everything something more, that nobody knows yet.
"""

import json
import runpy
import sys
from collections.abc import Callable
from typing import Any

from contracts.base import Message
from contracts.topology import MESSAGES

ADDED = {
    "agreed_total",
    "keep_until",
    "remind_download_days",
    "remind_unpaid_days",
    "watermark_image",
}
"""Fields that contracts have got since Photoferry first worked as a whole. All else is in the first release as it is
now."""
MAPS = {"changes", "counts"}
"""Fields whose names within are values, so that no release adds any."""
Change = Callable[[dict[str, Any]], dict[str, Any]]


def older(fields: dict[str, Any]) -> dict[str, Any]:
    """Without what was added."""
    return {name: value for name, value in fields.items() if name not in ADDED}


def newer(fields: dict[str, Any]) -> dict[str, Any]:
    """With something more."""
    return fields | {"invented_later": {"how": "so"}}


def _everywhere(value: Any, change: Change) -> Any:
    if isinstance(value, dict):
        return change({name: each if name in MAPS else _everywhere(each, change) for name, each in value.items()})
    return [_everywhere(each, change) for each in value] if isinstance(value, list) else value


def become(change: Change) -> None:
    """From now on this process tells and hears messages as `change` has them."""
    dump = Message.model_dump_json

    def told(message: Message, **options: Any) -> str:
        return json.dumps(_everywhere(json.loads(dump(message, **options)), change))

    def hear(kind: type[Message]) -> None:
        validate = kind.model_validate_json

        def heard(body: bytes) -> Message:
            return validate(json.dumps(_everywhere(json.loads(body), change)))

        kind.model_validate_json = heard  # type: ignore[method-assign,assignment]

    Message.model_dump_json = told  # type: ignore[method-assign,assignment]
    for kind in MESSAGES.values():
        hear(kind)


if __name__ == "__main__":
    release, service = sys.argv[1:]
    become({"older": older, "newer": newer}[release])
    runpy.run_module(f"services.{service}", run_name="__main__")
