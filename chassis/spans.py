"""What traces are made with when they are on (`chassis.tracing`): OpenTelemetry's SDK and instrumentations.

Nothing that a person or a secret could be known by leaves the process: of every span, whichever library made it, only
those attributes are sent that are named here.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import version
from threading import Thread
from typing import Any
from uuid import UUID

from faststream.rabbit.opentelemetry import RabbitTelemetryMiddleware
from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from chassis.tracing import HEADER

SENT = frozenset(
    {
        "db.name",
        "db.statement",
        "db.system",
        "error.type",
        "exception.type",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "messaging.message.id",
        "messaging.message.payload_size_bytes",
        "messaging.operation",
        "messaging.rabbitmq.destination.routing_key",
        "messaging.system",
    }
)
"""Statements have placeholders; paths, messages of exceptions, and addresses are not among them."""

CLOSE_WITHIN = 5.0
"""Seconds; a collector that is away does not keep a service from stopping."""

_W3C = TraceContextTextMapPropagator()


class Spans:
    """The traces of one process."""

    def __init__(self, service: str) -> None:
        named = Resource.create({"service.name": f"photoferry-{service}", "service.version": version("photoferry")})
        self._provider = provider = TracerProvider(resource=named, shutdown_on_exit=False)
        provider.add_span_processor(BatchSpanProcessor(Discreet(OTLPSpanExporter())))
        trace.set_tracer_provider(provider)
        AsyncPGInstrumentor().instrument(tracer_provider=provider)  # type: ignore[no-untyped-call]
        self._tracer = provider.get_tracer("photoferry")
        self._kept: dict[UUID | None, str | None] = {}

    def close(self) -> None:
        """See `tracing.close`."""
        closing = Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(CLOSE_WITHIN)

    def middlewares(self) -> tuple[Any, ...]:
        """FastStream's own."""
        return (RabbitTelemetryMiddleware(),)

    def working(self, name: str, parent: str | None) -> AbstractContextManager[None]:
        """See `tracing.working`."""
        return self._span(name, SpanKind.INTERNAL, _remote(parent) if parent else None)

    def calling(self, name: str) -> AbstractContextManager[None]:
        """See `tracing.calling`."""
        return self._span(name, SpanKind.CLIENT)

    @contextmanager
    def _span(self, name: str, kind: SpanKind, context: Context | None = None) -> Iterator[None]:
        with self._tracer.start_as_current_span(
            name, context, kind, record_exception=False, set_status_on_exception=False
        ):
            try:
                yield
            except Exception as error:
                self.failed(error)
                raise

    @contextmanager
    def continuing(self, parent: str | None) -> Iterator[None]:
        """See `tracing.continuing`."""
        if not parent or trace.get_current_span().get_span_context().is_valid:
            yield
            return
        token = context.attach(_remote(parent))
        try:
            yield
        finally:
            context.detach(token)

    @contextmanager
    def keeping(self, cause_id: UUID) -> Iterator[None]:
        """See `tracing.keeping`."""
        self._kept[cause_id] = self.traceparent(())
        try:
            yield
        finally:
            self._kept.pop(cause_id, None)

    def traceparent(self, cause_ids: Iterable[UUID | None]) -> str | None:
        """See `tracing.traceparent`."""
        for cause_id in cause_ids:
            if cause_id in self._kept:
                return self._kept[cause_id]
        carrier: dict[str, str] = {}
        _W3C.inject(carrier)
        return carrier.get(HEADER)

    def failed(self, error: Exception) -> None:
        """See `tracing.failed`."""
        open_span = trace.get_current_span()
        open_span.set_attribute("error.type", type(error).__qualname__)
        open_span.set_status(StatusCode.ERROR)


class Discreet(SpanExporter):
    """Sends on what may be known, without the calls outside of any trace: those of loops that look for work."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """See `SpanExporter`."""
        wanted = [_discreet(span) for span in spans if span.parent or span.kind is not SpanKind.CLIENT]
        return self._exporter.export(wanted) if wanted else SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """See `SpanExporter`."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """See `SpanExporter`."""
        return self._exporter.force_flush(timeout_millis)


def _discreet(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_sent(span.attributes),
        events=[Event(event.name, _sent(event.attributes), event.timestamp) for event in span.events],
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _sent(attributes: Any) -> dict[str, Any]:
    return {name: value for name, value in (attributes or {}).items() if name in SENT}


def _remote(parent: str) -> Context:
    return _W3C.extract({HEADER: parent})
