"""What stands before several copies of a server."""

import asyncio
from contextlib import suppress
from itertools import count
from types import TracebackType
from typing import Self

from deploy.local.ports import HOST

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Balancer:
    """Passes each connection on to the next of those of `ports` that are `in_use` and take it."""

    def __init__(self, port: int, ports: dict[str, int]) -> None:
        self.port = port
        self.ports = ports
        self.in_use = set(ports)
        self._turn = count()
        self._server: asyncio.Server

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._pass_on, HOST, self.port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if connected := await self._connect():
            there, back = connected
            async with asyncio.TaskGroup() as both:
                both.create_task(_copy(reader, back))
                both.create_task(_copy(there, writer))
        else:
            writer.close()

    async def _connect(self) -> Streams | None:
        names, turn = sorted(self.in_use), next(self._turn)
        for number in range(len(names)):
            with suppress(ConnectionRefusedError):
                return await asyncio.open_connection(HOST, self.ports[names[(turn + number) % len(names)]])
        return None


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
