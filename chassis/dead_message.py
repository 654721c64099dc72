"""One dead message, as operators see it."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from aio_pika.abc import AbstractIncomingMessage

from chassis.masking import MASK, masked, masked_error
from chassis.retries import HEADER_ERROR, HEADER_QUEUE, HEADER_TRACE, LONGEST_ERROR, attempts_of
from contracts.topology import MESSAGES, QUEUES

CRASHED = "CrashedConsumer: delivered too often without an answer"
"""What it means that RabbitMQ itself has declared a message dead, which it does without a word."""

_TYPE = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class DeadMessage:
    """What is known of a dead message. Only `raw`, and what is made of it unmasked, can hold somebody's data."""

    raw: AbstractIncomingMessage

    @property
    def id(self) -> str:
        """Its name in every listing: the message's and the queue's, as it may be dead in several."""
        return f"{self.queue}:{self.message_id}"

    @cached_property
    def message_id(self) -> str:
        """Made of the body for one that is not ours."""
        try:
            return str(UUID(self.raw.message_id))
        except (TypeError, ValueError):
            return f"body-{hashlib.sha256(self.raw.body).hexdigest()[:16]}"

    @cached_property
    def queue(self) -> str:
        """The queue that could not handle it: noted by the retry layer, or by RabbitMQ when the consumer crashed.

        Empty when there is none of that name: then it cannot be sent back.
        """
        name = str(self.raw.headers.get(HEADER_QUEUE) or self._death.get("queue"))
        return name if name in QUEUES else ""

    @property
    def topic(self) -> str:
        """Empty for a message that is not ours."""
        return self.raw.type if self.raw.type in MESSAGES else ""

    @property
    def error_type(self) -> str:
        """The class of the error: with the queue, the kind of the message."""
        name = self._error.partition(":")[0]
        return name if _TYPE.fullmatch(name) else MASK

    @property
    def died_at(self) -> str | None:
        """When it was put into the dead queue (RFC 3339, UTC); unknown of those that an older release has put there."""
        moment: datetime | None = self._death.get("time") or self.raw.timestamp
        return moment.isoformat() if moment else None

    def shown(self, *, unmasked: bool = False) -> dict[str, Any]:
        """All of it as JSON values; the payload unmasked is the text that it is."""
        raw = self.raw
        return {
            "id": self.id,
            "message_id": self.message_id,
            "queue": self.queue,
            "topic": self.topic,
            "attempts": attempts_of(raw),
            "died_at": self.died_at,
            "error_type": self.error_type,
            "error": self._error if unmasked else masked_error(self._error, raw.type, raw.body, cut_at=LONGEST_ERROR),
            "traceback": str(raw.headers.get(HEADER_TRACE, "")),
            "payload": raw.body.decode(errors="replace") if unmasked else masked(raw.type, raw.body),
        }

    @property
    def _error(self) -> str:
        return str(self.raw.headers.get(HEADER_ERROR, CRASHED))

    @property
    def _death(self) -> dict[str, Any]:
        """The newest dead-lettering by RabbitMQ itself, if any."""
        deaths: Any = self.raw.headers.get("x-death")
        return deaths[0] if deaths and HEADER_ERROR not in self.raw.headers else {}
