"""An HTTP client in a process of its own: `await fetch(…)` here, `python -m tests.bench.fetching` there."""

import asyncio
import json
import sys
from collections.abc import Sequence
from time import perf_counter

import aiohttp
import uvloop


async def fetch(urls: Sequence[str], clients: int) -> float:
    """Bytes a second, of `clients` that each get all of the URLs, one after the other."""
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await client.communicate(json.dumps([urls, clients]).encode())
    return float(output)


async def _measure(urls: Sequence[str], clients: int) -> float:
    async with aiohttp.ClientSession() as http:
        start = perf_counter()
        received = await asyncio.gather(*(_get_all(http, urls) for _ in range(clients)))
        return sum(received) / (perf_counter() - start)


async def _get_all(http: aiohttp.ClientSession, urls: Sequence[str]) -> int:
    received = 0
    for url in urls:
        async with http.get(url) as answer:
            answer.raise_for_status()
            async for block in answer.content.iter_any():
                received += len(block)
    return received


if __name__ == "__main__":
    print(uvloop.run(_measure(*json.load(sys.stdin))))
