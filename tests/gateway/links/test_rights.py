"""Who gets what: every download setting, every state of an order, both kinds of link (S3, S6)."""

import io
import zipfile
from dataclasses import dataclass

import pytest

from contracts.base import uuid7
from contracts.orders import Order, OrderStatus
from contracts.transfers import Final
from tests.gateway.links.scene import Scene, Shoot

POLICIES = ("none", "ordered_and_paid", "anyone")
ORDERED, FOREIGN = "IMG_1.jpg", "unmatched.jpg"


@dataclass
class Case:
    """A gallery where one of two ordered photos is finished, and one final is nobody's."""

    shoot: Shoot
    order: Order
    ordered: Final
    foreign: Final
    elsewhere: Final


async def _case(scene: Scene, policy: str, status: OrderStatus) -> Case:
    """The entitlement stays granted whatever the status: the rights hold even while its withdrawal is on the way."""
    shoot = await scene.open_gallery(download_policy=policy)
    order = await shoot.order(ORDERED, "IMG_2.jpg")
    ordered, foreign = await shoot.finish_line(order, ORDERED), await shoot.upload(FOREIGN)
    if status is OrderStatus.PLACED:
        order = order.model_copy(update={"revision": 3, "status": status})
        await scene.gateway.db.pool.execute("UPDATE client_order SET status = 'placed' WHERE id = $1", order.id)
    elif status is not OrderStatus.PAID:
        order = await shoot.becomes(order, status)
    elsewhere = await (await scene.open_gallery(download_policy="anyone")).upload("IMG_1.jpg")
    return Case(shoot, order, ordered, foreign, elsewhere)


def _allowed(policy: str, status: OrderStatus) -> list[str]:
    if policy == "anyone":
        return [ORDERED, FOREIGN]
    return [ORDERED] if policy == "ordered_and_paid" and status is OrderStatus.PAID else []


async def _check_link(scene: Scene, base: str, case: Case, allowed: list[str]) -> None:
    for final in (case.ordered, case.foreign):
        file = await scene.get(f"{base}/files/{final.id}")
        assert file.status == (302 if final.filename in allowed else 403)
        some = await scene.get(f"{base}/photos.zip?files={final.id}")
        assert some.status == (200 if final.filename in allowed else 403)
    for unknown in (case.elsewhere.id, uuid7(), "nonsense"):
        assert (await scene.get(f"{base}/files/{unknown}")).status == 404
        assert (await scene.get(f"{base}/photos.zip?files={case.ordered.id},{unknown}")).status == 404
    archive = await scene.get(f"{base}/photos.zip")
    assert archive.status == (200 if allowed else 403)
    if allowed:
        assert zipfile.ZipFile(io.BytesIO(archive.body)).namelist() == allowed
    else:
        assert archive.json["detail"]


@pytest.mark.parametrize("status", list(OrderStatus))
@pytest.mark.parametrize("policy", POLICIES)
async def test_a_personal_link_gives_what_setting_and_order_allow(
    scene: Scene, policy: str, status: OrderStatus
) -> None:
    case, allowed = await _case(scene, policy, status), _allowed(policy, status)
    token = await case.shoot.client_token(case.order)

    shown = (await scene.get(f"/api/v1/c/{token}")).json

    assert [file["filename"] for file in shown["downloads"]] == allowed
    assert bool(shown["zip_url"]) == bool(allowed) == (shown["reason"] is None)
    assert shown["waiting"] == (["IMG_2.jpg"] if allowed else [])
    assert shown["order"]["status"] == status
    await _check_link(scene, f"/c/{token}", case, allowed)


@pytest.mark.parametrize("policy", POLICIES)
async def test_a_public_link_gives_finals_only_where_anyone_may_have_them(scene: Scene, policy: str) -> None:
    case = await _case(scene, policy, OrderStatus.PAID)
    allowed = [ORDERED, FOREIGN] if policy == "anyone" else []

    listed = await scene.get(f"/api/v1/g/{case.shoot.public_token}/downloads")

    assert listed.status == (200 if allowed else 403)
    assert [file["filename"] for file in listed.json.get("downloads", [])] == allowed
    await _check_link(scene, f"/g/{case.shoot.public_token}", case, allowed)


async def test_a_file_of_another_gallery_is_unknown_before_it_is_forbidden(scene: Scene) -> None:
    case = await _case(scene, "ordered_and_paid", OrderStatus.PAID)
    base = f"/c/{await case.shoot.client_token(case.order)}"

    answer = await scene.get(f"{base}/photos.zip?files={case.foreign.id},{case.elsewhere.id}")

    assert answer.status == 404


async def test_an_entitlement_of_another_order_opens_nothing(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    hers, his = await shoot.order("IMG_1.jpg"), await shoot.order("IMG_2.jpg")
    [final], _ = await shoot.finish(hers), await shoot.finish(his)

    answer = await scene.get(f"/c/{await shoot.client_token(his)}/files/{final.id}")

    assert answer.status == 403


async def test_links_that_are_nobodys_lead_nowhere(scene: Scene) -> None:
    for path in ("/api/v1/c/x", "/c/x", f"/c/x/files/{uuid7()}", "/c/x/photos.zip", f"/c/order/{uuid7()}"):
        assert (await scene.get(path)).status == 404
    for path in ("/api/v1/g/x/downloads", "/g/x", f"/g/x/files/{uuid7()}", "/g/x/photos.zip"):
        assert (await scene.get(path)).status == 404


async def test_the_kinds_of_link_do_not_stand_in_for_each_other(scene: Scene) -> None:
    case = await _case(scene, "anyone", OrderStatus.PAID)
    public, personal = case.shoot.public_token, await case.shoot.client_token(case.order)

    for path in (f"/c/{public}/photos.zip", f"/g/{personal}/photos.zip", f"/api/v1/c/{public}"):
        assert (await scene.get(path)).status == 404


async def test_an_access_code_holds_for_finals_too(scene: Scene) -> None:
    shoot = await scene.open_gallery(download_policy="anyone", access_code="żółw")
    final = await shoot.upload("IMG_1.jpg")
    public, api = f"/g/{shoot.public_token}", f"/api/v1/g/{shoot.public_token}"
    paths = (f"{api}/downloads", public, f"{public}/files/{final.id}", f"{public}/photos.zip")

    refused = [(await scene.get(path)).status for path in paths]
    access = (await scene.gateway.client.post(f"{api}/access", {"code": "żółw"})).expect(200)["access"]
    given = [(await scene.get(path, headers={"Photoferry-Access": access})).status for path in paths]

    assert (refused, given) == ([401] * 4, [200, 200, 302, 200])
