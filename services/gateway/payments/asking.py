"""Providers without a library of their own are asked by plain HTTP."""

import json
from dataclasses import dataclass
from typing import Any, TypeVar

from aiohttp import ClientError, ClientResponse, ClientSession
from pydantic import BaseModel, ValidationError

from services.gateway.payments.providers import ProviderRefused, ProviderUnreachable, unreadable

M = TypeVar("M", bound=BaseModel)

LARGEST = 1_000_000
"""Bytes of an answer."""
LATER = (408, 425, 429)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider has answered: an object, also where it refuses."""

    status: int
    body: dict[str, Any]

    @property
    def accepted(self) -> bool:
        """Whether the provider has done it; PayU answers so with a redirect for browsers."""
        return self.status < 400


async def ask(http: ClientSession, method: str, url: str, **request: Any) -> Answer:
    """One request. Redirects are not followed. Raises `ProviderUnreachable`, `ProviderRefused` for what is no JSON."""
    try:
        async with http.request(method, url, allow_redirects=False, **request) as answer:
            status, body = answer.status, await _read(answer)
    except (ClientError, TimeoutError) as error:
        raise ProviderUnreachable(type(error).__name__) from None
    if status >= 500 or status in LATER:
        raise ProviderUnreachable(f"answered {status}")
    return Answer(status, _object(status, body))


def refusal(answer: Answer, code: object = None) -> ProviderRefused:
    """For the log: nothing of what the provider writes beside its code."""
    said = str(code)[:100] if isinstance(code, str | int) else ""
    return ProviderRefused(f"answered {answer.status} {said}".strip())


def understood(kind: type[M], document: object) -> M:
    """A part of an answer. Raises `ProviderRefused` where it is not what the documentation says."""
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        raise ProviderRefused(unreadable(error)) from None


async def _read(answer: ClientResponse) -> bytes:
    body = bytearray()
    async for piece in answer.content.iter_any():
        body += piece
        if len(body) > LARGEST:
            raise ProviderRefused(f"answered {answer.status} and was too long")
    return bytes(body)


def _object(status: int, body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise ProviderRefused(f"answered {status} and no JSON object")
    return document
