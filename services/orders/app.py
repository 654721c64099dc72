"""Composition root of orders."""

from chassis.service import Service, run
from services.orders.handlers import router
from services.orders.keeping import delete_for_ever
from services.orders.settings import OrdersSettings


def main() -> None:
    """Run the service until it is told to stop."""
    settings = OrdersSettings()

    async def compose(service: Service) -> None:
        service.once_caught_up(lambda: delete_for_ever(service.db, settings.delete_every))

    run(Service("orders", settings, router), compose)
