"""Load from a process of its own: requests a second over keep-alive connections.

It speaks just enough HTTP/1.1 for that, because on a small machine the client's CPU is the server's.
"""

import asyncio
import json
import sys
from itertools import cycle
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import uvloop

CONNECTIONS = 16
SECONDS = 0.5


class Sent(NamedTuple):
    """A request."""

    method: str
    url: str
    headers: dict[str, str]
    body: str = ""

    def wire(self) -> bytes:
        """As it goes over the connection."""
        it, body = urlsplit(self.url), self.body.encode()
        headers = {"Host": it.netloc, **self.headers, **({"Content-Length": str(len(body))} if body else {})}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{self.method} {it.path}?{it.query} HTTP/1.1\r\n{lines}\r\n".encode() + body


async def rate(urls: list[str], expected: int) -> float:
    """Requests a second that the server at `urls` (used in turn) answers with the `expected` status."""
    return await rate_of([Sent("GET", url, {}) for url in urls], expected)


async def rate_of(requests: list[Sent], expected: int) -> float:
    """The same for any requests, used in turn."""
    command = [sys.executable, "-m", "tests.bench.load", str(expected)]
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate(json.dumps(requests).encode())
    result: dict[str, Any] = json.loads(output)
    if result["wrong"]:
        raise RuntimeError(f"{result['wrong']} answers were not {expected}: {requests[0].url}")
    return float(result["rate"])


class _Connection(asyncio.Protocol):
    """One connection that asks again as soon as it is answered."""

    def __init__(self, requests: "cycle[bytes]", expected: int) -> None:
        self.requests = requests
        self.status = b" %d " % expected
        self.answered = self.wrong = self.missing = 0
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._ask()

    def _ask(self) -> None:
        self.transport.write(next(self.requests))

    def data_received(self, data: bytes) -> None:
        if not self.missing:
            head, _, body = data.partition(b"\r\n\r\n")
            self.wrong += self.status not in head[:14]
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
            self.missing = int(length or 0)
            data = body
        self.missing -= len(data)
        if self.missing <= 0:
            self.missing = 0
            self.answered += 1
            self._ask()


async def _load(expected: int, sent: list[Sent]) -> None:
    server = urlsplit(sent[0].url)
    host, port = server.hostname or "", server.port or 80
    requests = cycle([each.wire() for each in sent])
    loop = asyncio.get_running_loop()
    connections = [
        (await loop.create_connection(lambda: _Connection(requests, expected), host, port))[1]
        for _ in range(CONNECTIONS)
    ]
    await asyncio.sleep(SECONDS / 4)  # warm up
    before = sum(each.answered for each in connections)
    began = loop.time()
    await asyncio.sleep(SECONDS)
    answered = sum(each.answered for each in connections) - before
    figures = {"rate": answered / (loop.time() - began), "wrong": sum(each.wrong for each in connections)}
    print(json.dumps(figures))


if __name__ == "__main__":
    uvloop.run(_load(int(sys.argv[1]), [Sent(*each) for each in json.load(sys.stdin)]))
