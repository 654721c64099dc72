"""The HTTP API, as the command line uses it."""

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self

import aiohttp

from cli.config import Account
from cli.errors import Exit, Failure

Json = dict[str, Any]

PATIENCE = 60
"""Seconds to wait for a write that the server has accepted and not yet done."""


class Api:
    """`async with Api(account) as api`: every call returns its JSON or raises `Failure` with the server's own words."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {token}"} if token else {"Origin": self.url}
        cookies = aiohttp.CookieJar(unsafe=True)  # also for a server that has an address and no name
        self.http = aiohttp.ClientSession(headers=headers, cookie_jar=cookies)

    @classmethod
    def of(cls, account: Account) -> Self:
        """The API for who is logged in."""
        return cls(account.url, account.token)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.close()

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """One call below `/api/v1`; waits for writes that take longer."""
        answer, later = await self._ask(method, f"/api/v1{path}", body)
        return await self._final(later) if later else answer

    async def _final(self, location: str | None) -> Any:
        answer, pause = None, 0.1
        try:
            async with asyncio.timeout(PATIENCE):
                while location:
                    await asyncio.sleep(pause)
                    pause = min(pause * 1.5, 2.0)
                    answer, location = await self._ask("GET", location)
        except TimeoutError:
            raise Failure("The server has accepted this and will do it, but not just now; look again later.") from None
        return answer

    async def _ask(self, method: str, path: str, body: Any = None) -> tuple[Any, str | None]:
        """The JSON of an answer; and where to ask for the final one, when this one only says that it will come."""
        while True:
            try:
                async with self.http.request(method, f"{self.url}{path}", json=body) as answer:
                    if not (pause := await _pause(answer)):
                        return await _checked(answer), answer.headers.get("Location") if answer.status == 202 else None
            except (aiohttp.ClientError, TimeoutError) as error:
                problem = str(error) or type(error).__name__
                raise Failure(f"{self.url} cannot be reached: {problem}", Exit.UNREACHABLE) from None
            await asyncio.sleep(pause)

    async def pages(self, path: str) -> AsyncIterator[Json]:
        """Every item of a list, page by page."""
        cursor, join = "", "&" if "?" in path else "?"
        while True:
            page = await self.call("GET", f"{path}{join}limit=500{cursor}")
            for item in page["items"]:
                yield item
            if page["next"] is None:
                return
            cursor = f"&cursor={page['next']}"


async def _pause(answer: aiohttp.ClientResponse) -> int:
    """Seconds to wait before asking once more, where only too much was asked at once."""
    if answer.status != 429 or answer.content_type != "application/problem+json":
        return 0
    code = (await answer.json(content_type=None))["type"].rpartition("/")[2]
    return int(answer.headers["Retry-After"]) if code == "too-many-requests" else 0


async def _checked(answer: aiohttp.ClientResponse) -> Any:
    body = await answer.json(content_type=None) if "json" in answer.content_type else None
    if answer.status < 400:
        return body
    code = Exit.NOT_LOGGED_IN if answer.status == 401 else Exit.REFUSED
    raise Failure((body or {}).get("detail") or f"The server answered {answer.status}.", code)
