"""Cursors: opaque to callers, the last sort key of a page to us. PostgreSQL makes them, with the page."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from services.gateway.errors import Problem

Cursor = Annotated[str | None, Query(description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=500)]


def sql_page(items: str, key: str) -> str:
    """SQL for `{"items": […], "next": …}` as UTF-8 bytes.

    `items` is a query with the columns `item` (json), `place` (1, 2, …) and the columns of `key`; it has up to one row
    more than the limit, `$1`. The cursor is the key of the last item that is shown.
    """
    return f"""
        SELECT convert_to(json_build_object(
            'items', coalesce(json_agg(item ORDER BY place) FILTER (WHERE place <= $1), '[]'),
            'next', max(translate(encode(convert_to(json_build_array({key})::text, 'UTF8'), 'base64'), E'+/\\n', '-_'))
                        FILTER (WHERE place = $1 AND total > $1))::text, 'UTF8') AS body
        FROM (SELECT *, count(*) OVER () AS total FROM ({items}) AS found) AS counted"""  # of constants


def encode(key: list[Any]) -> str:
    """A cursor that stands after `key`, for pages that PostgreSQL does not make."""
    return urlsafe_b64encode(json.dumps(key).encode()).decode()


def after(cursor: str | None, parts: int = 1) -> list[Any]:
    """The key that a cursor stands after; Nones without a cursor. Raises `Problem` 422 for a made-up one."""
    if cursor is None:
        return [None] * parts
    try:
        key = json.loads(urlsafe_b64decode(cursor))
    except ValueError:
        key = None
    if not isinstance(key, list) or len(key) != parts:
        raise Problem(422, "invalid", "This cursor is not one of ours; begin without it.", field="cursor")
    return key


def raw_json(body: bytes) -> Response:
    """JSON that PostgreSQL has made, sent as it is."""
    return Response(body, media_type="application/json")
