"""The files of both tabs as the studio sees them, and matching by hand."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from contracts.base import uuid7
from contracts.entitlements import ConfirmMatch, Suggestion, TransferMatched, WithdrawMatch
from contracts.orders import OrderPlaced, OrderStatus
from contracts.transfers import RemoveTransfer, TransferRefused, TransferRemoved
from tests.gateway.client import Answer, StudioClient
from tests.gateway.making import photo_uploaded, transfer_uploaded
from tests.gateway.running import RunningGateway
from tests.making import line, order
from tests.waiting import eventually


@pytest.fixture
async def gallery(studio: StudioClient) -> str:
    """The id of a gallery of the studio."""
    return str((await studio.open_gallery())["id"])


async def listed(studio: StudioClient, gallery: str, tab: str, query: str = "") -> dict[str, Any]:
    page: dict[str, Any] = (await studio.get(f"/api/v1/galleries/{gallery}/{tab}{query}")).expect(200)
    return page


def ordered(gallery: str, photo_id: Any, **given: Any) -> OrderPlaced:
    lines = (line("1.jpg").model_copy(update={"photo_id": photo_id}),)
    return OrderPlaced(order=order(gallery_id=UUID(gallery), lines=lines, **given))


async def test_proofs_are_listed_by_name_with_their_previews_and_orders(
    gateway: RunningGateway, studio: StudioClient, gallery: str
) -> None:
    first, second = photo_uploaded(gallery, "IMG_1.JPG"), photo_uploaded(gallery, "IMG_2.JPG")
    gone = ordered(gallery, first.photo.id, number=2, status=OrderStatus.CANCELLED)
    await gateway.tell(second, first, ordered(gallery, first.photo.id), gone)

    page = await listed(studio, gallery, "photos")
    assert [(item["id"], item["ordered"]) for item in page["items"]] == [
        (str(first.photo.id), 1),
        (str(second.photo.id), 0),
    ]
    shown = page["items"][0]
    assert {key: shown[key] for key in ("filename", "match_key", "width", "height", "size", "sha256")} == {
        "filename": "IMG_1.JPG",
        "match_key": "img_1",
        "width": 6000,
        "height": 4000,
        "size": 3_000_000,
        "sha256": "ab" * 32,
    }
    assert set(shown["previews"]) == {"small", "large"}
    assert page["next"] is None


async def test_finals_are_listed_in_pages(gateway: RunningGateway, studio: StudioClient, gallery: str) -> None:
    await gateway.tell(*(transfer_uploaded(gallery, f"{number}.jpg") for number in range(5)))

    names, query = [], "?limit=2"
    while query:
        page = await listed(studio, gallery, "transfers", query)
        names.append([item["filename"] for item in page["items"]])
        query = f"?limit=2&cursor={page['next']}" if page["next"] else ""
    assert names == [["0.jpg", "1.jpg"], ["2.jpg", "3.jpg"], ["4.jpg"]]


async def test_a_final_belongs_to_the_photo_of_its_name_before_anybody_says_so(
    gateway: RunningGateway, studio: StudioClient, gallery: str
) -> None:
    photo, final = photo_uploaded(gallery, "IMG_1.jpg"), transfer_uploaded(gallery, "img_1.TIF", version=2)
    await gateway.tell(final, photo, ordered(gallery, photo.photo.id))

    [item] = (await listed(studio, gallery, "transfers"))["items"]
    assert item.pop("preview").startswith("http://")
    assert item.pop("stored_at")
    assert item == {
        "id": str(final.transfer.id),
        "filename": "img_1.TIF",
        "match_key": "img_1",
        "version": 2,
        "size": 3_000_000,
        "sha256": "ab" * 32,
        "photo_id": str(photo.photo.id),
        "matched_by_hand": False,
        "suggestions": [],
        "ordered": 1,
    }


async def test_unmatched_finals_are_listed_apart_with_suggestions(
    gateway: RunningGateway, studio: StudioClient, gallery: str
) -> None:
    photo = photo_uploaded(gallery, "IMG_1.jpg")
    matched, unmatched = transfer_uploaded(gallery, "IMG_1.jpg"), transfer_uploaded(gallery, "IMG_1-Edit.jpg")
    suggested = Suggestion(photo_id=photo.photo.id, filename="IMG_1.jpg", score=90)
    told = TransferMatched(
        transfer_id=unmatched.transfer.id,
        gallery_id=gallery,
        photo_id=None,
        by_hand=False,
        suggestions=(suggested,),
        revision=1,
    )
    await gateway.tell(photo, matched, unmatched, told)

    [apart] = (await listed(studio, gallery, "transfers", "?matched=false"))["items"]
    assert (apart["filename"], apart["photo_id"]) == ("IMG_1-Edit.jpg", None)
    assert apart["suggestions"] == [suggested.model_dump(mode="json")]
    [other] = (await listed(studio, gallery, "transfers", "?matched=true"))["items"]
    assert other["filename"] == "IMG_1.jpg"


async def answered(gateway: RunningGateway, asking: Any, kind: Any, transfer_id: Any, photo_id: Any) -> Answer:
    """Say for entitlements to whom the final belongs, in answer to the command of this kind."""
    task: asyncio.Task[Answer] = asyncio.create_task(asking)
    command = await eventually(lambda: _command(gateway, kind, transfer_id))
    event = TransferMatched(
        transfer_id=transfer_id,
        gallery_id=command.gallery_id,
        photo_id=photo_id,
        by_hand=photo_id is not None,
        revision=5 if photo_id else 6,
        causation_id=command.message_id,
    )
    await gateway.tell(event)
    return await task


async def _command(gateway: RunningGateway, kind: Any, transfer_id: Any) -> Any:
    return next((command for command in await gateway.sent(kind) if command.transfer_id == transfer_id), None)


async def test_a_match_is_confirmed_and_taken_back_by_hand(
    gateway: RunningGateway, studio: StudioClient, gallery: str
) -> None:
    photo, final = photo_uploaded(gallery, "IMG_1.jpg"), transfer_uploaded(gallery, "portrait.jpg")
    await gateway.tell(photo, final)
    path, body = f"/api/v1/transfers/{final.transfer.id}/match", {"photo_id": str(photo.photo.id)}

    confirming = studio.put(path, json=body)
    confirmed = await answered(gateway, confirming, ConfirmMatch, final.transfer.id, photo.photo.id)
    assert (confirmed.expect(200)["photo_id"], confirmed.json["matched_by_hand"]) == (str(photo.photo.id), True)
    command = await _command(gateway, ConfirmMatch, final.transfer.id)
    assert (command.transfer_key, command.photo_key) == ("portrait", "img_1")

    withdrawn = await answered(gateway, studio.delete(path), WithdrawMatch, final.transfer.id, None)
    assert (withdrawn.expect(200)["photo_id"], withdrawn.json["matched_by_hand"]) == (None, False)


async def test_a_final_is_matched_with_photos_of_its_own_gallery_only(
    gateway: RunningGateway, studio: StudioClient, gallery: str
) -> None:
    elsewhere = photo_uploaded((await studio.open_gallery())["id"], "IMG_1.jpg")
    final = transfer_uploaded(gallery, "portrait.jpg")
    await gateway.tell(elsewhere, final)

    for photo_id in (elsewhere.photo.id, uuid7()):
        problem = await studio.put(f"/api/v1/transfers/{final.transfer.id}/match", json={"photo_id": str(photo_id)})
        assert problem.expect(422)["errors"][0]["field"] == "photo_id"


async def test_a_photo_is_removed_unless_it_is_on_an_order(
    gateway: RunningGateway, studio: StudioClient, gallery: str
) -> None:
    free, wanted = photo_uploaded(gallery, "1.jpg"), photo_uploaded(gallery, "2.jpg")
    await gateway.tell(free, wanted)
    public = (await studio.get(f"/api/v1/galleries/{gallery}")).json["public_url"].replace("/g/", "/api/v1/g/")
    asked = {"client": {"name": "Anna", "email": "anna@example.com"}, "photo_ids": [str(wanted.photo.id)]}
    (await gateway.client.post(f"{public}/orders", asked)).expect(201)

    (await studio.delete(f"/api/v1/photos/{free.photo.id}")).expect(204)
    problem = (await studio.delete(f"/api/v1/photos/{wanted.photo.id}")).expect(409)
    assert problem["detail"] == "This photo is on an order; it stays in the gallery."
    assert [item["id"] for item in (await listed(studio, gallery, "photos"))["items"]] == [str(wanted.photo.id)]
    (await studio.delete(f"/api/v1/photos/{free.photo.id}")).expect(404)


async def test_a_final_is_removed(gateway: RunningGateway, studio: StudioClient, gallery: str) -> None:
    final = transfer_uploaded(gallery, "1.jpg")
    await gateway.tell(final)
    removing = asyncio.create_task(studio.delete(f"/api/v1/transfers/{final.transfer.id}"))
    command = await eventually(lambda: _command(gateway, RemoveTransfer, final.transfer.id))
    await gateway.tell(
        TransferRemoved(transfer_id=final.transfer.id, gallery_id=gallery, causation_id=command.message_id)
    )

    (await removing).expect(204)
    assert (await listed(studio, gallery, "transfers"))["items"] == []


async def test_removing_a_final_that_transfers_does_not_know_is_a_404(
    gateway: RunningGateway, studio: StudioClient, gallery: str
) -> None:
    final = transfer_uploaded(gallery, "1.jpg")
    await gateway.tell(final)
    removing = asyncio.create_task(studio.delete(f"/api/v1/transfers/{final.transfer.id}"))
    command = await eventually(lambda: _command(gateway, RemoveTransfer, final.transfer.id))
    refused = TransferRefused(
        transfer_id=final.transfer.id,
        gallery_id=gallery,
        status=404,
        code="not-found",
        detail="There is no such final.",
        causation_id=command.message_id,
    )
    await gateway.tell(refused)

    assert (await removing).expect(404)["detail"] == "There is no such final."


async def test_another_studios_files_are_not_there(gateway: RunningGateway, studio: StudioClient, gallery: str) -> None:
    photo, final = photo_uploaded(gallery, "1.jpg"), transfer_uploaded(gallery, "1.jpg")
    await gateway.tell(photo, final)
    stranger = await gateway.studio()

    for method, path in (
        ("GET", f"galleries/{gallery}/photos"),
        ("GET", f"galleries/{gallery}/transfers"),
        ("GET", f"galleries/{gallery}/events"),
        ("POST", f"galleries/{gallery}/photos/uploads"),
        ("POST", f"galleries/{gallery}/transfers/uploads"),
        ("PUT", f"transfers/{final.transfer.id}/match"),
        ("DELETE", f"transfers/{final.transfer.id}/match"),
        ("DELETE", f"transfers/{final.transfer.id}"),
        ("DELETE", f"photos/{photo.photo.id}"),
    ):
        (await stranger.call(method, f"/api/v1/{path}")).expect(404)
        (await gateway.client.call(method, f"/api/v1/{path}")).expect(401)
