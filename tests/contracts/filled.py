"""A message of any contract in which every text that may be somebody's holds a name, and no list is empty."""

from datetime import datetime
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel

from contracts.base import Message, utc_now, uuid7

HARMLESS = {
    *(
        "code",
        "content_type",
        "counts",
        "currency",
        "etag",
        "field",
        "id",
        "locale",
        "multipart_id",
        "object_key",
        "payment_id",
    ),
    *("preview_large_key", "preview_small_key", "provider", "sha256"),
}
"""Fields whose texts name, describe and reach nobody, and open nothing."""

FORMED: dict[str, Any] = {"currency": "PLN", "locale": "pl", "status": 404}
"""Values by field, where not every value will do."""


def filled(kind: type[Message], name: str) -> Message:
    """A message of this kind; `name` is in every text that is not harmless."""
    return kind.model_validate(_model(kind, name))


def _model(kind: type[BaseModel], name: str) -> dict[str, Any]:
    return {field: _value(info.annotation, field, name) for field, info in kind.model_fields.items()}


def _value(annotation: Any, field: str, name: str) -> Any:
    match get_origin(annotation), get_args(annotation):
        case (origin, (inner, *_)) if origin in (Annotated, Union, UnionType):
            return _value(inner, field, name)
        case (origin, (inner, *_)) if origin is tuple:
            return [_value(inner, field, name)]
        case (origin, (_, inner)) if origin is dict:
            return {"name": 1 if inner is int else name}
    return _plain(annotation, field, name)


def _plain(kind: Any, field: str, name: str) -> Any:
    if issubclass(kind, BaseModel):
        return _model(kind, name)
    if issubclass(kind, Enum):
        return next(iter(kind))
    if kind is str:
        personal = f"{name}@example.com" if field == "email" else name
        return FORMED.get(field, "harmless" if field in HARMLESS else personal)
    made = {UUID: uuid7, datetime: utc_now}
    return made[kind]() if kind in made else FORMED.get(field, kind(1)) if kind is int else kind(1)
