"""Nobody's data is in what operators see of a message, whatever message it is and whatever has become of it."""

import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from chassis.masking import is_personal, masked, masked_error
from contracts.base import Message
from contracts.orders import ChangeGallery, OrderPaid
from contracts.topology import MESSAGES
from tests.contracts.filled import HARMLESS, filled
from tests.making import order

NAMES = st.text("abcdefghijklmnoprstuwyz", min_size=3, max_size=9).map(lambda end: f"Zqx{end}")
kinds = pytest.mark.parametrize("kind", MESSAGES.values(), ids=MESSAGES)
few = settings(max_examples=10, deadline=None)


def texts(model: type[BaseModel]) -> Iterator[tuple[str, bool]]:
    """Every field of a message that holds text, and whether it is marked."""
    for name, info in model.model_fields.items():
        for part in parts(info.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from texts(part)
            elif part is str or part is Any:
                yield name, is_personal(info.annotation, info.metadata)


def parts(annotation: Any) -> Iterator[Any]:
    """What a type is made of."""
    if not (arguments := get_args(annotation)):
        yield annotation
    for argument in arguments:
        yield from parts(argument)


def is_named(name: str, shown: Any) -> bool:
    return name.casefold() in json.dumps(shown, ensure_ascii=False).casefold()


def test_every_text_of_every_message_is_marked_or_known_to_be_harmless() -> None:
    assert {text for kind in MESSAGES.values() for text, is_marked in texts(kind) if not is_marked} == HARMLESS


@kinds
@few
@given(name=NAMES)
def test_nobody_is_named_in_a_message(kind: type[Message], name: str) -> None:
    message = filled(kind, name)
    body = message.model_dump_json().encode()

    shown = masked(kind.topic, body)

    assert shown["message_id"] == str(message.message_id)
    assert not is_named(name, shown)


@kinds
@few
@given(name=NAMES, data=st.data())
def test_nobody_is_named_in_what_fits_no_contract(kind: type[Message], name: str, data: st.DataObject) -> None:
    body = filled(kind, name).model_dump_json().encode()
    broken = {**json.loads(body), name: [name, {name: 48_601_234_567}], "occurred_at": name}
    cut = body[: data.draw(st.integers(0, len(body) - 1))]

    for topic in (kind.topic, "nobody.knows.v1", None):
        for bad in (json.dumps(broken).encode(), cut, b"\xff" + body):
            if (topic, bad) != (kind.topic, body):
                assert not is_named(name, masked(topic, bad))
                assert not is_named("48601234567", masked(topic, bad))


SAID = (
    "ValueError: {0} has no orders",
    "KeyError: '{0}'",
    "UniqueViolationError: duplicate key\nDETAIL:  Key (email)=({0}@example.com) already exists.",
    "CheckViolationError: no\nDETAIL:  Failing row contains (1, {0}, null).",
    "DataError: invalid input for query argument $1: '{0}' (not one of them)",
    "ValidationError: 1 error for Client\nname\n  No [type=x, input_value={{'name': '{0}'}}, input_type=dict]",
    "SMTPRecipientsRefused: {0}@example.com said no",
    "ClientError: GET https://example.com/{0}/photos",
)


@kinds
@few
@given(name=NAMES)
def test_nobody_is_named_in_an_error(kind: type[Message], name: str) -> None:
    body = filled(kind, name).model_dump_json().encode()
    is_in_it = name in body.decode()

    for said in SAID if is_in_it else SAID[1:]:  # an error of such a message cannot know the name, but for the database
        for written in (name, name.upper()):
            error = said.format(written)
            shown = masked_error(error, kind.topic, body, cut_at=1_000)
            assert shown.split(":")[0] == error.split(":")[0]
            assert not is_named(name, shown)


def test_a_name_that_was_cut_at_the_end_of_an_error_is_not_shown() -> None:
    paid = OrderPaid(order=order("a.jpg"))
    error = "ValueError: no place for Anna Now"

    shown = masked_error(error, paid.topic, paid.model_dump_json().encode(), cut_at=len(error))

    assert shown == "ValueError: no place for *** …"


def test_what_operators_need_stays() -> None:
    paid = OrderPaid(order=order("a.jpg"))
    shown = masked(paid.topic, paid.model_dump_json().encode())
    error = 'UniqueViolationError: duplicate key value violates unique constraint "client_order_pkey"'

    assert shown["order"]["id"] == str(paid.order.id)
    assert (shown["order"]["status"], shown["order"]["total"]) == ("placed", {"amount": 1250, "currency": "PLN"})
    assert (shown["order"]["client"]["name"], shown["order"]["client"]["phone"]) == ("***", "")
    assert masked_error(error, paid.topic, b"{}", cut_at=1_000) == error
    unreadable = "Unreadable: order.client: Field required; order.id: Input should be a valid UUID"
    assert masked_error(unreadable, paid.topic, b"{}", cut_at=1_000) == unreadable


def test_of_changes_only_their_names_are_shown() -> None:
    change = ChangeGallery(gallery_id=order().id, changes={"name": "Anna's", "price_per_photo": 1250, "welcome": ""})

    shown = masked(change.topic, change.model_dump_json().encode())

    assert shown["changes"] == {"name": "***", "price_per_photo": "***", "welcome": ""}


def test_a_body_without_end_is_no_trouble() -> None:
    assert masked(None, b"[" * 100_000) == "***"
