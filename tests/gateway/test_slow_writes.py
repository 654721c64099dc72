"""Writes that are answered later, on gateways whose orders service a test plays by messages."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.base import Message
from contracts.orders import (
    ChangeGallery,
    CommandRefused,
    Gallery,
    GalleryChanged,
    GalleryDeleted,
    GalleryOpened,
    OpenGallery,
)
from tests.gateway.client import Answer, StudioClient
from tests.gateway.running import RunningGateway, running_gateway
from tests.infra import Servers
from tests.outbox import emitted
from tests.waiting import eventually

GALLERY = {"name": "Class 3b", "currency": "PLN", "price_per_photo": 1250}


@pytest.fixture(scope="module")
async def hasty(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    """A gateway that answers every write with `202`."""
    async with running_gateway(servers, tmp_path_factory.mktemp("hasty"), beside=(), wait_for_view="0") as running:
        yield running


@pytest.fixture(scope="module")
async def patient(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    """A gateway that waits for as long as a test may take."""
    async with running_gateway(servers, tmp_path_factory.mktemp("patient"), beside=(), wait_for_view="60") as running:
        yield running


async def command_of(gateway: RunningGateway, request_id: UUID) -> Any:
    """The command of a request: the two have one id."""
    return next(message for message in await emitted(gateway.db) if message.message_id == request_id)


def opened(command: OpenGallery) -> GalleryOpened:
    """What orders answers to the command."""
    gallery = Gallery(
        id=command.gallery_id,
        studio=command.studio,
        settings=command.settings,
        opened_at=command.occurred_at,
        revision=1,
    )
    return GalleryOpened(gallery=gallery, causation_id=command.message_id)


def refused(command: ChangeGallery) -> CommandRefused:
    """The same, when it will not do it."""
    return CommandRefused(
        subject_id=command.gallery_id,
        gallery_id=command.gallery_id,
        status=409,
        code="currency-in-use",
        detail="There are orders in PLN here.",
        field="currency",
        causation_id=command.message_id,
    )


def request_of(answer: Answer) -> UUID:
    """The id of the request that was accepted."""
    assert answer.status == 202
    return UUID(answer.headers["Location"].removeprefix("/api/v1/requests/"))


async def open_slowly(gateway: RunningGateway, studio: StudioClient) -> GalleryOpened:
    """A gallery that was opened while nobody waited any more."""
    accepted = await studio.post("/api/v1/galleries", GALLERY)
    event = opened(await command_of(gateway, request_of(accepted)))
    await gateway.tell(event)
    return event


async def open_patiently(
    gateway: RunningGateway, studio: StudioClient, key: str
) -> tuple["asyncio.Task[Answer]", OpenGallery]:
    """A request that waits for its gallery, and the command that nobody has done yet."""
    asking = asyncio.create_task(studio.post("/api/v1/galleries", GALLERY, headers={"Idempotency-Key": key}))
    find = "SELECT id FROM request WHERE idempotency_key = $1"
    request_id = await eventually(lambda: gateway.db.pool.fetchval(find, key))
    return asking, await command_of(gateway, request_id)


async def test_the_location_is_202_until_the_write_is_done_and_then_always_its_first_answer(
    hasty: RunningGateway,
) -> None:
    studio = await hasty.studio()
    accepted = await studio.post("/api/v1/galleries", GALLERY)
    location = accepted.headers["Location"]
    waiting = await hasty.client.get(location)
    assert (waiting.expect(202), waiting.headers["Location"]) == (accepted.expect(202), location)

    event = opened(await command_of(hasty, request_of(accepted)))
    await hasty.tell(event)
    done = await hasty.client.get(location)
    assert done.expect(201) == (await studio.get(f"/api/v1/galleries/{event.gallery.id}")).expect(200)

    renamed = event.gallery.settings.model_copy(update={"name": "Class 4b"})
    changed = event.gallery.model_copy(update={"settings": renamed, "revision": 2})
    await hasty.tell(GalleryChanged(gallery=changed))
    again = await hasty.client.get(location)
    assert (again.status, again.body, again.headers["Content-Type"]) == (201, done.body, "application/json")


async def test_the_location_gives_a_refusal_as_the_write_itself_would_have(
    hasty: RunningGateway, patient: RunningGateway
) -> None:
    studio = await hasty.studio()
    path = f"/api/v1/galleries/{(await open_slowly(hasty, studio)).gallery.id}"
    accepted = await studio.patch(path, {"currency": "EUR"})
    await hasty.tell(refused(await command_of(hasty, request_of(accepted))))
    polled = [await hasty.client.get(accepted.headers["Location"]) for _ in range(2)]

    waited = await refused_patiently(patient)
    assert waited.expect(409)["errors"] == [{"field": "currency", "message": "There are orders in PLN here."}]
    for answer in polled:
        assert (answer.status, answer.body) == (409, waited.body)
        assert answer.headers["Content-Type"] == waited.headers["Content-Type"] == "application/problem+json"


async def refused_patiently(gateway: RunningGateway) -> Answer:
    """The answer to a change that is refused while its caller waits."""
    studio = await gateway.studio()
    opening, command = await open_patiently(gateway, studio, str(uuid4()))
    await gateway.tell(opened(command))
    (await opening).expect(201)
    changing = asyncio.create_task(studio.patch(f"/api/v1/galleries/{command.gallery_id}", {"currency": "EUR"}))

    async def change() -> Message | None:
        changes = await gateway.sent(ChangeGallery)
        return next((each for each in changes if each.gallery_id == command.gallery_id), None)

    told = await eventually(change)
    assert isinstance(told, ChangeGallery)
    await gateway.tell(refused(told))
    return await changing


async def test_the_same_key_while_the_first_request_still_waits_is_409(patient: RunningGateway) -> None:
    studio, key = await patient.studio(), str(uuid4())
    asking, command = await open_patiently(patient, studio, key)
    meanwhile = await studio.post("/api/v1/galleries", GALLERY, headers={"Idempotency-Key": key})
    assert meanwhile.expect(409)["type"].endswith("/in-progress")

    await patient.tell(opened(command))
    after = await studio.post("/api/v1/galleries", GALLERY, headers={"Idempotency-Key": key})
    assert (after.expect(201), after.body) == ((await asking).expect(201), (await asking).body)


async def test_the_same_key_after_a_202_points_to_the_same_location(hasty: RunningGateway) -> None:
    studio, key = await hasty.studio(), {"Idempotency-Key": str(uuid4())}
    first, again = [await studio.post("/api/v1/galleries", GALLERY, headers=key) for _ in range(2)]
    assert request_of(first) == request_of(again)

    await hasty.tell(opened(await command_of(hasty, request_of(first))))
    polled = await hasty.client.get(first.headers["Location"])
    repeated = await studio.post("/api/v1/galleries", GALLERY, headers=key)
    assert (polled.status, polled.body) == (repeated.status, repeated.body)
    assert repeated.status == 201


async def test_of_a_deleted_gallery_only_the_deletion_is_answered(hasty: RunningGateway) -> None:
    studio = await hasty.studio()
    event = await open_slowly(hasty, studio)
    asked = await studio.delete(f"/api/v1/galleries/{event.gallery.id}")
    deletion = request_of(asked)
    await hasty.tell(GalleryDeleted(gallery_id=event.gallery.id, causation_id=deletion))

    for _ in range(2):
        assert (await hasty.client.get(asked.headers["Location"])).status == 204
    (await hasty.client.get(f"/api/v1/requests/{event.causation_id}")).expect(404)
