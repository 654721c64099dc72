"""Upload slots: what is refused before a byte is sent, what comes of the others."""

import asyncio
from typing import Any

import pytest

from chassis.objects import PART_SIZE
from contracts.base import uuid7
from contracts.transfers import DiscardedUpload, DiscardUploads, RegisterUpload, Tab, UploadRejected
from tests.gateway.client import StudioClient
from tests.gateway.making import photo_uploaded, transfer_uploaded
from tests.gateway.running import RunningGateway


def file(filename: str, size: int = 3, content_type: str = "image/jpeg") -> dict[str, Any]:
    return {"filename": filename, "size": size, "content_type": content_type}


async def ask(studio: StudioClient, tab: str, *files: dict[str, Any], **gallery: Any) -> list[dict[str, Any]]:
    """Slots in a new gallery."""
    opened = await studio.open_gallery(**gallery)
    return await ask_in(studio, opened["id"], tab, *files)


async def ask_in(studio: StudioClient, gallery_id: str, tab: str, *files: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await studio.post(f"/api/v1/galleries/{gallery_id}/{tab}/uploads", {"files": files})
    items: list[dict[str, Any]] = answer.expect(201)["items"]
    return items


async def complete(studio: StudioClient, *items: dict[str, Any]) -> list[dict[str, Any]]:
    done: list[dict[str, Any]] = (await studio.post("/api/v1/uploads/complete", {"items": items})).expect(202)["items"]
    return done


async def registrations(gateway: RunningGateway, upload_id: str) -> list[RegisterUpload]:
    return [command for command in await gateway.sent(RegisterUpload) if str(command.upload_id) == upload_id]


async def test_a_small_file_is_put_in_one_piece_and_registered(gateway: RunningGateway, studio: StudioClient) -> None:
    [slot] = await ask(studio, "photos", file("Żółw 1.JPG"), watermark="PROOF")
    assert (slot["filename"], slot["method"], slot["headers"]) == ("Żółw 1.JPG", "PUT", {})
    assert (await gateway.client.put(slot["url"], data=b"abc")).status == 200

    assert await complete(studio, {"upload_id": slot["upload_id"]}) == [
        {"upload_id": slot["upload_id"], "status": "processing"}
    ]
    [command] = await registrations(gateway, slot["upload_id"])
    assert (command.tab, command.filename, command.size) == (Tab.PHOTOS, "Żółw 1.JPG", 3)
    assert (command.watermark, command.multipart) == ("PROOF", None)
    assert command.object_key == f"incoming/{slot['upload_id']}"
    assert (await gateway.store.stat(command.object_key)).size == 3


async def test_a_final_gets_no_watermark(gateway: RunningGateway, studio: StudioClient) -> None:
    [slot] = await ask(studio, "transfers", file("1.jpg"), watermark="PROOF")
    await complete(studio, {"upload_id": slot["upload_id"]})

    [command] = await registrations(gateway, slot["upload_id"])
    assert (command.tab, command.watermark) == (Tab.TRANSFERS, None)


async def test_a_large_file_is_put_in_parts(gateway: RunningGateway, studio: StudioClient) -> None:
    content = [b"1" * PART_SIZE, b"2" * 5]
    single, slot = await ask(studio, "transfers", file("16.jpg", PART_SIZE), file("17.jpg", PART_SIZE + 5))
    assert "parts" not in single
    assert (slot["part_size"], [part["number"] for part in slot["parts"]]) == (PART_SIZE, [1, 2])
    sent = [await gateway.client.put(part["url"], data=body) for part, body in zip(slot["parts"], content, strict=True)]
    parts = [{"number": number, "etag": answer.headers["ETag"]} for number, answer in enumerate(sent, 1)]

    [item] = await complete(studio, {"upload_id": slot["upload_id"], "parts": parts})
    assert item["status"] == "processing"
    [command] = await registrations(gateway, slot["upload_id"])
    assert command.multipart is not None
    etags = {part.number: part.etag for part in command.multipart.parts}
    joined = await gateway.store.complete_multipart(command.object_key, command.multipart.id, etags)
    assert joined.size == PART_SIZE + 5


async def test_each_refused_file_says_why_in_its_own_place(studio: StudioClient) -> None:
    files = [
        file("good.jpg"),
        file("empty.jpg", 0),
        file("huge.jpg", 200_000_001),
        file("animation.gif", content_type="image/gif"),
        file("drawing.svg", content_type="image/svg+xml; charset=utf-8"),
        file("offer.pdf", content_type="application/pdf"),
        file("IMG_1.CR2", content_type="image/x-canon-cr2"),
        file(""),
        file("x" * 256),
        file("bell\a.jpg"),
        file(".."),
        file("GOOD.jpeg"),
        file("unknown.jpg", content_type="application/octet-stream"),
    ]
    items = await ask(studio, "photos", *files)

    assert [item["filename"] for item in items] == [each["filename"] for each in files]
    assert [item.get("error") for item in items] == [
        None,
        "The file is empty. Export the photo again and upload that file.",
        "The file has 200.0 MB; at most 200 are accepted. Export it smaller, best as JPEG.",
        "GIF files are not accepted. Upload the photo as JPEG, PNG, TIFF, WebP or AVIF.",
        "SVG drawings are not accepted. Upload the photo as JPEG, PNG, TIFF, WebP or AVIF.",
        "PDF documents are not accepted. Upload the photo as JPEG, PNG, TIFF, WebP or AVIF.",
        "Raw files are not accepted. Develop it and upload the photo as JPEG or TIFF.",
        "A file name has 1 to 255 characters; shorten it.",
        "A file name has 1 to 255 characters; shorten it.",
        "The file name has control characters in it; rename the file.",
        "The file name has no letters or digits before its extension; rename the file.",
        "Only case, folder or extension tell it from “good.jpg” in the same call; upload one of the two.",
        None,
    ]
    assert [item["code"] for item in items if "error" in item] == [
        "empty",
        "too_large",
        "wrong_type",
        "wrong_type",
        "wrong_type",
        "raw",
        "unusable_name",
        "unusable_name",
        "unusable_name",
        "unusable_name",
        "same_name",
    ]
    assert all(("upload_id" in item) == ("error" not in item) for item in items)


async def test_odd_names_are_kept_as_they_are(gateway: RunningGateway, studio: StudioClient) -> None:
    names = ["../../etc/1.jpg", "😀.jpg", "\u202egpj.exe.jpg", "a" * 200 + ".jpg", "C:\\photos\\2.jpg", '"&<%41>.jpg']
    slots = await ask(studio, "transfers", *map(file, names))
    await complete(studio, *({"upload_id": slot["upload_id"]} for slot in slots))

    told = [(await registrations(gateway, slot["upload_id"]))[0] for slot in slots]
    assert [command.filename for command in told] == names


async def test_two_finals_of_one_name_in_one_call_would_replace_each_other(studio: StudioClient) -> None:
    first, second = await ask(studio, "transfers", file("a/IMG_1.jpg"), file("b/img_1.TIF"))

    assert "upload_id" in first
    assert "“a/IMG_1.jpg”" in second["error"]


async def test_a_refused_file_does_not_stand_in_the_way_of_another_of_its_name(studio: StudioClient) -> None:
    empty, good = await ask(studio, "photos", file("1.jpg", 0), file("1.jpg"))

    assert "error" in empty
    assert "upload_id" in good


async def test_a_proof_whose_name_is_taken_is_refused_and_a_final_becomes_a_new_version(
    gateway: RunningGateway, studio: StudioClient
) -> None:
    gallery = (await studio.open_gallery())["id"]
    await gateway.tell(photo_uploaded(gallery, "IMG_1.jpg"), transfer_uploaded(gallery, "IMG_1.jpg"))

    [proof] = await ask_in(studio, gallery, "photos", file("img_1.png"))
    assert "in the gallery already" in proof["error"]
    assert proof["code"] == "name_taken"
    [final] = await ask_in(studio, gallery, "transfers", file("img_1.png"))
    assert "upload_id" in final


async def test_the_same_idempotency_key_gives_the_same_slots(gateway: RunningGateway, studio: StudioClient) -> None:
    gallery = (await studio.open_gallery())["id"]
    path, body = f"/api/v1/galleries/{gallery}/photos/uploads", {"files": [file("1.jpg"), file("2.jpg", PART_SIZE + 1)]}
    key = {"Idempotency-Key": str(uuid7())}
    first, again = [(await studio.post(path, body, headers=key)).expect(201)["items"] for _ in range(2)]

    assert [slot["upload_id"] for slot in first] == [slot["upload_id"] for slot in again]
    assert (await gateway.client.put(again[0]["url"], data=b"abc")).status == 200
    assert await gateway.db.pool.fetchval("SELECT count(*) FROM upload WHERE gallery_id = $1", gallery) == 2
    (await studio.post(path, {"files": [file("3.jpg")]}, headers=key)).expect(422)


async def test_more_than_200_files_or_a_misspelt_field_are_refused(studio: StudioClient) -> None:
    path = f"/api/v1/galleries/{(await studio.open_gallery())['id']}/photos/uploads"
    for files in ([file(f"{number}.jpg") for number in range(201)], [], [{"name": "1.jpg", "size": 3}]):
        problem = (await studio.post(path, {"files": files})).expect(422)
        assert problem["errors"][0]["field"].startswith("files")


async def test_200_large_files_get_their_slots_in_one_call(studio: StudioClient) -> None:
    slots = await ask(studio, "transfers", *(file(f"{number}.jpg", PART_SIZE * 2 + 1) for number in range(200)))

    assert {len(slot["parts"]) for slot in slots} == {3}


async def test_a_slot_completed_twice_is_done_once(gateway: RunningGateway, studio: StudioClient) -> None:
    [slot] = await ask(studio, "photos", file("1.jpg"))
    item = {"upload_id": slot["upload_id"]}
    answers = await asyncio.gather(*(complete(studio, item, item) for _ in range(5)))

    assert {each["status"] for answer in answers for each in answer} == {"processing"}
    assert len(await registrations(gateway, slot["upload_id"])) == 1


async def test_completing_what_is_not_yours_says_so_in_its_place(gateway: RunningGateway, studio: StudioClient) -> None:
    stranger = await gateway.studio()
    [theirs], [ours] = await ask(stranger, "photos", file("1.jpg")), await ask(studio, "photos", file("1.jpg"))
    unknown = str(uuid7())
    items = await complete(studio, *({"upload_id": each} for each in (theirs["upload_id"], unknown, ours["upload_id"])))

    nothing = "There is no such upload here."
    assert items == [
        {"upload_id": theirs["upload_id"], "error": nothing},
        {"upload_id": unknown, "error": nothing},
        {"upload_id": ours["upload_id"], "status": "processing"},
    ]
    (await studio.get(f"/api/v1/uploads/{theirs['upload_id']}")).expect(404)
    assert (await stranger.get(f"/api/v1/uploads/{theirs['upload_id']}")).expect(200)["status"] == "waiting"


@pytest.mark.parametrize("numbers", [[], [1], [1, 1, 2], [1, 3], [2, 3], [1, 2, 3]])
async def test_parts_must_be_all_there(studio: StudioClient, numbers: list[int]) -> None:
    [slot] = await ask(studio, "photos", file("1.jpg", PART_SIZE + 1))
    parts = [{"number": number, "etag": '"x"'} for number in numbers]
    [item] = await complete(studio, {"upload_id": slot["upload_id"], "parts": parts})

    assert item["status"] == "waiting"
    assert item["error"] == "This upload has the parts 1 to 2; give the number and the etag of each, once."


async def test_a_file_in_one_piece_has_no_parts(studio: StudioClient) -> None:
    [slot] = await ask(studio, "photos", file("1.jpg"))
    [item] = await complete(studio, {"upload_id": slot["upload_id"], "parts": [{"number": 1, "etag": '"x"'}]})

    assert item["error"] == "This upload has no parts; complete it without them."


async def test_an_upload_tells_what_has_become_of_it(gateway: RunningGateway, studio: StudioClient) -> None:
    gallery = (await studio.open_gallery())["id"]
    [first, second] = await ask_in(studio, gallery, "photos", file("1.jpg"), file("2.jpg"))
    [final] = await ask_in(studio, gallery, "transfers", file("1.jpg"))
    await complete(studio, *({"upload_id": slot["upload_id"]} for slot in (first, second, final)))
    stored = photo_uploaded(gallery, "1.jpg", upload_id=first["upload_id"])
    finished = transfer_uploaded(gallery, "1.jpg", upload_id=final["upload_id"])
    rejected = UploadRejected(
        upload_id=second["upload_id"], gallery_id=gallery, tab=Tab.PHOTOS, filename="2.jpg", code="x", reason="Not one."
    )
    await gateway.tell(stored, finished, rejected)

    told = [(await studio.get(f"/api/v1/uploads/{slot['upload_id']}")).json for slot in (first, second, final)]
    assert told == [
        {"upload_id": first["upload_id"], "filename": "1.jpg", "status": "stored", "photo_id": str(stored.photo.id)},
        {
            "upload_id": second["upload_id"],
            "filename": "2.jpg",
            "status": "rejected",
            "reason": "Not one.",
            "code": "x",
        },
        {
            "upload_id": final["upload_id"],
            "filename": "1.jpg",
            "status": "stored",
            "transfer_id": str(finished.transfer.id),
        },
    ]
    assert (await complete(studio, {"upload_id": second["upload_id"]}))[0]["status"] == "rejected"


async def test_some_uploads_of_a_gallery_are_told_of_together(gateway: RunningGateway, studio: StudioClient) -> None:
    gallery = (await studio.open_gallery())["id"]
    first, second, _ = await ask_in(studio, gallery, "photos", file("1.jpg"), file("2.jpg"), file("3.jpg"))
    [elsewhere] = await ask(studio, "photos", file("4.jpg"))
    await complete(studio, {"upload_id": second["upload_id"]})
    ids = ",".join(each["upload_id"] for each in (first, second, elsewhere))

    told = (await studio.get(f"/api/v1/galleries/{gallery}/uploads?ids={ids}")).expect(200)["items"]
    assert {each["filename"]: each["status"] for each in told} == {"1.jpg": "waiting", "2.jpg": "processing"}
    assert (await studio.get(f"/api/v1/galleries/{gallery}/uploads")).expect(200) == {"items": []}
    (await studio.get(f"/api/v1/galleries/{gallery}/uploads?ids=nonsense")).expect(404)


async def test_deleting_a_gallery_sweeps_what_its_slots_hold(gateway: RunningGateway, studio: StudioClient) -> None:
    gallery = (await studio.open_gallery())["id"]
    [small, large] = await ask_in(studio, gallery, "photos", file("1.jpg"), file("2.jpg", PART_SIZE + 1))
    await complete(studio, {"upload_id": small["upload_id"]})
    (await studio.delete(f"/api/v1/galleries/{gallery}")).expect(204)

    swept = {upload.object_key: upload for command in await gateway.sent(DiscardUploads) for upload in command.uploads}
    assert swept[f"incoming/{small['upload_id']}"] == DiscardedUpload(object_key=f"incoming/{small['upload_id']}")
    assert swept[f"incoming/{large['upload_id']}"].multipart_id
    (await studio.get(f"/api/v1/uploads/{small['upload_id']}")).expect(404)
