"""Each service's AsyncAPI document is whole: what it receives, what it publishes, every payload."""

import ast
import json
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from chassis.bus import make_broker
from chassis.specification import asyncapi, declare_published
from contracts.base import Message
from contracts.gateway import PhotoDownloaded
from contracts.topology import QUEUES, SERVICES

Document = dict[str, Any]


def document_of(service: str) -> Document:
    broker = make_broker("amqp://nowhere", import_module(f"services.{service}.handlers").router)
    declare_published(broker, service)
    document: Document = json.loads(asyncapi(broker, service))
    return document


def channels(document: Document, action: str) -> set[str]:
    used = [operation["channel"] for operation in document["operations"].values() if operation["action"] == action]
    return {channel["$ref"].removeprefix("#/channels/") for channel in used}


def payloads(document: Document, channel: str) -> Any:
    """The JSON schema of what goes through a channel."""
    (message,) = document["channels"][channel]["messages"].values()
    return find(document, find(document, message)["payload"])


def find(document: Document, reference: dict[str, str]) -> Any:
    found: Any = document
    for step in reference["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


def references(document: Any) -> Iterator[dict[str, str]]:
    if isinstance(document, dict):
        if "$ref" in document:
            yield document
        document = list(document.values())
    if isinstance(document, list):
        for each in document:
            yield from references(each)


def topic_of(thing: Any) -> set[str]:
    return {thing.topic} if isinstance(thing, type) and issubclass(thing, Message) and "topic" in vars(thing) else set()


def modules_of(service: str) -> list[ModuleType]:
    package = import_module(f"services.{service}")
    names = [module.name for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    return [import_module(name) for name in names if not name.endswith("__main__") and ".test_" not in name]


def known(service: str) -> set[str]:
    """The topics of all messages that a service's modules know by name."""
    return {topic for module in modules_of(service) for thing in vars(module).values() for topic in topic_of(thing)}


def made(service: str) -> set[str]:
    """The topics of the messages that it makes in so many words."""
    return {
        topic
        for module in modules_of(service)
        for node in ast.walk(ast.parse(Path(module.__file__ or "").read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        for topic in topic_of(getattr(module, node.func.id, None))
    }


def received(service: str) -> dict[str, tuple[type[Message], ...]]:
    return {queue: messages for queue, messages in QUEUES.items() if queue.split(".")[0] == service}


@pytest.mark.parametrize("service", SERVICES)
def test_a_document_lacks_nothing_that_its_service_receives(service: str) -> None:
    document = document_of(service)

    assert channels(document, "receive") == set(received(service))
    for queue, messages in received(service).items():
        payload = payloads(document, queue)
        one_of = [find(document, each) for each in payload["anyOf"]] if len(messages) > 1 else [payload]
        assert [each["title"] for each in one_of] == [message.__name__ for message in messages]


@pytest.mark.parametrize("service", SERVICES)
def test_a_document_lacks_nothing_that_its_service_publishes(service: str) -> None:
    only_received = {message.topic for messages in received(service).values() for message in messages}

    assert made(service) | known(service) - only_received <= channels(document_of(service), "send")


@pytest.mark.parametrize("service", SERVICES)
def test_a_document_promises_nothing_that_its_service_does_not_know(service: str) -> None:
    assert channels(document_of(service), "send") <= known(service)


@pytest.mark.parametrize("service", SERVICES)
def test_whatever_a_document_refers_to_is_in_it(service: str) -> None:
    document = document_of(service)

    for reference in references(document):
        find(document, reference)  # not KeyError


def test_what_nobody_listens_to_is_published_all_the_same() -> None:
    document = document_of("gateway")

    assert payloads(document, PhotoDownloaded.topic)["required"] == ["order_id", "gallery_id", "transfer_ids", "as_zip"]
