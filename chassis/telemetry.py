"""Logs as JSON lines, and metrics for Prometheus."""

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, get_args

import structlog
from prometheus_client import Counter, Gauge, Histogram
from structlog.typing import EventDict, Processor

MESSAGES = Counter("photoferry_messages_total", "Deliveries by what became of them", ["queue", "outcome"])
RETRIES = Counter("photoferry_message_retries_total", "Deliveries of a message that had failed before", ["queue"])
HANDLING = Histogram("photoferry_message_seconds", "Time to handle a delivery", ["queue"])
WAITED = Histogram(
    "photoferry_message_waited_seconds",
    "From publishing to the first delivery",
    ["queue"],
    buckets=(1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400),
)
OUTBOX_WAITING = Gauge("photoferry_outbox_waiting", "Outbox rows that are not published yet")
OUTBOX_AGE = Gauge("photoferry_outbox_oldest_seconds", "Age of the oldest outbox row that is not published yet, or 0")
POOL_WAIT = Histogram("photoferry_pool_wait_seconds", "Time until the pool gave a database connection")
PUBLISHED = Counter("photoferry_published_total", "Messages published and confirmed")

Outcome = Literal["handled", "repeated", "failed", "dead", "interrupted"]


def configure_logging(service: str) -> None:
    """One JSON object a line on stderr, with time, level and the service's name.

    Libraries may warn; what they say in passing is left out, because URLs and payloads stand in it.
    """
    structlog.configure(
        processors=[
            _named(service),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Forward()], level=logging.WARNING, force=True)
    logging.captureWarnings(True)


def _named(service: str) -> Processor:
    def add_service(_logger: Any, _method: str, line: EventDict) -> EventDict:
        line["service"] = service
        return line

    return add_service


class _Forward(logging.Handler):
    """Hands records of the standard library's logging to structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info)


def will_handle(queue: str) -> None:
    """Let all its counts begin at 0: from nothing to the first failure is no increase to Prometheus."""
    RETRIES.labels(queue)
    for outcome in get_args(Outcome):
        MESSAGES.labels(queue, outcome)


class Handling:
    """What became of the delivery in hand."""

    outcome: Outcome = "interrupted"

    def is_(self, outcome: Outcome) -> None:
        """Note the outcome."""
        self.outcome = outcome


@contextmanager
def handling(queue: str) -> Iterator[Handling]:
    """Count and time one delivery."""
    began = time.perf_counter()
    delivery = Handling()
    try:
        yield delivery
    finally:
        HANDLING.labels(queue).observe(time.perf_counter() - began)
        MESSAGES.labels(queue, delivery.outcome).inc()
