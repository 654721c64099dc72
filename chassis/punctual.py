"""HTTP connections whose other end has to keep going: uvicorn by itself waits for headers and readers for ever."""

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Punctual(HttpToolsProtocol):
    """Closes a connection that has no whole request within a time, sends endless headers, or reads nothing."""

    asks_within: ClassVar[float] = 20
    """Seconds from a connection's beginning, or a request's first byte, to the end of the request's headers."""
    reads_within: ClassVar[float] = 120
    """Seconds to take some of what waits to be sent. A slow phone may need a minute for what the kernel holds."""
    largest_head: ClassVar[int] = 65_536
    """Bytes of a request's headers that may come without their end."""

    _late: asyncio.TimerHandle | None = None
    _stuck: asyncio.TimerHandle | None = None
    _head = 0
    _in_body = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first request is waited for."""
        super().connection_made(transport)
        self._late = self.loop.call_later(self.asks_within, transport.abort)

    def data_received(self, data: bytes) -> None:
        """Parse; what comes while nothing is being answered is a head, or left of a body that nobody wanted."""
        is_head = not self._in_body
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            return
        self._late = self._late or self.loop.call_later(self.asks_within, self.transport.abort)
        self._head += len(data) if is_head else 0
        if self._head > self.largest_head and not self.transport.is_closing():
            self.send_400_response("The request's headers are too large.")

    def on_headers_complete(self) -> None:
        """There is a request."""
        self._is_asked()
        self._in_body = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Another may follow."""
        self._in_body = False
        super().on_message_complete()

    def _is_asked(self) -> None:
        self._head = 0
        if self._late:
            self._late.cancel()
            self._late = None

    def pause_writing(self) -> None:
        """The other end reads more slowly than we send."""
        super().pause_writing()
        self._stuck = self._stuck or self.loop.call_later(self.reads_within, self.transport.abort)

    def resume_writing(self) -> None:
        """It has read."""
        super().resume_writing()
        if self._stuck:
            self._stuck.cancel()
            self._stuck = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._is_asked()
        super().connection_lost(exc)
