"""Certificates of deleted galleries, as the gateway lists them."""

from datetime import UTC, datetime
from uuid import UUID

from contracts.erasure import OrdersErased, TransfersErased
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
