"""Between the service and the store: requests can be held back here, and answers spoiled or cut off."""

import asyncio
from collections.abc import Callable
from typing import Self
from urllib.parse import urlsplit

_CHUNK = 64 * 1024

Spoil = Callable[[bytes], bytes]


class Strait:
    """A TCP proxy in front of the store at `url`, under the same credentials and bucket."""

    def __init__(self, url: str) -> None:
        self._store = urlsplit(url)
        self._port = 0
        self._held_back: bytes | None = None
        self._free = asyncio.Event()
        self._open: dict[asyncio.StreamWriter, asyncio.Task[None] | None] = {}
        self.holding = asyncio.Event()
        """Set once a request is held back."""
        self.spoil: Spoil | None = None
        """What becomes of each piece of an answer; it may raise `ConnectionError` to cut the answer off."""

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Let ships in, as before."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Cut every connection, and accept none until `open`."""
        self._server.close()
        self.let_pass()
        for writer in self._open:
            writer.transport.abort()
        await asyncio.gather(*filter(None, self._open.values()))

    @property
    def url(self) -> str:
        """Where to find the store behind it."""
        user = self._store.netloc.rpartition("@")[0]
        return self._store._replace(netloc=f"{user}@127.0.0.1:{self._port}").geturl()

    def hold_back(self, method: str, key: str) -> None:
        """Hold back requests of this method for keys that begin so, until `let_pass`."""
        self._held_back = f"{method} {self._store.path}/{key}".encode()
        self._free.clear()
        self.holding.clear()

    def let_pass(self) -> None:
        """Hold back nothing any more."""
        self._held_back = None
        self._free.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open[writer] = asyncio.current_task()
        try:
            store_reader, store_writer = await asyncio.open_connection(self._store.hostname, self._store.port)
            await asyncio.gather(self._requests(reader, store_writer), self._answers(store_reader, writer))
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()
            del self._open[writer]

    async def _requests(self, reader: asyncio.StreamReader, store: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(_CHUNK):
                if self._held_back and piece.startswith(self._held_back):
                    self.holding.set()
                    await self._free.wait()
                store.write(piece)
        finally:
            store.transport.abort()

    async def _answers(self, store: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await store.read(_CHUNK):
                writer.write(self.spoil(piece) if self.spoil else piece)
        finally:
            writer.transport.abort()
