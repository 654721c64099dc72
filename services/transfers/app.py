"""Composition root of transfers."""

from chassis.objects import ObjectStore
from chassis.service import Service, run
from services.transfers.handlers import WORKERS, router
from services.transfers.intake import Intake
from services.transfers.jobs import Limits
from services.transfers.scratch import scratch_folder
from services.transfers.settings import TransfersSettings
from services.transfers.sweep import sweep_for_ever
from services.transfers.workshop import Workshop

CALLS = 3 * WORKERS + 2
"""How many calls to the store may run at once: an upload's file and previews, and the sweep besides."""


def main() -> None:
    """Run the service until it is told to stop."""
    settings = TransfersSettings()

    async def compose(service: Service) -> None:
        objects = ObjectStore(settings.s3_url.get_secret_value(), connections=CALLS)
        service.stack.push_async_callback(objects.close)
        await service.until_there("the object store", objects.ensure_bucket)
        service.health.checks["the object store"] = objects.reachable
        workshop = Workshop(WORKERS, Limits(settings.max_upload_bytes, settings.max_upload_pixels))
        scratch = service.stack.enter_context(scratch_folder(settings.scratch))
        service.stack.push_async_callback(workshop.close)
        service.provide(objects=objects, intake=Intake(objects, workshop, scratch))
        service.once_caught_up(lambda: sweep_for_ever(service.db, objects))

    run(Service("transfers", settings, router), compose)
