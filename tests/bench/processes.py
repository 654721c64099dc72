"""What processes and their children use, as /proc tells."""

import os
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process, its children, and theirs."""
    children: list[str] = []
    with suppress(OSError):  # it has just ended
        for thread in Path(f"/proc/{pid}/task").glob("*/children"):
            children += thread.read_text().split()
    return [pid, *(each for child in children for each in family(int(child)))]


def resident_mb(pid: int) -> float:
    """Memory of the family."""
    return sum(_resident(each) for each in family(pid)) / 1024


def cpu_seconds(pid: int) -> float:
    """User and system time of the family, those that have ended included."""
    return sum(_ticks(each) for each in family(pid)) / TICKS


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()[0])


def _ticks(pid: int) -> int:
    """utime, stime, cutime, cstime: proc(5). One that has just ended is in its parent's at the next look."""
    try:
        return sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]))
    except OSError:
        return 0
