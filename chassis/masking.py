"""What operators see of a message: that it is there and what it is for, not whom it names.

Of a message, what its contract marks as `PERSONAL` is masked. Of a body that fits no contract everything is, but for
ids, times and the contracts' own words.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from chassis.bus import Unreadable, read
from contracts.base import PERSONAL
from contracts.topology import MESSAGES, QUEUES

MASK = "***"

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)")
_WORD = re.compile(r"\w{3,}")
_QUOTED = re.compile(r"""(?<!\w)(?P<quote>["'])(?P<text>.*?)(?:(?P=quote)(?!\w)|$)""", re.DOTALL)
_NAME_IN_CODE = re.compile(r"[a-z]+(_[a-z0-9]+)+")
_VALUE = re.compile(
    rf"""DETAIL:.*                                                   # PostgreSQL shows rows
    | \S*@\S*
    | \bhttps?:\S+
    | (?<![\w-]) (?!{_UUID.pattern}) (?=[\w-]*\d) [\w-]{{24,}}      # a token
    | (?<![\w-]) \+?\d [\d() -]{{4,}} \d (?![\w-])                  # a telephone number
    """,
    re.VERBOSE | re.DOTALL,
)


def masked(topic: str | None, body: bytes) -> Any:
    """The body of a message, as JSON values without what may be anybody's. What is empty stays so."""
    try:
        message = read(topic, body)
    except Unreadable:
        return _without_texts(_parsed(body), but=_is_harmless)
    return _without_personal(message, message.model_dump(mode="json"))


def masked_error(error: str, topic: str | None, body: bytes, *, cut_at: int) -> str:
    """What an error says, without the values in it: neither those of the message nor what looks like one.

    `cut_at`: how long errors are kept; the last word of one of this length may be half a name.
    """
    if len(error) >= cut_at:
        error = error.rpartition(" ")[0] + " …"
    error = _QUOTED.sub(_unless_name, _VALUE.sub(MASK, error))
    hidden = set(_texts(_parsed(body))) - set(_texts(masked(topic, body)))
    for text in hidden:
        if len(text) > 1 and text.casefold() in error.casefold():
            error = re.sub(re.escape(text), MASK, error, flags=re.IGNORECASE)
    words = {word for text in hidden for word in _WORD.findall(text.casefold())}
    return _WORD.sub(lambda found: MASK if found[0].casefold() in words else found[0], error)


def is_personal(annotation: Any, metadata: Any = ()) -> bool:
    """Whether the type of a contract's field is marked, or a part of it."""
    if get_origin(annotation) is Annotated:
        annotation, *metadata = get_args(annotation)
    return PERSONAL in metadata or any(is_personal(part) for part in get_args(annotation))


def _without_personal(value: Any, dumped: Any) -> Any:
    if isinstance(value, BaseModel):
        return {
            name: _without_texts(dumped[name])
            if is_personal(info.annotation, info.metadata)
            else _without_personal(getattr(value, name), dumped[name])
            for name, info in type(value).model_fields.items()
        }
    if isinstance(value, tuple):
        return [_without_personal(*each) for each in zip(value, dumped, strict=True)]
    return dumped


def _without_texts(value: Any, *, but: Callable[[str], bool] = lambda text: False) -> Any:
    """JSON values without texts and numbers, and without keys that no contract has."""
    if isinstance(value, dict):
        named = {(key if key in _our_words() else MASK): each for key, each in value.items()}
        return {key: _without_texts(each, but=but) for key, each in named.items()}
    if isinstance(value, list):
        return [_without_texts(each, but=but) for each in value]
    tells_nothing = value is None or value == "" or isinstance(value, bool)
    return value if tells_nothing or (isinstance(value, str) and but(value)) else MASK


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode(errors="replace")


def _texts(value: Any) -> Iterator[str]:
    """Everything in JSON values that is text, keys too."""
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str):
        yield value


def _is_harmless(text: str) -> bool:
    return bool(_UUID.fullmatch(text) or _TIME.fullmatch(text)) or text in _our_words()


def _unless_name(quoted: re.Match[str]) -> str:
    """A quotation stays when it is a name in our code, like that of a field or of a constraint."""
    text = quoted["text"]
    return quoted[0] if _NAME_IN_CODE.fullmatch(text) or _is_harmless(text) else MASK


@cache
def _our_words() -> frozenset[str]:
    """Names of queues, topics and fields, and all that can stand in a field of few values."""
    schemas = (kind.model_json_schema() for kind in MESSAGES.values())
    return frozenset([*QUEUES, *MESSAGES, *(word for schema in schemas for word in _of_schema(schema))])


def _of_schema(schema: dict[str, Any]) -> Iterator[str]:
    yield from schema.get("properties", ())
    yield from schema.get("enum", ())
    for definition in schema.get("$defs", {}).values():
        yield from _of_schema(definition)
