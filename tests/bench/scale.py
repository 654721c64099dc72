"""`make bench-scale`: how much 1, 2 and 4 copies of each service do on this machine, what it costs, what limits it."""

import asyncio
import os
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from contracts.topology import SERVICES
from deploy.local.config import Config
from deploy.local.ports import free_port
from deploy.local.supervisor import Supervisor
from tests.bench.processes import TICKS, cpu_seconds
from tests.bench.readiness import database
from tests.bench.shop import Shop
from tests.e2e.people import World

COPIES = (1, 2, 4)
WORK = (Shop.at_rest, Shop.told_orders, Shop.orders, Shop.mails, Shop.uploads, Shop.listings)
CORES = os.cpu_count() or 1
FULL = 0.85
"""Of a core, or of all: no more is to be had."""
CLIENTS = "clients"
"""This process."""
ON_ONE_CORE = {"gateway", "orders", "entitlements", "notifier", "mail", CLIENTS}


@dataclass(frozen=True)
class Used:
    """Seconds."""

    time: float
    cpu: Counter[str]
    """By process."""
    busy: float
    """Of all cores together, also with what is none of ours."""

    @classmethod
    def until_now(cls, stack: Supervisor) -> "Used":
        """Since their start."""
        names = [*stack.services, *(server.name for server in stack.servers)]
        own = os.times()
        cpu = Counter({CLIENTS: own.user + own.system} | {name: cpu_seconds(stack.pid(name)) for name in names})
        user, nice, system, _, _, *interrupts = map(int, Path("/proc/stat").read_text().split()[1:9])
        return cls(time.perf_counter(), cpu, sum((user, nice, system, *interrupts)) / TICKS)

    def since(self, before: "Used") -> "Used":
        """The difference."""
        return Used(self.time - before.time, self.cpu - before.cpu, self.busy - before.busy)

    def by_service(self) -> Counter[str]:
        """All copies together."""
        together: Counter[str] = Counter()
        for name, seconds in self.cpu.items():
            together[_service(name)] += seconds
        return together

    def limit(self) -> str:
        """What was used up."""
        alone = {name: seconds for name, seconds in self.cpu.items() if _service(name) in ON_ONE_CORE}
        busiest = max(alone, key=alone.__getitem__)
        if self.busy >= FULL * CORES * self.time:
            foreign = (self.busy - self.cpu.total()) / self.time
            return f"all {CORES} cores are busy, {foreign:.1f} of them with other programs"
        if alone[busiest] >= FULL * self.time:
            return f"{busiest} fills its core"
        return f"nothing is full: the disk, locks, turns ({busiest} is busiest)"


def _service(process: str) -> str:
    return process.split("-")[0]


async def main() -> None:
    """Print as it comes."""
    for copies in COPIES:
        print(f"{copies} of each service, {CORES} cores")
        with tempfile.TemporaryDirectory() as folder:
            await _with_copies(copies, Path(folder))


async def _with_copies(copies: int, folder: Path) -> None:
    config = Config(
        port=free_port(), mail_port=free_port(), data=folder, rate_limits="off", copies=dict.fromkeys(SERVICES, copies)
    )
    async with Supervisor(config) as stack, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        assert stack.servers.mail is not None
        view = await database(stack, "gateway")
        shop = await Shop.open(stack, World(stack.url, stack.servers.mail.web_url, http), view)
        for work in WORK:
            size, events, before = await shop.database_kb(), await shop.handled(), Used.until_now(stack)
            done = await work(shop)
            used = Used.until_now(stack).since(before)
            more = await shop.handled() - events, await shop.database_kb() - size
            print(report(work.__name__.replace("_", " "), done, used, *more), flush=True)
        await view.close()


def report(what: str, done: int, used: Used, events: int, kb: float) -> str:
    """How much a second, what each took, what limited it; `events` are deliveries that were handled."""
    costs = ", ".join(f"{name} {s / done * 1e3:.2f}" for name, s in used.by_service().most_common() if s >= 0.05)
    return (
        f"  {what}: {done / used.time:.1f}/s, {events / used.time:.1f} events/s ({done} in {used.time:.1f} s)\n"
        f"    each: {used.cpu.total() / done * 1e3:.2f} ms of CPU ({costs}), "
        f"{events / done:.1f} events, {kb / done:.1f} KB of PostgreSQL\n"
        f"    {used.cpu.total() / used.time:.2f} cores; {used.limit()}"
    )


if __name__ == "__main__":
    asyncio.run(main())
