"""What a conditional or partial request for one representation is answered with (RFC 9110, sections 13 and 14)."""

import re
from dataclasses import dataclass
from http import HTTPStatus

from starlette.datastructures import Headers

_ONE_RANGE = re.compile(r"bytes=([0-9]{0,40})-([0-9]{0,40})", re.IGNORECASE)  # int() refuses thousands of digits
_ENTITY_TAG = re.compile(r'(W/)?("[^"]*")')


@dataclass(frozen=True)
class Answer:
    """The status, and with 200 and 206 the bytes from `start` up to `end`."""

    status: HTTPStatus
    start: int = 0
    end: int = 0


def answer(method: str, headers: Headers, etag: str, size: int) -> Answer:
    """200, 206, 304, 412 or 416 for a GET or HEAD of `size` bytes with the strong `etag` (with its quotes).

    Several ranges, other units and what does not parse get the whole, as RFC 9110, section 14.2 allows.
    """
    if (expected := _field(headers, "if-match")) and not _lists(expected, etag, weak=False):
        return Answer(HTTPStatus.PRECONDITION_FAILED)
    if (known := _field(headers, "if-none-match")) and _lists(known, etag, weak=True):
        return Answer(HTTPStatus.NOT_MODIFIED)
    asked = _field(headers, "range") if method == "GET" else ""
    if asked and _field(headers, "if-range") in ("", etag):
        return _part(asked, size)
    return Answer(HTTPStatus.OK, 0, size)


def _part(asked: str, size: int) -> Answer:
    first, last = found.groups() if (found := _ONE_RANGE.fullmatch(asked)) else ("", "")
    if not (first or last) or (first and last and int(last) < int(first)):
        return Answer(HTTPStatus.OK, 0, size)
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last) + 1, size) if first and last else size
    if start >= end:
        return Answer(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
    return Answer(HTTPStatus.PARTIAL_CONTENT, start, end)


def _lists(field: str, etag: str, *, weak: bool) -> bool:
    """Whether the list of entity tags has this one; `weak`: tags marked as weak count too (section 8.8.3.2)."""
    return field == "*" or any(tag == etag and (weak or not mark) for mark, tag in _ENTITY_TAG.findall(field))


def _field(headers: Headers, name: str) -> str:
    return ", ".join(headers.getlist(name)).strip()
