"""Contracts only grow, and the table of the bus is whole."""

import copy

import pytest

from contracts.base import Cause, Command, batches, caused_by, uuid7
from contracts.catalogue import every_message
from contracts.orders import OrderPaid, PlaceOrder
from contracts.topology import QUEUES, SERVICES
from tests.contracts.snapshots import FOLDER, broken_promises, snapshot
from tests.making import line, order, place_order

TOPICS = sorted(every_message())


@pytest.mark.parametrize("topic", TOPICS)
def test_a_message_keeps_what_its_snapshot_promises(topic: str) -> None:
    committed = snapshot(topic)
    assert committed is not None, "new message: run 'python -m tests.contracts.snapshots' and commit its snapshot"
    assert broken_promises(committed, every_message()[topic].model_json_schema()) == []


def test_no_message_of_a_snapshot_is_gone() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} <= set(TOPICS)


def test_a_removed_field_a_new_required_one_and_another_type_break_the_promise() -> None:
    old = OrderPaid.model_json_schema()
    new = copy.deepcopy(old)
    order_schema = new["$defs"]["Order"]
    del order_schema["properties"]["number"]
    order_schema["properties"]["revision"]["type"] = "string"
    order_schema["required"].append("shoe_size")
    new["$defs"]["OrderStatus"]["enum"].remove("paid")

    assert sorted(broken_promises(old, new)) == [
        "Order: number is gone",
        "Order: revision has changed",
        "Order: shoe_size is required now",
        "OrderStatus: value paid is gone",
    ]


def test_a_new_optional_field_and_a_new_value_break_nothing() -> None:
    old = OrderPaid.model_json_schema()
    new = copy.deepcopy(old)
    new["$defs"]["Order"]["properties"]["shoe_size"] = {"type": "integer"}
    new["$defs"]["OrderStatus"]["enum"].append("lost")

    assert broken_promises(old, new) == []


def test_a_reader_is_deaf_to_fields_that_it_does_not_know() -> None:
    event = OrderPaid(order=order("a.jpg"))
    newer = event.model_dump(mode="json") | {"invented_later": True}

    assert OrderPaid.model_validate(newer) == event


def test_every_command_is_handled_by_its_owner_alone() -> None:
    for queue, messages in QUEUES.items():
        for message in messages:
            if issubclass(message, Command):
                assert queue.split(".")[0] == message.topic.split(".")[0]
                assert sum(message in others for others in QUEUES.values()) == 1


def test_every_queue_belongs_to_a_service() -> None:
    assert {queue.split(".")[0] for queue in QUEUES} == set(SERVICES)


def test_messages_made_in_answer_carry_their_cause() -> None:
    command = place_order(uuid7(), line("a.jpg"))
    with caused_by(command.as_cause):
        event = OrderPaid(order=order("a.jpg"))

    assert event.correlation_id == command.correlation_id
    assert event.causation_id == command.message_id
    assert PlaceOrder.model_validate_json(command.model_dump_json()) == command


def test_ids_are_version_7_in_order_of_time_and_not_to_be_guessed() -> None:
    ids = [uuid7() for _ in range(1_000)]

    assert {made.version for made in ids} == {7}
    assert {made.variant for made in ids} == {"specified in RFC 4122"}
    assert [made.int >> 80 for made in ids] == sorted(made.int >> 80 for made in ids)
    assert len({made.int & (1 << 62) - 1 for made in ids}) == 1_000


def test_causes_do_not_leak_out_of_their_block() -> None:
    with caused_by(Cause(uuid7())):
        pass
    assert OrderPaid(order=order("a.jpg")).causation_id is None


@pytest.mark.parametrize(("number", "sizes"), [(0, []), (1, [1]), (1_000, [1_000]), (2_001, [1_000, 1_000, 1])])
def test_what_is_many_goes_in_batches_of_a_thousand(number: int, sizes: list[int]) -> None:
    made = list(batches(iter(range(number))))

    assert [len(batch) for batch in made] == sizes
    assert [each for batch in made for each in batch] == list(range(number))
