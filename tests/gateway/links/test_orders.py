"""An order as its studio sees it: readiness and the timeline."""

import re

import pytest

from contracts.notifier import MailState
from contracts.orders import OrderPaid, OrderStatus, OrderUnchanged
from tests.gateway.links.scene import Scene


async def test_the_timeline_proves_the_delivery(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    order = await shoot.order("IMG_1.jpg")
    [final] = await shoot.finish(order)
    await shoot.mailed(order, MailState.SENT)
    token = await shoot.client_token(order)
    cookie = (await scene.get(f"/c/{token}")).headers["Set-Cookie"].partition(";")[0]
    await scene.get(f"/c/order/{order.id}", headers={"Cookie": cookie})
    await scene.get(f"/c/{token}/files/{final.id}")
    await shoot.upload("IMG_1.jpg", b"retouched again", replacing=final)
    await shoot.becomes(order, OrderStatus.REFUNDED)

    assert set(await shoot.timeline(order)) == {
        ("placed", None),
        ("paid", None),
        ("ready", None),
        ("notified", None),
        ("opened", None),
        ("downloaded", "IMG_1.jpg"),
        ("replaced", "IMG_1.jpg"),
        ("refunded", None),
    }


@pytest.mark.parametrize("ended", [OrderStatus.REFUNDED, OrderStatus.CANCELLED])
async def test_only_what_is_replaced_between_the_mail_and_the_end_is_the_clients_matter(
    scene: Scene, ended: OrderStatus
) -> None:
    shoot = await scene.open_gallery()
    order, before = await shoot.order("IMG_1.jpg"), await shoot.order("IMG_1.jpg")
    [final] = await shoot.finish(order)
    await shoot.mailed(order, MailState.SENT)
    second = await shoot.upload("again.jpg", replacing=final)
    await shoot.becomes(order, ended)
    await shoot.upload("too late.jpg", replacing=second)

    assert [step for step in await shoot.timeline(order) if step[0] == "replaced"] == [("replaced", "again.jpg")]
    assert await shoot.timeline(before) == [("placed", None), ("paid", None)]


@pytest.mark.parametrize("status", [OrderStatus.REFUNDED, OrderStatus.CANCELLED])
async def test_an_order_that_was_taken_back_is_not_ready(scene: Scene, status: OrderStatus) -> None:
    shoot = await scene.open_gallery()
    order = await shoot.order("IMG_1.jpg")
    await shoot.finish(order)
    before = (await shoot.shown(order))["ready"]

    order = await shoot.becomes(order, status)

    assert (before, (await shoot.shown(order))["ready"]) == (True, False)
    shown = (await scene.get(f"/api/v1/c/{await shoot.client_token(order)}")).expect(200)
    assert shown["order"]["ready"] is False


async def test_an_order_whose_client_is_erased_waits_for_no_file_and_is_not_ready(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    waiting, finished = await shoot.order("IMG_1.jpg", "IMG_2.jpg"), await shoot.order("IMG_3.jpg")
    await shoot.finish(finished)
    await shoot.mailed(finished, MailState.FAILED, "550 no such user")
    gallery = (await scene.studio.get(shoot.api)).expect(200)
    assert gallery["counts"].items() >= {"orders": 2, "waiting": 1, "ready": 1}.items()

    for order in (waiting, finished):
        await shoot.forget_client(order)

    gallery = (await scene.studio.get(shoot.api)).expect(200)
    assert gallery["counts"].items() >= {"orders": 2, "waiting": 0, "ready": 0}.items()
    for order in (waiting, finished):
        shown = await shoot.shown(order)
        assert (shown["status"], shown["ready"]) == ("paid", False)
        assert {line["state"] for line in shown["lines"]} == {"none"}
    assert (await scene.studio.get(f"{shoot.api}/ordered-filenames")).body == b""
    page = (await scene.studio.get(f"/galleries/{shoot.id}/orders")).body.decode()
    chips = re.findall(r'show=(\w+)"[^>]*>[^<]*<span class="num">(\d+)', page)
    assert dict(chips).items() >= {"all": "2", "waiting": "0", "ready": "0", "failed": "0"}.items()
    transfer = (await scene.studio.get(f"/galleries/{shoot.id}/transfer")).body.decode()
    assert "wait for" not in transfer
    assert "waits for" not in transfer


async def test_who_is_answered_that_nothing_changes_sees_the_order_as_it_is(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    order = await shoot.order("IMG_1.jpg", status=OrderStatus.PLACED)
    paid = order.model_copy(update={"status": OrderStatus.PAID, "revision": 2})
    await scene.gateway.tell(OrderUnchanged(order=paid))  # has overtaken the news of the payment
    assert (await shoot.shown(order))["status"] == "paid"

    await scene.gateway.tell(OrderPaid(order=paid))
    assert await shoot.timeline(order) == [("placed", None), ("paid", None)]
