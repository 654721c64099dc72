"""What every message shares: identity, cause, time; and the few types that several messages use."""

import os
import time
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated, ClassVar, Self, TypeVar
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

T = TypeVar("T")


def uuid7() -> UUID:
    """A new id, ordered by time to the millisecond, with 74 random bits: nobody guesses it (RFC 9562, version 7)."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    version_and_random = 0x7 << 76 | (random >> 68 & 0xFFF) << 64
    variant_and_random = 0b10 << 62 | random & (1 << 62) - 1
    return UUID(int=milliseconds << 80 | version_and_random | variant_and_random)


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment


UtcMoment = Annotated[datetime, AfterValidator(_in_utc)]
"""A moment that may be written in any time zone, and is told in UTC."""


def utc_now() -> datetime:
    """The present moment, with its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why the messages made just now are made: one HTTP request or webhook, and the message being handled."""

    correlation_id: UUID
    message_id: UUID | None = None


_cause: ContextVar[Cause | None] = ContextVar("cause", default=None)


@contextmanager
def caused_by(cause: Cause) -> Iterator[None]:
    """Every message made inside the block carries this cause."""
    token = _cause.set(cause)
    try:
        yield
    finally:
        _cause.reset(token)


def _correlation_id() -> UUID:
    cause = _cause.get()
    return cause.correlation_id if cause else uuid7()


def _causation_id() -> UUID | None:
    cause = _cause.get()
    return cause.message_id if cause else None


class Frozen(BaseModel):
    """A value inside messages: immutable, and deaf to fields that a newer version may add."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Personal:
    """What `PERSONAL` is an instance of."""


PERSONAL = Personal()
"""Marks a text that may name, describe or reach somebody, or that opens what is theirs: people are shown it only where
they need it."""


class Message(Frozen):
    """One message on the bus. `topic` is its routing key and AMQP type; by `message_id` it is handled once."""

    topic: ClassVar[str]

    message_id: UUID = Field(default_factory=uuid7)
    occurred_at: datetime = Field(default_factory=utc_now)
    correlation_id: UUID = Field(default_factory=_correlation_id)
    causation_id: UUID | None = Field(default_factory=_causation_id)

    @property
    def about_gallery(self) -> UUID | None:
        """The gallery whose people this message may name; it is erased with the gallery (rule 9)."""
        return getattr(self, "gallery_id", None)

    @property
    def names_people_of(self) -> tuple[UUID, ...]:
        """The orders, or payments, whose people this message may name: not to be kept once these are erased."""
        return ()

    def without_people(self) -> Self | None:
        """The same message when those people are erased; None when there is no point in it any more."""
        return self

    @property
    def as_cause(self) -> Cause:
        """The cause of all that is done in answer to this message."""
        return Cause(self.correlation_id, self.message_id)


class Event(Message):
    """Something that has happened, told by its owner in the past tense."""


class Command(Message):
    """Something that the gateway asks the owner to do, in the imperative."""


class Refused(Event):
    """The owner will not do what a command asked; the waiting request answers with this, as a problem document."""

    status: int = Field(ge=400, lt=500)
    code: str
    detail: Annotated[str, PERSONAL]
    field: str | None = None
    gallery_id: UUID | None = None


MOST = 1_000
"""Of what can be many: how much one message holds."""


def batches(things: Iterable[T]) -> Iterator[tuple[T, ...]]:
    """Things in batches of up to `MOST`, one for each message."""
    rest = iter(things)
    while batch := tuple(islice(rest, MOST)):
        yield batch


def _has_controls(text: str) -> bool:
    return not text.isprintable() and any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


def _one_line(text: str) -> str:
    if _has_controls(text):
        raise ValueError("Leave out line breaks and other control characters.")
    return text


def _lines(text: str) -> str:
    if _has_controls(text.translate(_LAYOUT)):
        raise ValueError("Leave out control characters other than line breaks and tabs.")
    return text


_LAYOUT = dict.fromkeys(map(ord, "\n\r\t"))

ONE_LINE = AfterValidator(_one_line)
"""Marks a text without control characters and halves of surrogate pairs: PostgreSQL reads no JSON with a NUL in it."""
LINES = AfterValidator(_lines)
"""Marks a text that may, unlike `ONE_LINE`, have line breaks and tabs."""


CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""ISO 4217 code."""


class Money(Frozen):
    """An amount in the currency's minor units (1250 PLN is 12.50 zł)."""

    amount: int
    currency: CurrencyCode


def _checked_email(address: str) -> str:
    try:
        checked = validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        raise ValueError("Enter an e-mail address like name@example.com.") from None
    if "." not in checked.domain:  # `name@gmail` is a slip of the pen far more often than an intranet
        raise ValueError("Enter an e-mail address like name@example.com.")
    return checked.normalized


Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(_checked_email), PERSONAL]
"""An e-mail address, normalised; whether anybody reads it nobody can tell."""
