"""Resident memory of each service at rest."""

from pathlib import Path

from contracts.topology import SERVICES
from deploy.local.supervisor import Supervisor


def memory(stack: Supervisor, when: str) -> dict[str, float]:
    """Megabytes of each service's process and its children."""
    return {f"{name}, MB {when} (under 120)": sum(map(_resident, _family(stack.pid(name)))) for name in SERVICES}


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _family(int(child)))]


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024
