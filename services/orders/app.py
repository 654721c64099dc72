"""Composition root of orders."""

from chassis.service import Service, run
from chassis.settings import ServiceSettings
from services.orders.handlers import router


def main() -> None:
    """Run the service until it is told to stop."""
    run(Service("orders", ServiceSettings(), router))
