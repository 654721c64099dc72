"""Webhooks to photographers' own systems."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.entitlements import OrderReady
from contracts.notifier import MailState
from contracts.orders import OrderPlaced
from services.gateway.outgoing.addresses import A_URL
from services.gateway.outgoing.deliveries import MOST_ATTEMPTS
from tests.gateway.client import StudioClient
from tests.gateway.links.scene import Scene
from tests.gateway.making import photo_uploaded
from tests.gateway.receiving import Receiver, receiver
from tests.gateway.running import RunningGateway, running_gateway
from tests.infra import Servers
from tests.making import order
from tests.waiting import eventually

ENDPOINTS = "/api/v1/webhook-endpoints"


@pytest.fixture(scope="module")
async def gateway(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    """One whose operator allows endpoints in the own network: those of the tests are on loopback."""
    async with running_gateway(servers, tmp_path_factory.mktemp("gateway"), private_endpoints="true") as running:
        yield running


async def add(studio: StudioClient, receiving: Receiver, **given: Any) -> dict[str, Any]:
    added: dict[str, Any] = (await studio.post(ENDPOINTS, {"url": receiving.url, **given})).expect(201)
    return added


async def place_order(gateway: RunningGateway, studio: StudioClient) -> dict[str, Any]:
    gallery = await studio.open_gallery()
    photo = photo_uploaded(gallery["id"], "1.jpg")
    await gateway.tell(photo)
    public = gallery["public_url"].rsplit("/", 1)[1]
    asked = {"client": {"name": "Anna", "email": "anna@example.com"}, "photo_ids": [str(photo.photo.id)]}
    placed: dict[str, Any] = (await gateway.client.post(f"/api/v1/g/{public}/orders", asked)).expect(201)
    return placed | {"gallery_id": gallery["id"]}


async def delivery(studio: StudioClient, endpoint: dict[str, Any], state: str) -> dict[str, Any]:
    """The newest delivery, as soon as it is in this state."""

    async def look() -> dict[str, Any] | None:
        items = (await studio.get(f"{ENDPOINTS}/{endpoint['id']}/deliveries")).expect(200)["items"]
        return items[0] if items and items[0]["state"] == state else None

    return await eventually(look, within=30)


async def tried(studio: StudioClient, endpoint: dict[str, Any]) -> dict[str, Any]:
    """The newest delivery, as soon as a try has failed."""

    async def look() -> dict[str, Any] | None:
        items = (await studio.get(f"{ENDPOINTS}/{endpoint['id']}/deliveries")).expect(200)["items"]
        return items[0] if items and items[0]["tried_at"] else None

    return await eventually(look, within=30)


async def test_a_studios_own_system_hears_what_happens_to_orders(gateway: RunningGateway, studio: StudioClient) -> None:
    async with receiver() as receiving:
        endpoint = await add(studio, receiving)
        placed = await place_order(gateway, studio)
        (await studio.post(f"/api/v1/orders/{placed['id']}/mark-paid")).expect(200)
        assert set(await receiving.kinds(2)) == {"order.placed", "order.paid"}
        receiving.verify(endpoint["secret"])
        assert receiving.heard[0]["data"] == {
            "order_id": placed["id"],
            "number": 1,
            "gallery_id": placed["gallery_id"],
            "client": {"name": "Anna", "email": "anna@example.com"},
            "total": {"amount": 1250, "currency": "PLN"},
        }
        last = await delivery(studio, endpoint, "delivered")
        assert (last["status"], last["answer"], last["tries"]) == (200, "answer 200", 1)


async def test_it_hears_that_clients_were_mailed_and_that_they_fetched_photos(
    gateway: RunningGateway, studio: StudioClient
) -> None:
    async with receiver() as receiving:
        await add(studio, receiving, events=["client.notified", "photo.downloaded"])
        shoot = await Scene(gateway, studio).open_gallery()
        order = await shoot.order("1.jpg", "2.jpg")
        first, second = await shoot.finish(order)
        token = await shoot.client_token(order)
        await shoot.mailed(order, MailState.FAILED)
        await shoot.mailed(order, MailState.SENT)
        assert await receiving.kinds(1) == ["client.notified"]
        assert (await gateway.client.get(f"/c/{token}/files/{first.id}")).status == 302
        assert await receiving.kinds(2) == ["client.notified", "photo.downloaded"]
        assert (await gateway.client.get(f"/c/{token}/photos.zip")).status == 200
        assert await receiving.kinds(3) == ["client.notified", "photo.downloaded", "photo.downloaded"]
    told = {
        "order_id": str(order.id),
        "number": order.number,
        "gallery_id": str(shoot.id),
        "client": {"name": order.client.name, "email": order.client.email},
        "total": {"amount": order.total.amount, "currency": order.total.currency},
    }
    mailed, file, archive = [event["data"] for event in receiving.heard]
    assert mailed == told
    assert file == told | {"transfer_ids": [str(first.id)], "as_zip": False}
    assert archive == told | {"transfer_ids": [str(first.id), str(second.id)], "as_zip": True}


async def test_it_hears_only_what_it_wants_and_nothing_of_others(gateway: RunningGateway, studio: StudioClient) -> None:
    async with receiver() as receiving:
        await add(studio, receiving, events=["order.paid"])
        await place_order(gateway, await gateway.studio())
        placed = await place_order(gateway, studio)
        (await studio.post(f"/api/v1/orders/{placed['id']}/mark-paid")).expect(200)
        assert await receiving.kinds(1) == ["order.paid"]
        assert receiving.heard[0]["data"]["order_id"] == placed["id"]


@pytest.mark.parametrize(("answer", "reason"), [(500, "answer 500"), (302, "answer 302"), (404, "answer 404")])
async def test_what_is_not_taken_is_tried_again_with_the_same_id(
    studio: StudioClient, answer: int, reason: str
) -> None:
    async with receiver(answer) as receiving:
        endpoint = await add(studio, receiving)
        (await studio.post(f"{ENDPOINTS}/{endpoint['id']}/test")).expect(202)
        failed = await tried(studio, endpoint)
        assert (failed["state"], failed["status"], failed["answer"]) == ("waiting", answer, reason)
        assert await receiving.kinds(1) == ["photoferry.test"]
        assert len(receiving.ids) == 2
        assert len(set(receiving.ids)) == 1


async def test_nobody_answers_is_said_so(studio: StudioClient) -> None:
    async with receiver() as receiving:
        endpoint = await add(studio, receiving)
    (await studio.post(f"{ENDPOINTS}/{endpoint['id']}/test")).expect(202)
    failed = await tried(studio, endpoint)
    assert failed["status"] is None
    assert "Connect call failed" in failed["answer"]
    assert failed["next_try_at"]


async def test_gone_for_good_ends_it_until_it_is_tried_again(studio: StudioClient) -> None:
    async with receiver(410) as receiving:
        endpoint = await add(studio, receiving)
        (await studio.post(f"{ENDPOINTS}/{endpoint['id']}/test")).expect(202)
        failed = await delivery(studio, endpoint, "failed")
        assert (await studio.get(f"{ENDPOINTS}/{endpoint['id']}")).expect(200)["disabled_at"]
        (await studio.post(f"{ENDPOINTS}/{endpoint['id']}/test")).expect(202)
        assert await receiving.kinds(1) == ["photoferry.test"]
        assert (await studio.get(f"{ENDPOINTS}/{endpoint['id']}")).expect(200)["disabled_at"] is None
        assert len(set(receiving.ids)) == 2
        assert failed["event_id"] == receiving.ids[0]


async def test_a_replay_keeps_the_id_and_what_came_of_earlier_tries(studio: StudioClient) -> None:
    async with receiver(410, 204, *[410] * MOST_ATTEMPTS) as receiving:
        endpoint = await add(studio, receiving)
        (await studio.post(f"{ENDPOINTS}/{endpoint['id']}/test")).expect(202)
        failed = await delivery(studio, endpoint, "failed")
        (await studio.post(f"/api/v1/webhook-deliveries/{failed['id']}/replay")).expect(202)
        replayed = await delivery(studio, endpoint, "delivered")
        assert (replayed["id"], replayed["tries"], replayed["status"]) == (failed["id"], 1, 204)
        assert [tried["status"] for tried in replayed["attempts"]] == [204, 410]
        assert replayed["attempts"][1] == failed["attempts"][0]
        assert failed["attempts"][0]["answer"] == "answer 410"
        for _ in range(MOST_ATTEMPTS):
            (await studio.post(f"/api/v1/webhook-deliveries/{failed['id']}/replay")).expect(202)
            last = await delivery(studio, endpoint, "failed")
        assert [tried["status"] for tried in last["attempts"]] == [410] * MOST_ATTEMPTS
        assert len(set(receiving.ids)) == 1


async def test_one_that_hangs_delays_nobody_else(gateway: RunningGateway, studio: StudioClient) -> None:
    async with receiver(*[None] * 20) as hanging, receiver() as quick:
        slow = await add(studio, hanging)
        for _ in range(10):
            (await studio.post(f"{ENDPOINTS}/{slow['id']}/test")).expect(202)
        await eventually(lambda: _has_hung(hanging, 2))
        other = await add(studio, quick)
        for number in range(5):
            (await studio.post(f"{ENDPOINTS}/{other['id']}/test")).expect(202)
            await quick.kinds(number + 1)
        assert len(hanging.ids) == 2


async def _has_hung(receiving: Receiver, number: int) -> bool:
    return len(receiving.ids) >= number


async def test_every_secret_that_was_in_use_within_a_day_signs(gateway: RunningGateway, studio: StudioClient) -> None:
    async with receiver() as receiving:
        endpoint = await add(studio, receiving)
        first = endpoint["secret"]
        second = await rotated(studio, endpoint)
        await age_rotations(gateway, endpoint, timedelta(hours=23, minutes=59))
        third = await rotated(studio, endpoint)
        assert len({first, second, third}) == 3
        assert await signing(studio, endpoint, receiving, first, second, third) == [first, second, third]
        await age_rotations(gateway, endpoint, timedelta(minutes=1))
        assert await signing(studio, endpoint, receiving, first, second, third) == [second, third]
        await age_rotations(gateway, endpoint, timedelta(hours=24))
        assert await signing(studio, endpoint, receiving, first, second, third) == [third]


async def test_no_more_than_ten_secrets_sign(studio: StudioClient) -> None:
    async with receiver() as receiving:
        endpoint = await add(studio, receiving)
        secrets = [endpoint["secret"], *[await rotated(studio, endpoint) for _ in range(11)]]
        assert await signing(studio, endpoint, receiving, *secrets) == secrets[-10:]
        assert len(receiving.headers[-1]["webhook-signature"].split()) == 10


async def rotated(studio: StudioClient, endpoint: dict[str, Any]) -> str:
    """An endpoint's new secret."""
    answer = (await studio.post(f"{ENDPOINTS}/{endpoint['id']}/rotate-secret")).expect(200)
    return str(answer["secret"])


async def age_rotations(gateway: RunningGateway, endpoint: dict[str, Any], by: timedelta) -> None:
    await gateway.db.pool.execute(
        """UPDATE webhook_endpoint SET rotated_at = rotated_at - $2::interval,
               rotated_before = ARRAY(SELECT at - $2 FROM unnest(rotated_before) at) WHERE id = $1""",
        endpoint["id"],
        by,
    )


async def signing(studio: StudioClient, endpoint: dict[str, Any], receiving: Receiver, *secrets: str) -> list[str]:
    """Which of the secrets the next webhook is signed by."""
    (await studio.post(f"{ENDPOINTS}/{endpoint['id']}/test")).expect(202)
    await receiving.kinds(len(receiving.heard) + 1)
    return [secret for secret in secrets if receiving.is_signed_by(secret)]


async def test_a_repeat_with_the_same_key_shows_the_same_endpoint(studio: StudioClient) -> None:
    async with receiver() as receiving:
        key = {"Idempotency-Key": "endpoint"}
        first, again = [
            (await studio.post(ENDPOINTS, {"url": receiving.url}, headers=key)).expect(201) for _ in range(2)
        ]
    assert first == again
    assert len((await studio.get(ENDPOINTS)).expect(200)["items"]) == 1


async def test_deliveries_go_with_their_gallery_and_endpoints_when_deleted(
    gateway: RunningGateway, studio: StudioClient
) -> None:
    async with receiver() as receiving:
        endpoint = await add(studio, receiving)
        placed = await place_order(gateway, studio)
        await delivery(studio, endpoint, "delivered")
        (await studio.delete(f"/api/v1/galleries/{placed['gallery_id']}")).expect(204)
        assert (await studio.get(f"{ENDPOINTS}/{endpoint['id']}/deliveries")).expect(200)["items"] == []
        (await studio.delete(f"{ENDPOINTS}/{endpoint['id']}")).expect(204)
        (await studio.get(f"{ENDPOINTS}/{endpoint['id']}")).expect(404)


async def test_news_of_an_order_that_is_not_in_the_view_yet_is_told_later(
    gateway: RunningGateway, studio: StudioClient
) -> None:
    async with receiver() as receiving:
        await add(studio, receiving, events=["order.ready"])
        gallery = await studio.open_gallery()
        studio_id = await gateway.db.pool.fetchval("SELECT studio_id FROM gallery WHERE id = $1", gallery["id"])
        late = order("9.jpg", gallery_id=UUID(gallery["id"]), studio_id=studio_id)
        ready = OrderReady(order_id=late.id, gallery_id=late.gallery_id, revision=1)
        await gateway.publisher.publish_event(ready.topic, str(ready.message_id), ready.model_dump_json().encode())
        await gateway.tell(OrderPlaced(order=late))
        assert await receiving.kinds(1) == ["order.ready"]
        assert receiving.heard[0]["data"]["order_id"] == str(late.id)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ftp://example.com", A_URL),
        ("https://", A_URL),
        ("example.com", A_URL),
        ("https://example.com:0/", A_URL),
        ("https://example.com:99999/", A_URL),
        ("https://a b.com", A_URL),
        ("https://exam\u00adple.com", A_URL),
        ("https://me:secret@example.com", "Leave the password out: the signature tells that it is from us."),
        (7, "Send a text, in quotes."),
    ],
)
async def test_what_is_no_url_is_refused(studio: StudioClient, url: Any, says: str) -> None:
    problem = (await studio.post(ENDPOINTS, {"url": url})).expect(422)
    assert problem["errors"] == [{"field": "url", "message": says}]
