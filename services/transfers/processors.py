"""How many decoders may work at once."""

import os
from math import ceil
from pathlib import Path

_QUOTA = Path("/sys/fs/cgroup/cpu.max")
"""Of the container, as "quota period" or "max period" (cgroup v2)."""


def usable_processors(quota: Path = _QUOTA) -> int:
    """Processors that this process may use: of the machine, and of its container, rounded up."""
    of_machine = len(os.sched_getaffinity(0))
    if not quota.exists():
        return of_machine
    granted, period = quota.read_text().split()
    return of_machine if granted == "max" else min(of_machine, ceil(int(granted) / int(period)))
