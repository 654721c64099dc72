"""Certificates of deleted galleries, as the gateway lists them."""

from datetime import UTC, datetime
from uuid import UUID

from contracts.erasure import EntitlementsErased, NotifierErased, OrdersErased, TransfersErased
from contracts.orders import GalleryDeleted
from tests.gateway.client import StudioClient
from tests.gateway.running import RunningGateway


async def test_what_was_deleted_last_comes_first_and_is_told_apart_by_what_it_had(
    gateway: RunningGateway, studio: StudioClient
) -> None:
    made = [UUID((await studio.open_gallery())["id"]) for _ in range(3)]
    deleted = [made[1], made[2], made[0]]
    for day, gallery_id in enumerate(deleted, 1):
        await gateway.tell(GalleryDeleted(gallery_id=gallery_id, occurred_at=datetime(2026, 6, day, tzinfo=UTC)))
        await gateway.tell(
            OrdersErased(deleted_id=gallery_id, counts={"orders": day}),
            TransfersErased(deleted_id=gallery_id, counts={"photos": 10 * day}),
        )

    first = (await studio.get("/api/v1/deletions?limit=2")).expect(200)
    last = (await studio.get(f"/api/v1/deletions?limit=2&cursor={first['next']}")).expect(200)
    assert [UUID(item["gallery_id"]) for item in first["items"] + last["items"]] == deleted[::-1]
    assert last["next"] is None
    page = (await studio.get("/account", headers={"Accept": "text/html"})).body.decode()
    lines = [page.index(f"{10 * day} photos · {day} order") for day in (3, 2, 1)]
    assert lines == sorted(lines)


async def test_a_certificate_is_finished_when_its_last_part_is_to_the_letter(
    gateway: RunningGateway, studio: StudioClient
) -> None:
    gallery_id = UUID((await studio.open_gallery())["id"])
    later = datetime(2099, 6, 1, 12, microsecond=35_270, tzinfo=UTC)  # with a 0 that PostgreSQL leaves out
    parts = (OrdersErased, TransfersErased, EntitlementsErased, NotifierErased)
    await gateway.tell(GalleryDeleted(gallery_id=gallery_id))
    await gateway.tell(*(part(deleted_id=gallery_id, counts={}, occurred_at=later) for part in parts))

    certificate = (await studio.get(f"/api/v1/deletions/{gallery_id}")).expect(200)
    assert certificate["finished_at"] == certificate["services"]["notifier"]["finished_at"]
    assert datetime.fromisoformat(certificate["finished_at"]) == later
