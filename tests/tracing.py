"""An OpenTelemetry collector that keeps what it gets, and what a test wants to know of it."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from deploy.local.ports import HOST, free_port


@dataclass(frozen=True)
class Span:
    """A span as it arrived; ids in hexadecimal."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, Any]
    failed: bool


@dataclass
class Collector:
    """Takes OTLP over HTTP at `url`. `said` is every byte that came, for what must not be in it."""

    url: str
    spans: list[Span] = field(default_factory=list)
    said: list[bytes] = field(default_factory=list)

    async def receive(self, request: web.Request) -> web.Response:
        """What an exporter posts."""
        body = await request.read()
        self.said.append(body)
        self.spans += _spans(ExportTraceServiceRequest.FromString(body))
        return web.Response(content_type="application/x-protobuf")

    def named(self, name: str, service: str = "") -> list[Span]:
        """The spans of this name, of one service or of all."""
        return [span for span in self.spans if span.name == name and service in ("", span.service)]

    def steps(self, trace: str) -> set[tuple[str, str]]:
        """(service, name) of all spans of a trace."""
        return {(span.service, span.name) for span in self.spans if span.trace == trace}

    async def is_whole(self, trace: str) -> bool:
        """Whether all of its spans hang together: the parent of each has come, and one has none."""
        spans = [span for span in self.spans if span.trace == trace]
        return {span.parent for span in spans} - {span.id for span in spans} == {""}


@asynccontextmanager
async def collector() -> AsyncIterator[Collector]:
    """A collector that runs until the block ends."""
    running = Collector(f"http://{HOST}:{(port := free_port())}")
    app = web.Application(client_max_size=1 << 30)
    app.router.add_post("/v1/traces", running.receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, HOST, port).start()
    try:
        yield running
    finally:
        await runner.cleanup()


def _spans(request: ExportTraceServiceRequest) -> Iterable[Span]:
    for resource in request.resource_spans:
        named = _values(resource.resource.attributes)
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Span(
                    service=named["service.name"].removeprefix("photoferry-"),
                    name=span.name,
                    trace=span.trace_id.hex(),
                    id=span.span_id.hex(),
                    parent=span.parent_span_id.hex(),
                    attributes=_values(span.attributes),
                    failed=span.status.code == Status.STATUS_CODE_ERROR,
                )


def _values(attributes: Iterable[Any]) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}
