"""Webhooks to photographers' own systems."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from aiohttp import ClientError, ClientSession, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

from chassis.db import Database
from chassis.objects import ObjectStore
from contracts.base import uuid7
from contracts.entitlements import OrderReady
from contracts.notifier import MailState
from contracts.orders import OrderPlaced
from deploy.local.ports import HOST, free_port
from services.gateway import studios
from services.gateway.outgoing import deliveries, endpoints, news, sender
from services.gateway.outgoing.addresses import NotPublic, is_public, public_socket
from services.gateway.outgoing.deliveries import MOST_ATTEMPTS
from services.gateway.outgoing.names import Names
from services.gateway.outgoing.sender import AT_ONCE, Sender
from services.gateway.signing import Signer
from tests.conftest import OpenDatabase
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


async def test_what_is_never_taken_is_tried_for_three_days_and_then_given_up(open_database: OpenDatabase) -> None:
    db = await open_database("gateway")
    await tested(db, "https://example.com/hook")
    due_again = "UPDATE webhook_delivery SET next_try_at = now()"
    spread = set()
    for pause in (5, 5 * 60, 30 * 60, *(hours * 3_600 for hours in (2, 5, 10, 14, 20, 24))):
        await refuse(db)
        tried = await db.pool.fetchrow("SELECT state, next_try_at - tried_at AS waits FROM webhook_delivery")
        assert tried
        assert tried["state"] == "waiting"
        spread.add(tried["waits"] / timedelta(seconds=pause))
        assert await deliveries.take_due(db, (), 1) == []
        await db.pool.execute(due_again)
    assert 0.9 <= min(spread) < max(spread) <= 1.1
    await refuse(db)
    assert await db.pool.fetchval("SELECT state FROM webhook_delivery") == "failed"
    await db.pool.execute(due_again)
    assert await deliveries.take_due(db, (), 1) == []


async def refuse(db: Database) -> None:
    """Try what is due, to an endpoint that takes nothing."""
    [due] = await deliveries.take_due(db, (), 1)
    await deliveries.note(db, due, 500, "not now")


async def test_nobody_answers_is_said_so(studio: StudioClient) -> None:
    async with receiver() as receiving:
        endpoint = await add(studio, receiving)
    (await studio.post(f"{ENDPOINTS}/{endpoint['id']}/test")).expect(202)
    failed = await tried(studio, endpoint)
    assert failed["status"] is None
    assert "Connect call failed" in failed["answer"]
    assert failed["next_try_at"]


@pytest.mark.parametrize(
    ("answer", "state", "status", "shown"),
    [
        (["HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", "first", "second"], "delivered", 200, "firstsecond"),
        (["HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", "first", "hangs up"], "delivered", 200, "firsthangs up"),
        (["HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", "hangs", None], "delivered", 200, "hangs"),
        (["HTTP/1.1 500 Oh\r\nContent-Length: 99\r\n\r\n", "hangs", None], "waiting", 500, "hangs"),
        ([None], "waiting", None, "No answer within 1 s"),
    ],
)
async def test_of_an_answer_counts_the_status_and_is_shown_what_comes_in_time(
    open_database: OpenDatabase,
    monkeypatch: pytest.MonkeyPatch,
    answer: list[str | None],
    state: str,
    status: int | None,
    shown: str,
) -> None:
    monkeypatch.setattr(sender, "WITHIN", 1.0)
    db = await open_database("gateway")
    async with answering(answer) as url, sending(db, Names(1)):
        await tested(db, url)
        tried = await eventually(
            lambda: db.pool.fetchrow("SELECT state, status, answer FROM webhook_delivery WHERE tried_at IS NOT NULL")
        )
    assert tuple(tried) == (state, status, shown)


@asynccontextmanager
async def answering(pieces: list[str | None]) -> AsyncIterator[str]:
    """A system that answers in pieces, then hangs up; at None, it hangs."""
    stopped = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"}")
        for piece in pieces:
            if piece is None:
                await stopped.wait()
                break
            writer.write(piece.encode())
            await writer.drain()
            await asyncio.sleep(0.1)  # what is written together comes together
        writer.close()

    server = await asyncio.start_server(answer, HOST, port := free_port())
    try:
        yield f"http://{HOST}:{port}/hook"
    finally:
        stopped.set()
        server.close()
        await server.wait_closed()


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


async def test_names_that_hang_delay_nobody_else(open_database: OpenDatabase) -> None:
    db, hung, let_go = await open_database("gateway"), set[str](), Event()

    def look_up(host: str, *asked: Any, **more: Any) -> list[tuple[Any, ...]]:
        if host == "localhost":
            return socket.getaddrinfo(host, *asked, **more)
        hung.add(host)
        let_go.wait()
        raise socket.gaierror

    async with receiver() as receiving:
        for number in range(many := 40):  # the threads that asyncio has for all are 32 at most
            await tested(db, f"https://{number}.example/hook")
        async with sending(db, Names(AT_ONCE, look_up)):
            await eventually(lambda: _are_taken(db, many))
            await tested(db, receiving.url.replace(HOST, "localhost"))
            try:
                assert await receiving.kinds(1) == ["photoferry.test"]
                await asyncio.wait_for(asyncio.to_thread(int), 10)
                assert len(hung) == many
            finally:
                let_go.set()


@asynccontextmanager
async def sending(db: Database, names: Names) -> AsyncIterator[None]:
    """A sender in the test's own process."""
    signer = Signer("http://photos.example", "s" * 32, ObjectStore("http://key:secret@photos.example/bucket"))
    sends = Sender(db, signer, names, private=True)
    running = asyncio.create_task(sends.run())
    try:
        yield
    finally:
        running.cancel()
        await sends.close()


async def tested(db: Database, url: str) -> UUID:
    """A new endpoint of a new studio, with a test on its way to it."""
    studio_id, endpoint_id = uuid7(), uuid7()
    async with db.transaction() as tx:
        await studios.add(tx, studio_id, name="S", email=f"{studio_id}@example.com", password_hash="", locale="en")
        await endpoints.add(tx, endpoint_id, studio_id, url, [])
        await deliveries.add(tx, [news.test(endpoint_id)])
    return endpoint_id


async def _are_taken(db: Database, number: int) -> bool:
    return bool(await db.pool.fetchval("SELECT count(*) = $1 FROM webhook_delivery WHERE tries > 0", number))


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
        ("ftp://example.com", "Give a whole URL, like https://example.com/photoferry."),
        ("https://", "Give a whole URL, like https://example.com/photoferry."),
        ("example.com", "Give a whole URL, like https://example.com/photoferry."),
        ("https://example.com:0/", "Port could not be used: give one from 1 to 65535."),
        ("https://example.com:99999/", "Port out of range 0-65535"),
        ("https://a b.com", "Give a whole URL, like https://example.com/photoferry."),
        ("https://exam\u00adple.com", "Host 'exam\\xadple.com' cannot contain '\\xad' (at position 4)"),
        ("https://me:secret@example.com", "Leave the password out: the signature tells that it is from us."),
        (7, "Send a text, in quotes."),
    ],
)
async def test_what_is_no_url_is_refused(studio: StudioClient, url: Any, says: str) -> None:
    problem = (await studio.post(ENDPOINTS, {"url": url})).expect(422)
    assert problem["errors"] == [{"field": "url", "message": says}]


LOOPBACK = [
    "127.0.0.1",
    "１２７.0.0.1",  # noqa: RUF001
    "127。0。0。1",
    "①②⑦.0.0.1",
    "0x7f.1",
    "127.1",
    "2130706433",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
]
"""Ways to write it."""


@pytest.fixture(scope="module")
async def public_gateway(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    """One whose operator allows no endpoints in the own network."""
    async with running_gateway(servers, tmp_path_factory.mktemp("public")) as running:
        yield running


@pytest.mark.parametrize("host", [*LOOPBACK, "[::1]", "169.254.169.254", "[fe80::1%25eth0]"])
async def test_without_leave_an_address_inside_the_operators_network_is_refused(
    public_gateway: RunningGateway, host: str
) -> None:
    studio = await public_gateway.studio()
    problem = (await studio.post(ENDPOINTS, {"url": f"https://{host}:8443/hook"})).expect(422)
    assert problem["detail"] == (
        "Give an address that can be reached from everywhere; "
        "to allow others, the operator sets PHOTOFERRY_PRIVATE_ENDPOINTS=true."
    )


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "①②⑦.0.0.1"])
async def test_without_leave_nothing_is_sent_inside_the_operators_network(
    public_gateway: RunningGateway, host: str
) -> None:
    studio = await public_gateway.studio()
    async with receiver() as receiving:
        endpoint = (await studio.post(ENDPOINTS, {"url": "https://localhost/hook"})).expect(201)
        await public_gateway.db.pool.execute(
            "UPDATE webhook_endpoint SET url = $2 WHERE id = $1", endpoint["id"], receiving.url.replace(HOST, host)
        )
        (await studio.post(f"{ENDPOINTS}/{endpoint['id']}/test")).expect(202)
        failed = await tried(studio, endpoint)
        assert failed["answer"].startswith("This address is not public")
        assert failed["answer"].endswith("PHOTOFERRY_PRIVATE_ENDPOINTS=true.")
        assert receiving.ids == []


@pytest.mark.parametrize("host", [*LOOPBACK, "localhost", "inside.example"])
async def test_what_is_dialled_is_what_is_checked(host: str) -> None:
    connector = TCPConnector(resolver=Inside(), socket_factory=public_socket)
    async with receiver() as receiving, ClientSession(connector=connector) as http:
        with pytest.raises(ClientError) as refused:
            await http.post(receiving.url.replace(HOST, host), json={}, headers={"webhook-id": "1"})
        assert isinstance(refused.value.__cause__, NotPublic) or "canonical" in str(refused.value)
        assert receiving.ids == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "255.255.255.255",
        "192.88.99.1",
        "::1",
        "::",
        "::7f00:1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "5f00::1",
        "ff02::1",
    ],
)
def test_an_address_that_is_not_public_is_told(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_a_public_address_is_told(address: str) -> None:
    assert is_public(address)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    public_socket((family, socket.SOCK_STREAM, 0, "", (address, 443))).close()


class Inside(AbstractResolver):
    """A resolver of the test's: all names lead inside."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in ("127.0.0.1", "::ffff:127.0.0.1")
        ]

    async def close(self) -> None:
        pass
