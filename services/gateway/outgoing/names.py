"""Looks up names by threads of its own: one that hangs keeps no thread from other work of the process."""

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

LookUp = Callable[..., list[tuple[Any, ...]]]
"""As `socket.getaddrinfo`."""


class Names(AbstractResolver):
    """Looks up `at_once` names at a time by the operating system."""

    def __init__(self, at_once: int, look_up: LookUp = socket.getaddrinfo) -> None:
        self._threads = ThreadPoolExecutor(at_once, "names")
        self._look_up = partial(look_up, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of `host`."""
        look_up = partial(self._look_up, host, port, family)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        return [
            ResolveResult(
                hostname=host, host=address[0], port=port, family=family, proto=proto, flags=socket.AI_NUMERICHOST
            )
            for family, _, proto, _, address in found
        ]

    async def close(self) -> None:
        """Look up nothing more; does not wait for what hangs."""
        self._threads.shutdown(wait=False, cancel_futures=True)
