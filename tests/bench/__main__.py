"""`make bench`: every figure, measured in one run on this machine; ratios are what counts."""

import asyncio
import os
import platform
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import aiohttp

from deploy.local.config import Config
from deploy.local.ports import free_port
from deploy.local.supervisor import Supervisor
from tests.bench import previews, zip
from tests.bench.memory import memory
from tests.bench.orders import orders
from tests.bench.pages import pages
from tests.bench.readiness import readiness
from tests.bench.reads import reads
from tests.bench.webhooks import webhooks
from tests.e2e.people import World

Bench = Callable[[Supervisor, World], Awaitable[Mapping[str, float]]]
ON_A_STACK: tuple[Bench, ...] = (reads, pages, orders, readiness, webhooks)


async def main() -> None:
    """Run all, print as they come."""
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for bench in ON_A_STACK:
        await _on_a_stack(bench)
    print(zip.report(await zip.measure()))
    print(previews.report(await previews.measure()))


async def _on_a_stack(bench: Bench) -> None:
    """A stack of its own, durable as in use, so that no benchmark works in the wake of another."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(port=free_port(), mail_port=free_port(), data=Path(folder), rate_limits="off")
        async with Supervisor(config) as stack, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            assert stack.servers.mail is not None
            show(memory(stack, "at rest"))
            show(await bench(stack, World(stack.url, stack.servers.mail.web_url, http)))
            show(memory(stack, "afterwards"))


def show(figures: Mapping[str, float]) -> None:
    """One line a figure."""
    for name, value in figures.items():
        print(f"{name:55} {value:10.2f}", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
