"""Resident memory of each service at rest."""

from contracts.topology import SERVICES
from deploy.local.supervisor import Supervisor
from tests.bench.processes import resident_mb


def memory(stack: Supervisor, when: str) -> dict[str, float]:
    """Megabytes of each service's process and its children."""
    return {f"{name}, MB {when} (under 120)": resident_mb(stack.pid(name)) for name in SERVICES}
