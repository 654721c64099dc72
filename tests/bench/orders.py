"""Placing orders: how long one takes, what many cost."""

import asyncio
import statistics
import time

from deploy.local.supervisor import Supervisor
from tests.bench.processes import cpu_seconds
from tests.e2e.people import GalleryDesk, Photographer, World

ONE_BY_ONE = 300
AT_ONCE = 16
EACH = 60


async def orders(stack: Supervisor, world: World) -> dict[str, float]:
    """Milliseconds to an answer on an idle system; orders a second and CPU time an order under load."""
    desk = await (await Photographer.sign_up(world)).open_gallery()
    photo_ids = list((await desk.add_photos("a.jpg", "b.jpg", "c.jpg")).values())
    await place(desk, photo_ids)
    times = [await place(desk, photo_ids) for _ in range(ONE_BY_ONE)]
    before, began = cpu_times(stack), time.perf_counter()
    await asyncio.gather(*(place_many(desk, photo_ids) for _ in range(AT_ONCE)))
    elapsed = time.perf_counter() - began
    spent = {name: after - before[name] for name, after in cpu_times(stack).items()}
    count = AT_ONCE * EACH
    return {
        "order, idle, median ms (under 30)": statistics.median(times) * 1e3,
        "order, idle, 99th percentile ms (under 100)": statistics.quantiles(times, n=100)[98] * 1e3,
        f"orders/s, {AT_ONCE} at a time": count / elapsed,
        **{f"CPU ms an order, {name}": seconds / count * 1e3 for name, seconds in spent.items()},
    }


async def place(desk: GalleryDesk, photo_ids: list[str]) -> float:
    """Seconds until the answer is in hand."""
    began = time.perf_counter()
    await desk.order(*photo_ids)
    return time.perf_counter() - began


async def place_many(desk: GalleryDesk, photo_ids: list[str]) -> None:
    for _ in range(EACH):
        await place(desk, photo_ids)


def cpu_times(stack: Supervisor) -> dict[str, float]:
    """Seconds of CPU that each process has used, user and system."""
    return {name: cpu_seconds(stack.pid(name)) for name in ("gateway", "orders")}
