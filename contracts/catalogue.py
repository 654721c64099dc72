"""Every message there is, and who publishes it; found in the code, so that no list has to be kept."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

import contracts
from contracts.base import Command, Message


def every_message() -> dict[str, type[Message]]:
    """All messages by topic, also those that nobody listens to."""
    for module in pkgutil.iter_modules(contracts.__path__, "contracts."):
        import_module(module.name)
    messages = [kind for kind in _below(Message) if "topic" in vars(kind) and kind.__module__.startswith("contracts.")]
    return {message.topic: message for message in messages}


def published_by(service: str) -> list[type[Message]]:
    """The service's own events; of the gateway, also every command."""
    return [message for message in every_message().values() if _publisher(message) == service]


def _publisher(message: type[Message]) -> str:
    return "gateway" if issubclass(message, Command) else message.topic.split(".")[0]


def _below(kind: type[Message]) -> Iterator[type[Message]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)
