"""What becomes of baskets."""

from uuid import UUID

from services.gateway.view import baskets
from tests.gateway.links.scene import Scene, Shoot
from tests.gateway.making import photo_uploaded
from tests.waiting import eventually


async def _choose(shoot: Shoot) -> UUID:
    """Somebody new puts a new photo into a basket."""
    uploaded, gateway = photo_uploaded(str(shoot.id), "a.jpg"), shoot.scene.gateway
    await gateway.tell(uploaded)
    heart = f"/g/{shoot.public_token}/chosen/{uploaded.photo.id}?photos=60"
    answer = await gateway.client.call("POST", heart, {"Origin": gateway.url}, data={"chosen": "1"})
    assert answer.status == 303
    assert {"HttpOnly", "SameSite=lax", f"Path=/g/{shoot.public_token}"} <= set(
        answer.headers["Set-Cookie"].split("; ")
    )
    return uploaded.photo.id


async def _baskets(shoot: Shoot) -> list[list[UUID]]:
    rows = await shoot.scene.gateway.db.pool.fetch("SELECT photo_ids FROM basket WHERE gallery_id = $1", shoot.id)
    return [row["photo_ids"] for row in rows]


async def test_a_basket_that_nobody_uses_for_ninety_days_is_forgotten(scene: Scene) -> None:
    old, new = await scene.open_gallery(), await scene.open_gallery()
    for shoot, days in ((old, 91), (new, 89)):
        await _choose(shoot)
        aged = "UPDATE basket SET used_at = now() - make_interval(days => $2) WHERE gallery_id = $1"
        await scene.gateway.db.pool.execute(aged, shoot.id, days)

    await baskets.forget_unused(scene.gateway.db)

    assert await _baskets(old) == []
    assert len(await _baskets(new)) == 1


async def test_the_baskets_of_a_deleted_gallery_go_with_it(scene: Scene) -> None:
    shoot, other = await scene.open_gallery(), await scene.open_gallery()
    await _choose(shoot)
    kept = await _choose(other)

    await scene.studio.delete(shoot.api)

    async def gone() -> bool:
        return await _baskets(shoot) == []

    await eventually(gone)
    assert await _baskets(other) == [[kept]]
