"""How fast the view and entitlements are rebuilt from 100,000 messages: `python -m tests.bench.rebuilding`."""

import resource
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import uvloop

from chassis import outbox
from cli.rebuild import entitlements, gateway
from cli.rebuild.plan import Plan
from contracts.base import Cause, Message, caused_by, utc_now, uuid7
from contracts.entitlements import EntitlementsGranted, Grant, OrderReady, TransferMatched
from contracts.notifier import ClientNotified, MailState, Notification, NotificationProgressed
from contracts.orders import GalleryOpened, OrderPaid, OrderPlaced, OrderStatus
from contracts.transfers import PhotoUploaded, TransferUploaded
from deploy.local.servers import Postgres
from tests.cli.rebuild.installation import TELLERS, Installation
from tests.gateway.making import photo_uploaded, transfer_uploaded
from tests.gateway.view.test_orders_of_arrival import SIGNER
from tests.making import gallery, order

GALLERIES = 70
PHOTOS = 300
FINALS = 200
ORDERS = 100
LINES = 5


def of_gallery() -> Iterator[Message]:
    """All that a gallery's clients and photographer do until everybody is mailed."""
    shoot = gallery()
    names = [f"IMG_{number:04}.jpg" for number in range(PHOTOS)]
    with caused_by(Cause(uuid7())):
        photos = [photo_uploaded(str(shoot.id), name) for name in names]
        finals = [transfer_uploaded(str(shoot.id), name) for name in names[:FINALS]]
    yield GalleryOpened(gallery=shoot)
    yield from (*photos, *finals)
    for revision, (photo, final) in enumerate(zip(photos, finals, strict=False), 1):
        about = {"gallery_id": shoot.id, "photo_id": photo.photo.id, "by_hand": False, "revision": revision}
        yield TransferMatched(transfer_id=final.transfer.id, **about)
    for number in range(ORDERS):
        yield from of_order(shoot.id, number, photos, finals)


def of_order(
    gallery_id: UUID, number: int, photos: list[PhotoUploaded], finals: list[TransferUploaded]
) -> Iterator[Message]:
    """An order of photos that have their finals."""
    first = number % (FINALS - LINES)
    chosen, given = photos[first : first + LINES], finals[first : first + LINES]
    placed = order(*(each.photo.filename for each in chosen), gallery_id=gallery_id, number=number + 1)
    lines = [
        line.model_copy(update={"photo_id": each.photo.id}) for line, each in zip(placed.lines, chosen, strict=True)
    ]
    placed = placed.model_copy(update={"lines": tuple(lines)})
    grants = tuple(
        Grant(order_id=placed.id, photo_id=photo.photo.id, transfer_id=final.transfer.id)
        for photo, final in zip(chosen, given, strict=True)
    )
    yield OrderPlaced(order=placed)
    yield OrderPaid(order=placed.model_copy(update={"status": OrderStatus.PAID, "revision": 2}))
    about = {"gallery_id": gallery_id, "revision": 1000 + number}
    yield EntitlementsGranted(grants=grants, **about)
    yield OrderReady(order_id=placed.id, grants=grants, **about)
    for revision, state in enumerate((MailState.QUEUED, MailState.SENDING, MailState.SENT), 1):
        kind = ClientNotified if state is MailState.SENT else NotificationProgressed
        mail = {"order_id": placed.id, "gallery_id": gallery_id, "state": state, "changed_at": utc_now()}
        yield kind(notification=Notification(**mail, attempt=1, revision=revision), correlation_id=uuid7())


async def fill(there: Installation) -> int:
    """Write the log; returns how many messages it has."""
    number = 0
    for _ in range(GALLERIES):
        messages = list(of_gallery())
        for service, db in there.services.items():
            async with db.transaction() as tx:
                await outbox.emit(tx, *(each for each in messages if TELLERS[type(each)] == service))
        number += len(messages)
    return number


async def measure(there: Installation, name: str, plan: Plan) -> None:
    """Print what a rebuild has done."""
    before = time.process_time()
    result = await there.rebuild(plan)
    found = sum(each.missing + each.wrong + each.invented for each in result.differences.values())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
    print(
        f"{name:30} {result.events:8} messages {result.rows:8} rows {found:8} differences {result.told:6} told "
        f"{result.seconds:6.1f} s {result.events / result.seconds:8.0f}/s "
        f"CPU {time.process_time() - before:5.1f} s held {result.held:5.2f} s {memory} MB",
        flush=True,
    )


async def main() -> None:
    """Measure on a private PostgreSQL that writes its log to disk, as in production."""
    with TemporaryDirectory() as folder:
        async with (
            Postgres(Path(folder) / "postgres") as postgres,
            Installation(await postgres.create_database("bench")) as there,
        ):
            print(f"{await fill(there)} messages", flush=True)
            for name, plan in (("gateway", gateway.plan(SIGNER)), ("entitlements", entitlements.plan())):
                await measure(there, f"{name}, lost", plan)
                await measure(there, f"{name}, as it should be", plan)


if __name__ == "__main__":
    uvloop.run(main())
