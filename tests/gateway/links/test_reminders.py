"""Drafts of reminders and their confirmation, on the gateway's side."""

from asyncio import gather
from datetime import timedelta
from typing import Any, get_args

import pytest

from contracts.base import utc_now
from contracts.gateway import PhotoDownloaded
from contracts.notifier import ConfirmedReminder, MailState, ReminderKind, SendReminders
from contracts.orders import Order, OrderStatus
from tests.gateway.client import Answer
from tests.gateway.links.scene import Scene, Shoot

UNPAID, NOT_DOWNLOADED = ReminderKind.UNPAID, ReminderKind.NOT_DOWNLOADED
BOTH = pytest.mark.parametrize("kind", get_args(ConfirmedReminder))


async def _unpaid(shoot: Shoot, days_ago: float = 8) -> Order:
    return await shoot.order("1.jpg", status=OrderStatus.PLACED, placed_at=utc_now() - timedelta(days=days_ago))


async def _mailed(shoot: Shoot, days_ago: float = 8) -> Order:
    order = await shoot.order("1.jpg")
    await shoot.finish(order)
    await shoot.mailed(order, MailState.SENT, at=utc_now() - timedelta(days=days_ago))
    return order


MADE = {UNPAID: _unpaid, NOT_DOWNLOADED: _mailed}


async def _drafts(shoot: Shoot, kind: ReminderKind, query: str = "") -> list[dict[str, Any]]:
    answer = await shoot.scene.studio.get(f"{shoot.api}/reminders?kind={kind}{query}")
    drafts: list[dict[str, Any]] = answer.expect(200)["items"]
    return drafts


async def _numbers(shoot: Shoot, kind: ReminderKind, query: str = "") -> list[int]:
    return [draft["number"] for draft in await _drafts(shoot, kind, query)]


async def _confirm(shoot: Shoot, kind: ReminderKind, *orders: Order, **options: Any) -> Answer:
    body = {"kind": kind, "order_ids": [str(order.id) for order in orders]}
    return await shoot.scene.studio.post(f"{shoot.api}/reminders", body, **options)


async def test_drafts_are_the_orders_that_nobody_has_paid_for_so_many_days(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    old, young = await _unpaid(shoot, 7.1), await _unpaid(shoot, 6.9)
    for status in (OrderStatus.PAID, OrderStatus.CANCELLED):
        await shoot.becomes(await _unpaid(shoot), status)

    assert await _drafts(shoot, UNPAID) == [
        {
            "id": str(old.id),
            "number": old.number,
            "client": {"name": "Anna Nowak", "email": "anna@example.com"},
            "since": old.placed_at.isoformat(),
        }
    ]
    assert await _numbers(shoot, UNPAID, "&days=6") == [old.number, young.number]
    assert await _numbers(shoot, UNPAID, "&days=8") == []
    assert await _numbers(shoot, NOT_DOWNLOADED, "&days=0") == []


async def test_drafts_are_the_orders_whose_clients_were_mailed_and_have_fetched_nothing(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    old, young, fetched, again = [await _mailed(shoot, days) for days in (7.1, 6.9, 8, 8)]
    await scene.get(f"/c/{await shoot.client_token(fetched)}/photos.zip")
    await shoot.mailed(again, MailState.SENT)
    ended, unready = await _mailed(shoot), await _mailed(shoot)
    await shoot.becomes(ended, OrderStatus.REFUNDED)
    await shoot.is_ready(unready, ready=False)
    not_mailed = await shoot.order("1.jpg")
    await shoot.finish(not_mailed)

    assert len(await shoot.sent(PhotoDownloaded)) == 1
    assert await _numbers(shoot, NOT_DOWNLOADED) == [old.number]
    assert await _numbers(shoot, NOT_DOWNLOADED, "&days=1") == [old.number, young.number]
    assert await _numbers(shoot, NOT_DOWNLOADED, "&days=0") == [old.number, young.number, again.number]


async def test_who_is_just_being_mailed_again_is_no_draft(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    order = await _mailed(shoot)
    (await scene.studio.post(f"/api/v1/orders/{order.id}/notification")).expect(202)

    assert await _drafts(shoot, NOT_DOWNLOADED) == []


@BOTH
async def test_confirming_asks_the_notifier_once_for_each_order(scene: Scene, kind: ReminderKind) -> None:
    shoot = await scene.open_gallery()
    orders = [await MADE[kind](shoot) for _ in range(3)]

    answers = [await _confirm(shoot, kind, *orders[:2], orders[0]), await _confirm(shoot, kind, *orders)]
    third = await _confirm(shoot, kind, *orders)

    assert [answer.expect(202)["queued"] for answer in (*answers, third)] == [2, 1, 0]
    assert answers[0].json["id"]
    assert "Location" not in answers[0].headers
    asked = [(message.kind, set(message.order_ids)) for message in await shoot.sent(SendReminders)]
    assert asked == [(kind, {orders[0].id, orders[1].id}), (kind, {orders[2].id})]
    assert await _drafts(shoot, kind) == []


@BOTH
async def test_many_presses_at_once_ask_for_each_order_once(scene: Scene, kind: ReminderKind) -> None:
    shoot = await scene.open_gallery()
    orders = [await MADE[kind](shoot) for _ in range(3)]

    answers = await gather(*(_confirm(shoot, kind, *orders) for _ in range(20)))

    assert sum(answer.expect(202)["queued"] for answer in answers) == 3
    assert sum(len(message.order_ids) for message in await shoot.sent(SendReminders)) == 3


@BOTH
async def test_the_same_confirmation_repeated_by_its_key_is_one(scene: Scene, kind: ReminderKind) -> None:
    shoot = await scene.open_gallery()
    order = await MADE[kind](shoot)
    key = {"Idempotency-Key": f"once-{kind}"}

    answers = [await _confirm(shoot, kind, order, headers=key) for _ in range(2)]

    assert answers[0].expect(202) == answers[1].expect(202)
    assert len(await shoot.sent(SendReminders)) == 1


async def test_who_has_paid_since_the_list_was_read_is_left_out(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    paid, unpaid = await _unpaid(shoot), await _unpaid(shoot)
    await shoot.becomes(paid, OrderStatus.PAID)

    assert (await _confirm(shoot, UNPAID, paid, unpaid)).expect(202)["queued"] == 1
    assert [message.order_ids for message in await shoot.sent(SendReminders)] == [(unpaid.id,)]


async def test_who_has_downloaded_since_the_list_was_read_is_left_out(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    order = await _mailed(shoot)
    await scene.get(f"/c/{await shoot.client_token(order)}/photos.zip")

    assert (await _confirm(shoot, NOT_DOWNLOADED, order)).expect(202)["queued"] == 0
    assert await shoot.sent(SendReminders) == []


@BOTH
async def test_orders_of_another_gallery_are_left_out(scene: Scene, kind: ReminderKind) -> None:
    shoot, other = await scene.open_gallery(), await scene.open_gallery()
    order = await MADE[kind](other)

    assert (await _confirm(shoot, kind, order)).expect(202)["queued"] == 0
    assert await _numbers(other, kind) == [order.number]


async def test_another_studios_gallery_is_not_there(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    stranger = await scene.gateway.studio()

    assert (await stranger.get(f"{shoot.api}/reminders?kind=unpaid")).status == 404
    assert (await stranger.post(f"{shoot.api}/reminders", {"kind": "nonsense"})).status == 404


@pytest.mark.parametrize("query", ["?kind=nonsense", "?kind=unpaid&days=-1", "?kind=unpaid&days=366"])
async def test_a_wrong_question_is_refused(scene: Scene, query: str) -> None:
    shoot = await scene.open_gallery()

    assert (await scene.studio.get(f"{shoot.api}/reminders{query}")).status == 422


async def test_confirming_nothing_is_refused(scene: Scene) -> None:
    shoot = await scene.open_gallery()

    assert (await _confirm(shoot, UNPAID)).status == 422


async def test_nobody_is_reminded_of_downloads_while_nobody_may_download(scene: Scene) -> None:
    shoot = await scene.open_gallery()
    order = await _mailed(shoot)
    await shoot.set_policy("none")

    assert await _drafts(shoot, NOT_DOWNLOADED) == []
    assert (await _confirm(shoot, NOT_DOWNLOADED, order)).expect(409)["type"].endswith("downloads-closed")


@BOTH
async def test_the_timeline_says_when_the_client_was_reminded_and_of_what(scene: Scene, kind: ReminderKind) -> None:
    shoot = await scene.open_gallery()
    order = await MADE[kind](shoot)
    await _confirm(shoot, kind, order)
    await shoot.reminded(order, kind, MailState.SENDING)
    await shoot.reminded(order, kind, MailState.SENT)

    assert (await shoot.timeline(order))[-1] == ("reminded", kind)
    assert await _drafts(shoot, kind) == []
    assert (await _confirm(shoot, kind, order)).expect(202)["queued"] == 0


@BOTH
@pytest.mark.parametrize("state", [MailState.FAILED, MailState.UNKNOWN])
async def test_what_went_wrong_is_not_offered_again(scene: Scene, kind: ReminderKind, state: MailState) -> None:
    shoot = await scene.open_gallery()
    order = await MADE[kind](shoot)
    await _confirm(shoot, kind, order)
    await shoot.reminded(order, kind, state, "550 no such user")

    assert await _drafts(shoot, kind) == []
    assert "reminded" not in dict(await shoot.timeline(order))


@BOTH
async def test_a_reminder_that_was_withdrawn_can_be_confirmed_again(scene: Scene, kind: ReminderKind) -> None:
    shoot = await scene.open_gallery()
    order = await MADE[kind](shoot)
    await _confirm(shoot, kind, order)
    await shoot.reminded(order, kind, MailState.NONE)

    assert await _numbers(shoot, kind) == [order.number]
    assert (await _confirm(shoot, kind, order)).expect(202)["queued"] == 1


async def test_the_days_of_a_gallerys_switches_are_a_setting(scene: Scene) -> None:
    shoot = await scene.open_gallery(remind_unpaid_days=7)
    assert (shoot.gallery["remind_unpaid_days"], shoot.gallery["remind_download_days"]) == (7, None)

    changed = await scene.studio.patch(shoot.api, {"remind_unpaid_days": None, "remind_download_days": 14})
    assert (changed.expect(200)["remind_unpaid_days"], changed.json["remind_download_days"]) == (None, 14)
    for days in (0, 366, "7", 1.5):
        assert (await scene.studio.patch(shoot.api, {"remind_unpaid_days": days})).status == 422
