"""Composition root of entitlements."""

from chassis.service import Service, run
from chassis.settings import ServiceSettings
from services.entitlements.handlers import router


def main() -> None:
    """Run the service until it is told to stop."""
    run(Service("entitlements", ServiceSettings(), router))
