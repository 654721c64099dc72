"""A stand-in for an object store that stops in the middle of an answer."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from deploy.local.ports import HOST


class StallingStore:
    """Objects of zero bytes. Of those whose key begins with `stalls`, it sends half of what is asked for."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.stalled = 0
        """How many answers wait half-way, their connections open."""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Its address, with credentials that mean nothing."""
        server = await asyncio.start_server(self._serve, HOST)
        async with server:
            yield f"http://key:secret@{HOST}:{server.sockets[0].getsockname()[1]}/bucket"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await self._request(reader):
            key, start, end = request
            head = f"HTTP/1.1 206 OK\r\nContent-Length: {end - start}\r\n"
            writer.write(f"{head}Content-Range: bytes {start}-{end - 1}/{self.size}\r\n\r\n".encode())
            if key.startswith("stalls"):
                writer.write(bytes((end - start) // 2))
                await self._until_given_up(reader)
                break
            writer.write(bytes(end - start))
        writer.close()

    async def _request(self, reader: asyncio.StreamReader) -> tuple[str, int, int] | None:
        try:
            request = (await reader.readuntil(b"\r\n\r\n")).decode()
        except asyncio.IncompleteReadError:
            return None
        found = re.search(r"(?s)GET /bucket/([^?]+).*Range: bytes=(\d+)-(\d+)", request)
        assert found, request
        return found[1], int(found[2]), int(found[3]) + 1

    async def _until_given_up(self, reader: asyncio.StreamReader) -> None:
        self.stalled += 1
        try:
            await reader.read()
        except ConnectionError:
            pass
        finally:
            self.stalled -= 1
