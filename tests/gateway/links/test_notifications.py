"""*Notify clients* and *Send again*, on the gateway's side (S5)."""

from asyncio import gather
from itertools import chain
from typing import Any

import pytest

from contracts.notifier import MailState, NotifyClients, SendAgain
from contracts.orders import Order, OrderStatus
from tests.gateway.client import Answer
from tests.gateway.links.scene import Scene, Shoot


async def _press(shoot: Shoot, **options: Any) -> Answer:
    return await shoot.scene.studio.post(f"{shoot.api}/notifications", **options)


async def _preview(shoot: Shoot) -> dict[str, Any]:
    preview: dict[str, Any] = (await shoot.scene.studio.get(f"{shoot.api}/notifications/preview")).expect(200)
    return preview


async def _send_again(shoot: Shoot, order: Order) -> Answer:
    return await shoot.scene.studio.post(f"/api/v1/orders/{order.id}/notification")


async def _ready(shoot: Shoot, number: int) -> list[Order]:
    orders = [await shoot.order("1.jpg") for _ in range(number)]
    await shoot.is_ready(*orders)
    return orders


async def _asked_for(shoot: Shoot) -> list[Any]:
    return list(chain.from_iterable(message.order_ids for message in await shoot.sent(NotifyClients)))


def _named(order: Order) -> dict[str, Any]:
    client = {"name": "Anna Nowak", "email": "anna@example.com"}
    return {"id": str(order.id), "number": order.number, "client": client}


async def test_the_preview_puts_every_order_into_its_list(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    ready, sent, queued, failed, unknown = await _ready(shoot, 5)
    unpaid, waiting = (
        await shoot.order("1.jpg", status=OrderStatus.PLACED),
        await shoot.order("1.jpg", "2.jpg", "3.jpg"),
    )
    await shoot.finish_line(waiting, "2.jpg")
    for status in (OrderStatus.REFUNDED, OrderStatus.CANCELLED):
        await shoot.becomes(await shoot.order("1.jpg"), status)
    await shoot.mailed(sent, MailState.SENT)
    await shoot.mailed(queued, MailState.QUEUED)
    await shoot.mailed(failed, MailState.FAILED, "550 no such user")
    await shoot.mailed(unknown, MailState.UNKNOWN, "connection lost")

    assert await _preview(shoot) == {
        "will_email": [_named(ready)],
        "already_emailed": [_named(sent), _named(queued)],
        "unpaid": [_named(unpaid)],
        "waiting": [{"order": _named(waiting), "missing": ["1.jpg", "3.jpg"]}],
        "failed": [
            _named(failed) | {"state": "failed", "error": "550 no such user"},
            _named(unknown) | {"state": "unknown", "error": "connection lost"},
        ],
    }


async def test_a_mailed_order_stays_mailed_when_a_final_is_removed(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    [order] = await _ready(shoot, 1)
    await shoot.mailed(order, MailState.SENT)

    await shoot.is_ready(order, ready=False)

    assert (await _preview(shoot))["already_emailed"] == [_named(order)]


async def test_a_second_press_asks_for_the_new_orders_only(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    first = await _ready(shoot, 2)
    await shoot.order("not ready.jpg")

    pressed = await _press(shoot)
    again = await _press(shoot)
    [new] = await _ready(shoot, 1)
    third = await _press(shoot)

    assert [answer.expect(202)["queued"] for answer in (pressed, again, third)] == [2, 0, 1]
    assert "Location" not in pressed.headers
    assert pressed.json["id"]
    asked = [set(message.order_ids) for message in await shoot.sent(NotifyClients)]
    assert asked == [{order.id for order in first}, {new.id}]
    assert (await shoot.shown(new))["notification"]["state"] == "queued"


async def test_fifty_presses_at_once_ask_for_each_order_once(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    orders = await _ready(shoot, 30)

    answers = await gather(*(_press(shoot) for _ in range(50)))

    assert sum(answer.expect(202)["queued"] for answer in answers) == 30
    asked = await _asked_for(shoot)
    assert len(asked) == 30
    assert set(asked) == {order.id for order in orders}


async def test_the_same_press_repeated_by_its_key_is_one_press(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    await _ready(shoot, 1)
    key = {"Idempotency-Key": "once"}

    answers = [await _press(shoot, headers=key) for _ in range(2)]

    assert answers[0].expect(202) == answers[1].expect(202)
    assert len(await shoot.sent(NotifyClients)) == 1


async def test_thousands_of_orders_go_in_several_messages(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    await scene.gateway.db.pool.execute(
        """WITH placed AS (
               INSERT INTO client_order (id, gallery_id, studio_id, number, client, email, status, amount, currency,
                   link_rotation, placed_at, revision)
               SELECT gen_random_uuid(), $1, $1, n, '{}', '', 'paid', 0, 'PLN', 0, now(), 1
               FROM generate_series(1, 2500) AS n RETURNING id)
           INSERT INTO readiness SELECT id, $1, true, 1 FROM placed""",
        shoot.id,
    )

    queued = (await _press(shoot)).expect(202)["queued"]

    assert queued == 2500
    assert [len(message.order_ids) for message in await shoot.sent(NotifyClients)] == [1000, 1000, 500]


async def test_nobody_is_mailed_while_nobody_may_download(scene: Scene) -> None:
    shoot = await scene.open_gallery(download_policy="none")
    [order] = await _ready(shoot, 1)

    refused = [await _press(shoot), await _send_again(shoot, order)]

    assert [answer.status for answer in refused] == [409, 409]
    assert "download setting" in refused[0].json["detail"]
    assert await shoot.sent(NotifyClients) == await shoot.sent(SendAgain) == []
    assert (await _preview(shoot))["will_email"] == [_named(order)]


async def test_what_the_notifier_says_replaces_what_was_asked_here(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    [order] = await _ready(shoot, 1)

    await shoot.mailed(order, MailState.SENDING)
    assert (await _press(shoot)).expect(202)["queued"] == 0
    await shoot.mailed(order, MailState.FAILED, "550 no such user")

    notification = (await shoot.shown(order))["notification"]
    assert notification == {"state": "failed", "sent_at": None, "error": "550 no such user"}


async def test_an_order_whose_mail_was_withdrawn_can_be_asked_for_again(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    [order] = await _ready(shoot, 1)
    await _press(shoot)
    await shoot.mailed(order, MailState.NONE)

    assert (await _preview(shoot))["will_email"] == [_named(order)]
    assert (await _press(shoot)).expect(202)["queued"] == 1


async def test_send_again_mails_one_client_on_purpose(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    order = await shoot.order("1.jpg", "2.jpg")
    await shoot.finish_line(order, "1.jpg")
    await shoot.mailed(order, MailState.SENT)

    answer = await _send_again(shoot, order)

    assert answer.status == 202
    assert "Location" not in answer.headers
    [sent] = await shoot.sent(SendAgain)
    assert (sent.order_id, sent.gallery_id) == (order.id, shoot.id)
    assert (await shoot.shown(order))["notification"]["state"] == "queued"


@pytest.mark.parametrize("status", [OrderStatus.PLACED, OrderStatus.REFUNDED, OrderStatus.CANCELLED])
async def test_send_again_needs_a_paid_order(scene: Scene, status: OrderStatus) -> None:
    shoot = await scene.open_gallery()
    order = await shoot.order("1.jpg", status=status)

    refused = await _send_again(shoot, order)

    assert refused.expect(409)["type"].endswith("not-paid")


@pytest.mark.parametrize("policy", ["ordered_and_paid", "anyone"])
async def test_send_again_needs_a_file_behind_the_link(scene: Scene, policy: str) -> None:
    shoot = await scene.open_gallery(download_policy=policy)
    order = await shoot.order("1.jpg")

    refused = await _send_again(shoot, order)
    await shoot.upload("of nobody.jpg")
    after = await _send_again(shoot, order)

    assert refused.expect(409)["type"].endswith("nothing-ready")
    assert after.status == (202 if policy == "anyone" else 409)
