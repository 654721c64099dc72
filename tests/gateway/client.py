"""A small HTTP client of the gateway: what a photographer's program would do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL


@dataclass(frozen=True)
class Answer:
    """What the gateway said."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes
    json: Any
    """None unless the body is JSON."""

    def expect(self, status: int) -> Any:
        """The JSON of an answer with this status."""
        assert self.status == status, f"{self.status} instead of {status}: {self.body.decode(errors='replace')}"
        return self.json


class Caller:
    """Somebody who calls the gateway with these headers; paths begin with `/`, or are whole URLs."""

    def __init__(self, http: aiohttp.ClientSession, url: str, headers: dict[str, str] | None = None) -> None:
        self.http = http
        self.url = url
        self.headers = headers or {}

    async def call(self, method: str, path: str, headers: dict[str, str] | None = None, **given: Any) -> Answer:
        """One request, and its whole answer. Redirects are not followed."""
        async with self.asking(method, path, headers=headers, **given) as answer:
            body = await answer.read()
            is_json = "json" in answer.headers.get("Content-Type", "")
            shown = await answer.json(content_type=None) if is_json else None
            return Answer(answer.status, answer.headers, body, shown)

    @asynccontextmanager
    async def asking(
        self, method: str, path: str, headers: dict[str, str] | None = None, **given: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """One request, its answer to be read by the caller."""
        url = URL(path if "://" in path else self.url + path, encoded=True)
        sent = {**self.headers, **(headers or {})}
        async with self.http.request(method, url, headers=sent, allow_redirects=False, **given) as answer:
            yield answer

    async def get(self, path: str, **given: Any) -> Answer:
        """GET"""
        return await self.call("GET", path, **given)

    async def post(self, path: str, json: Any = None, **given: Any) -> Answer:
        """POST"""
        return await self.call("POST", path, json=json, **given)

    async def put(self, path: str, data: bytes | AsyncIterator[bytes] | None = None, **given: Any) -> Answer:
        """PUT"""
        return await self.call("PUT", path, data=BytesIO(data) if isinstance(data, bytes) else data, **given)

    async def patch(self, path: str, json: Any, **given: Any) -> Answer:
        """PATCH"""
        return await self.call("PATCH", path, json=json, **given)

    async def delete(self, path: str, **given: Any) -> Answer:
        """DELETE"""
        return await self.call("DELETE", path, **given)


class StudioClient(Caller):
    """A signed-up studio with an API token."""

    async def open_gallery(self, **settings: Any) -> dict[str, Any]:
        """A new gallery: 12.50 PLN a photo. Needs the orders service."""
        asked = {"name": "Class 3b", "currency": "PLN", "price_per_photo": 1250, **settings}
        gallery: dict[str, Any] = (await self.post("/api/v1/galleries", asked)).expect(201)
        return gallery
