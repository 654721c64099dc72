"""Traces from a request through every message, statement and file to the mail, off unless there is somewhere to send
them.

OpenTelemetry is imported by `chassis.spans`, and that only when they are on: off, they cost next to nothing.
"""

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from chassis.spans import Spans

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
"""OpenTelemetry's own variables; one that is set switches traces on."""
HEADER = "traceparent"
"""Of a message and of a request: which trace it belongs to, and which span it came from (W3C Trace Context)."""

_spans: "Spans | None" = None
_NOTHING = nullcontext()


def configure(service: str) -> None:
    """Trace this process, if an endpoint is set. Once, before anything is to be traced."""
    global _spans
    if any(os.environ.get(name) for name in ENDPOINTS):
        from chassis.spans import Spans

        _spans = Spans(service)


def close() -> None:
    """Send what is left, as the last thing that the process does."""
    if _spans:
        _spans.close()


def middlewares() -> tuple[Any, ...]:
    """What a broker needs to continue the traces of the messages that it delivers."""
    return _spans.middlewares() if _spans else ()


def working(name: str, parent: str | None) -> AbstractContextManager[None]:
    """A span around a piece of our own work, in the trace of `parent` (a traceparent), or in a new one."""
    return _spans.working(name, parent) if _spans else _NOTHING


def calling(name: str) -> AbstractContextManager[None]:
    """A span around a call of another server, in the current trace; outside of any trace there is none."""
    return _spans.calling(name) if _spans else _NOTHING


def continuing(parent: str | None) -> AbstractContextManager[None]:
    """Where no span is open, what is told inside belongs to the trace of `parent`."""
    return _spans.continuing(parent) if _spans and parent else _NOTHING


def keeping(cause_id: UUID) -> AbstractContextManager[None]:
    """Whatever task tells it: messages that have this cause, or correlation, belong to the span that is open now.

    For what is handled together with others, in the trace of one of them.
    """
    return _spans.keeping(cause_id) if _spans else _NOTHING


def traceparent(*cause_ids: UUID | None) -> str | None:
    """Of the span that is kept for the first of these that has one, or of the open one; None without any."""
    return _spans.traceparent(cause_ids) if _spans else None


def failed(error: Exception) -> None:
    """What the open span is about has failed."""
    if _spans:
        _spans.failed(error)


def passed_on(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Of a message's headers those that keep it in its trace when it is published again."""
    return {HEADER: headers[HEADER]} if HEADER in headers else {}
