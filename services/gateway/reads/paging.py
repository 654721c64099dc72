"""Cursors: opaque to callers, the last sort key of a page to us. PostgreSQL makes them, with the page."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from services.gateway.errors import Problem

Cursor = Annotated[str | None, Query(description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=500)]


def sql_cursor(key: str) -> str:
    """SQL for the cursor of a key: columns, parted by commas."""
    return f"translate(encode(convert_to(json_build_array({key})::text, 'UTF8'), 'base64'), E'+/\\n', '-_')"


def sql_page(items: str, key: str) -> str:
    """SQL for `{"items": […], "next": …}` as UTF-8 bytes.

    `items` is a query with the columns `item` (json), `place` (1, 2, …) and the columns of `key`; it has up to one row
    more than the limit, `$1`. The cursor is the key of the last item that is shown.
    """
    return f"""
        SELECT convert_to(json_build_object(
            'items', coalesce(json_agg(item ORDER BY place) FILTER (WHERE place <= $1), '[]'),
            'next', max({sql_cursor(key)}) FILTER (WHERE place = $1 AND total > $1))::text, 'UTF8') AS body
        FROM (SELECT *, count(*) OVER () AS total FROM ({items}) AS found) AS counted"""  # of constants


def encode(key: list[Any]) -> str:
    """A cursor that stands after `key`, for pages that PostgreSQL does not make."""
    return urlsafe_b64encode(json.dumps(key).encode()).decode()


def after(cursor: str | None, *kinds: type) -> list[Any]:
    """The key that a cursor stands for, of these kinds; Nones without one. Raises `Problem` 422 for a made-up one."""
    if cursor is None:
        return [None] * len(kinds)
    try:
        key = json.loads(urlsafe_b64decode(cursor))
        return [_part(part, kind) for part, kind in zip(key, kinds, strict=True)]
    except (ValueError, TypeError):
        detail = "This cursor is not one of ours; begin without it."
        raise Problem(422, "invalid", detail, field="cursor") from None


def _part(part: Any, kind: type) -> Any:
    if kind is UUID:
        return UUID(part)
    if type(part) is not kind or "\0" in str(part):
        raise TypeError
    return part


def raw_json(body: bytes) -> Response:
    """JSON that PostgreSQL has made, sent as it is."""
    return Response(body, media_type="application/json")
