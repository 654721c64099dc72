"""What becomes of files: taken in once, replaced, removed, forgotten."""

import asyncio
import hashlib
import zlib
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest
import pyvips

from chassis.inbox import AlreadyHandled
from chassis.object_errors import ObjectMissing
from chassis.objects import ObjectStore
from contracts.base import uuid7
from contracts.orders import GalleryDeleted, PhotoWithdrawn
from contracts.transfers import (
    DiscardedUpload,
    DiscardUploads,
    Multipart,
    PhotoUploaded,
    RemoveTransfer,
    Tab,
    TransferRefused,
    TransferRemoved,
    TransferUploaded,
    UploadedPart,
    UploadRejected,
    watermark_key,
)
from deploy.local.drawing import draw, photo
from deploy.local.ports import free_port
from services.transfers import handlers
from services.transfers.attempts import AFTERMATH, LIFETIME, TookTooLong
from tests.transfers.desk import LONG_AFTER, Desk
from tests.transfers.meanwhile import EventfulStore, at

PHOTO = photo("IMG_0001", 1800, 1200)
RETOUCHED = photo("IMG_0001, retouched", 1800, 1200)
SMALL = photo("small", 60, 40)


def size_of(preview: bytes) -> tuple[int, int]:
    image = pyvips.Image.new_from_buffer(preview, "")
    return image.width, image.height


async def test_a_proof_is_measured_and_has_two_previews(desk: Desk, tmp_path: Path) -> None:
    taken = await desk.add_photo(PHOTO, "Class 3b/IMG_0001.JPG")

    assert (taken.size, taken.crc32, taken.sha256) == (
        len(PHOTO),
        zlib.crc32(PHOTO),
        hashlib.sha256(PHOTO).hexdigest(),
    )
    assert (taken.width, taken.height, taken.content_type) == (1800, 1200, "image/jpeg")
    assert (taken.filename, taken.match_key) == ("Class 3b/IMG_0001.JPG", "img_0001")
    assert await desk.read(taken.object_key, tmp_path) == PHOTO
    assert size_of(await desk.read(taken.preview_small_key, tmp_path)) == (400, 267)
    assert size_of(await desk.read(taken.preview_large_key, tmp_path)) == (1600, 1067)


async def test_a_final_keeps_its_bytes_and_has_one_preview(desk: Desk, tmp_path: Path) -> None:
    taken = (await desk.add_final(PHOTO)).transfer

    assert await desk.read(taken.object_key, tmp_path) == PHOTO
    assert (await desk.objects.stat(taken.object_key)).content_type == "image/jpeg"
    assert size_of(await desk.read(taken.preview_small_key, tmp_path)) == (400, 267)
    assert taken.version == 1
    assert desk.keys("galleries/") == {taken.object_key, taken.preview_small_key}


async def test_an_avif_is_taken_in_as_it_is_and_has_jpeg_previews(desk: Desk, tmp_path: Path) -> None:
    content = bytes(draw("IMG_0001", 1800, 1200).heifsave_buffer(compression="av1", effort=0))
    proof, final = (
        await desk.add_photo(content, "IMG_0001.avif"),
        (await desk.add_final(content, "IMG_0001.AVIF")).transfer,
    )

    for taken in (proof, final):
        assert (taken.content_type, taken.width, taken.height) == ("image/avif", 1800, 1200)
        assert await desk.read(taken.object_key, tmp_path) == content
        preview = await desk.read(taken.preview_small_key, tmp_path)
        assert (preview[:3], size_of(preview)) == (b"\xff\xd8\xff", (400, 267))


async def test_a_watermark_is_on_the_previews_of_proofs_and_on_nothing_else(desk: Desk, tmp_path: Path) -> None:
    proofs = [await desk.add_photo(PHOTO, f"{text}.jpg", watermark=text) for text in (None, "© Studio")]
    finals = [(await desk.add_final(PHOTO, watermark=text)).transfer for text in (None, "© Studio")]
    plain, marked = [await desk.read(proof.preview_small_key, tmp_path) for proof in proofs]
    clean, as_clean = [await desk.read(final.preview_small_key, tmp_path) for final in finals]

    assert plain != marked
    assert clean == as_clean
    for file in (*proofs, finals[1]):
        assert await desk.read(file.object_key, tmp_path) == PHOTO


async def test_a_studios_own_picture_is_burnt_into_the_middle_of_proofs_previews(desk: Desk, tmp_path: Path) -> None:
    red = pyvips.Image.black(300, 100, bands=3).linear(1, [255, 0, 0]).cast("uchar").bandjoin(255).pngsave_buffer()
    await desk.objects.put_file(watermark_key(desk.gallery_id), red, "image/png")
    proof = await desk.add_photo(PHOTO, watermark_image=True)
    final = (await desk.add_final(PHOTO, watermark_image=True)).transfer

    marked = pyvips.Image.new_from_buffer(await desk.read(proof.preview_large_key, tmp_path), "")
    clean = pyvips.Image.new_from_buffer(await desk.read(final.preview_small_key, tmp_path), "")
    red_here, green_here, _ = marked(marked.width // 2, marked.height // 2)
    assert red_here > 240
    assert green_here < 20
    assert marked(5, 5)[0] < 240
    assert clean(clean.width // 2, clean.height // 2)[0] < 240


@pytest.mark.parametrize("mark", [None, b"no picture", b"\x89PNG\r\n\x1a\n cut off"])
async def test_no_proof_is_shown_without_its_watermark(desk: Desk, mark: bytes | None) -> None:
    if mark:
        await desk.objects.put_file(watermark_key(desk.gallery_id), mark, "image/png")
    rejected = await desk.rejection(await desk.send(PHOTO, watermark_image=True))
    assert rejected.code == "watermark_missing"
    assert "Settings" in rejected.reason
    assert desk.keys("galleries/") == ({watermark_key(desk.gallery_id)} if mark else set())


async def test_what_arrived_is_removed_when_it_is_taken_in(desk: Desk) -> None:
    taken = await desk.add_photo(PHOTO)
    await desk.sweep()

    assert desk.keys() == {taken.object_key, taken.preview_small_key, taken.preview_large_key}
    assert desk.leftovers() == []


async def test_what_is_put_into_a_slot_later_is_removed_when_the_slot_has_closed(desk: Desk) -> None:
    command = await desk.send(PHOTO)
    await desk.register(command)
    await desk.sweep()
    await desk.objects.put_file(command.object_key, SMALL, "image/jpeg")
    await desk.sweep(handlers.SLOT_OPEN)

    assert desk.keys("incoming/") == set()


async def test_a_large_file_is_put_together_from_its_parts(desk: Desk, tmp_path: Path) -> None:
    content = PHOTO + bytes(6_000_000)
    command = desk.announce(len(content))
    upload = await desk.objects.create_multipart(command.object_key)
    parts = []
    async with aiohttp.ClientSession() as http:
        for number, body in ((1, content[:5_500_000]), (2, content[5_500_000:])):
            async with http.put(
                desk.objects.presign_part(command.object_key, upload, number, 60), data=BytesIO(body)
            ) as answer:
                parts.append(UploadedPart(number=number, etag=answer.headers["ETag"]))
    command = command.model_copy(update={"multipart": Multipart(id=upload, parts=tuple(parts))})

    await desk.register(command)

    taken = (await desk.last(PhotoUploaded)).photo
    assert await desk.read(taken.object_key, tmp_path) == content


async def test_parts_that_did_not_arrive_are_a_reason_and_those_that_did_are_removed(desk: Desk) -> None:
    command = desk.announce(len(PHOTO))
    upload = await desk.objects.create_multipart(command.object_key)
    missing = {1: '"00000000000000000000000000000000"'}
    parts = tuple(UploadedPart(number=number, etag=etag) for number, etag in missing.items())

    rejected = await desk.rejection(command.model_copy(update={"multipart": Multipart(id=upload, parts=parts)}))

    assert rejected.code == "never_arrived"
    with pytest.raises(ObjectMissing):
        await desk.objects.complete_multipart(command.object_key, upload, missing)


async def test_a_repeated_delivery_changes_nothing(desk: Desk) -> None:
    command = await desk.send(PHOTO)
    await desk.register(command)
    before = desk.keys("galleries/")

    with pytest.raises(AlreadyHandled):
        await desk.register(command)

    await desk.sweep(LONG_AFTER)
    assert len(await desk.told(PhotoUploaded)) == 1
    assert desk.keys() == before


async def test_a_repeated_delivery_costs_no_work(desk: Desk) -> None:
    command = await desk.send(PHOTO)
    await desk.register(command)
    nowhere = ObjectStore(f"http://key:secret@127.0.0.1:{free_port()}/bucket")

    with pytest.raises(AlreadyHandled):
        await at(desk, nowhere).register(command)
    await nowhere.close()


async def test_two_deliveries_at_the_same_moment_are_one(desk: Desk) -> None:
    command = await desk.send(PHOTO)
    outcomes = await asyncio.gather(desk.register(command), desk.register(command), return_exceptions=True)

    assert sum(isinstance(outcome, AlreadyHandled) for outcome in outcomes) == 1
    (uploaded,) = await desk.told(PhotoUploaded)
    taken = uploaded.photo
    await desk.sweep(LONG_AFTER)
    assert desk.keys() == {taken.object_key, taken.preview_small_key, taken.preview_large_key}


async def test_a_slot_that_is_used_twice_keeps_what_came_first(desk: Desk, tmp_path: Path) -> None:
    first = await desk.send(PHOTO, tab=Tab.TRANSFERS)
    await desk.register(first)
    again = first.model_copy(update={"message_id": uuid7(), "size": len(RETOUCHED)})
    await desk.objects.put_file(again.object_key, RETOUCHED, "image/jpeg")
    with pytest.raises(AlreadyHandled):
        await desk.register(again)

    (uploaded,) = await desk.told(TransferUploaded)
    assert await desk.read(uploaded.transfer.object_key, tmp_path) == PHOTO
    await desk.sweep()
    assert desk.keys("incoming/") == set()


async def test_a_slot_that_is_used_twice_at_the_same_moment_is_used_once(desk: Desk) -> None:
    first = await desk.send(PHOTO, tab=Tab.TRANSFERS)
    again = first.model_copy(update={"message_id": uuid7()})
    outcomes = await asyncio.gather(desk.register(first), desk.register(again), return_exceptions=True)

    assert sum(isinstance(outcome, AlreadyHandled) for outcome in outcomes) == 1
    assert [uploaded.transfer.version for uploaded in await desk.told(TransferUploaded)] == [1]


async def test_a_rejected_upload_stays_rejected(desk: Desk) -> None:
    command = desk.announce(len(PHOTO))
    await desk.rejection(command)
    await desk.objects.put_file(command.object_key, PHOTO, "image/jpeg")
    with pytest.raises(AlreadyHandled):
        await desk.register(command.model_copy(update={"message_id": uuid7()}))

    await desk.sweep(LONG_AFTER)
    assert desk.keys() == set()


async def test_a_second_proof_of_a_name_is_refused_and_told_which_has_it(desk: Desk) -> None:
    taken = await desk.add_photo(PHOTO, "IMG_0001.JPG")
    rejected = await desk.rejection(await desk.send(RETOUCHED, "img_0001.jpeg"))

    assert rejected.code == "name_taken"
    assert "“IMG_0001.JPG”" in rejected.reason
    await desk.sweep(LONG_AFTER)
    assert desk.keys() == {taken.object_key, taken.preview_small_key, taken.preview_large_key}


async def test_of_proofs_of_one_name_at_the_same_moment_exactly_one_is_taken_in(desk: Desk) -> None:
    for number in range(5):
        uploads = [await desk.send(SMALL, f"{number}.{suffix}") for suffix in ("jpg", "JPEG", "png", "tif")]
        await asyncio.gather(*map(desk.register, uploads))

    assert len(await desk.told(PhotoUploaded)) == 5
    assert {rejected.code for rejected in await desk.told(UploadRejected)} == {"name_taken"}
    await desk.sweep(LONG_AFTER)
    assert len(desk.keys()) == 5 * 3


async def test_the_name_of_a_withdrawn_proof_is_free_again(desk: Desk) -> None:
    old = await desk.add_photo(PHOTO)
    await handlers.remove_photo(PhotoWithdrawn(photo_id=old.id, gallery_id=desk.gallery_id), desk.db)
    new = await desk.add_photo(PHOTO)

    await desk.sweep()
    assert desk.keys() == {new.object_key, new.preview_small_key, new.preview_large_key}
    assert new.id != old.id


async def test_s1_a_final_changes_no_proof(desk: Desk, tmp_path: Path) -> None:
    proof = await desk.add_photo(PHOTO)
    row = await desk.db.pool.fetchrow("SELECT *, xmin FROM file")
    before = {key: await desk.read(key, tmp_path) for key in desk.keys("galleries/")}

    await desk.add_final(RETOUCHED)
    await desk.add_final(RETOUCHED)
    await desk.sweep(LONG_AFTER)

    assert await desk.db.pool.fetchrow("SELECT *, xmin FROM file WHERE tab = 'photos'") == row
    assert {key: await desk.read(key, tmp_path) for key in before} == before
    assert [uploaded.photo for uploaded in await desk.told(PhotoUploaded)] == [proof]


async def test_a_final_of_the_same_name_is_the_next_version(desk: Desk, tmp_path: Path) -> None:
    first = (await desk.add_final(PHOTO, "IMG_0001.JPG")).transfer
    second = (await desk.add_final(RETOUCHED, "img_0001.jpeg")).transfer

    assert (second.id, second.version, second.filename) == (first.id, 2, "img_0001.jpeg")
    assert await desk.read(second.object_key, tmp_path) == RETOUCHED


async def test_a_replaced_final_stays_until_downloads_of_it_have_ended(desk: Desk, tmp_path: Path) -> None:
    first = (await desk.add_final(PHOTO)).transfer
    second = (await desk.add_final(RETOUCHED)).transfer

    await desk.sweep()
    assert await desk.read(first.object_key, tmp_path) == PHOTO
    await desk.sweep(timedelta(seconds=desk.settings.keep_replaced))
    assert desk.keys() == {second.object_key, second.preview_small_key}


async def test_versions_at_the_same_moment_are_numbered_without_gaps(desk: Desk, tmp_path: Path) -> None:
    contents = [photo(f"version {number}", 60, 40) for number in range(8)]
    uploads = [await desk.send(content, tab=Tab.TRANSFERS) for content in contents]
    await asyncio.gather(*map(desk.register, uploads))

    versions = {event.transfer.version: event.transfer for event in await desk.told(TransferUploaded)}
    assert sorted(versions) == list(range(1, 9))
    assert len({version.id for version in versions.values()}) == 1
    await desk.sweep(LONG_AFTER)
    assert desk.keys() == {versions[8].object_key, versions[8].preview_small_key}


async def test_a_removed_final_is_gone_and_its_name_begins_anew(desk: Desk, tmp_path: Path) -> None:
    old = (await desk.add_final(PHOTO)).transfer
    await handlers.remove_transfer(
        RemoveTransfer(transfer_id=old.id, gallery_id=desk.gallery_id), desk.db, desk.settings
    )
    assert (await desk.last(TransferRemoved)).transfer_id == old.id
    await desk.sweep()
    assert await desk.read(old.object_key, tmp_path) == PHOTO

    new = (await desk.add_final(RETOUCHED)).transfer

    await desk.sweep(LONG_AFTER)
    assert desk.keys() == {new.object_key, new.preview_small_key}
    assert (new.id != old.id, new.version) == (True, 1)


async def test_only_a_final_of_this_gallery_can_be_removed(desk: Desk) -> None:
    proof = await desk.add_photo(PHOTO)
    final = (await desk.add_final(PHOTO)).transfer
    for transfer_id, gallery_id in ((uuid7(), desk.gallery_id), (final.id, uuid7()), (proof.id, desk.gallery_id)):
        await handlers.remove_transfer(
            RemoveTransfer(transfer_id=transfer_id, gallery_id=gallery_id), desk.db, desk.settings
        )
        refused = await desk.last(TransferRefused)
        assert (refused.status, refused.transfer_id) == (404, transfer_id)

    await desk.sweep(LONG_AFTER)
    assert len(desk.keys()) == 5


async def test_what_nobody_completed_is_swept(desk: Desk) -> None:
    whole, begun = await desk.send(PHOTO), desk.announce(len(PHOTO))
    upload = await desk.objects.create_multipart(begun.object_key)
    slots = (
        DiscardedUpload(object_key=whole.object_key),
        DiscardedUpload(object_key=begun.object_key, multipart_id=upload),
        DiscardedUpload(object_key=desk.announce(1).object_key),
    )
    await handlers.discard_uploads(DiscardUploads(uploads=slots), desk.db, desk.objects)
    await desk.sweep()

    assert desk.keys() == set()
    parts = Multipart(id=upload, parts=(UploadedPart(number=1, etag='"00000000000000000000000000000000"'),))
    assert (await desk.rejection(begun.model_copy(update={"multipart": parts}))).code == "never_arrived"


async def test_of_a_deleted_gallery_nothing_is_left(desk: Desk) -> None:
    other = Desk(desk.db, desk.objects, desk.intake, desk.settings)
    kept = await other.add_photo(PHOTO)
    await desk.add_photo(PHOTO)
    await desk.add_final(PHOTO)
    await desk.add_final(RETOUCHED)
    await handlers.forget_gallery(GalleryDeleted(gallery_id=desk.gallery_id), desk.db)
    await desk.sweep()

    assert desk.keys() == {kept.object_key, kept.preview_small_key, kept.preview_large_key}
    galleries = await desk.db.pool.fetch("SELECT gallery_id FROM file UNION SELECT gallery_id FROM upload")
    assert [row["gallery_id"] for row in galleries] == [other.gallery_id]
    assert [event.about_gallery for event in await desk.told(PhotoUploaded)] == [other.gallery_id]


async def test_an_upload_that_is_in_hand_when_its_gallery_is_deleted_leaves_nothing(
    desk: Desk, bucket_url: str
) -> None:
    async def delete_gallery() -> None:
        await handlers.forget_gallery(GalleryDeleted(gallery_id=desk.gallery_id), desk.db)
        await desk.sweep()

    store = EventfulStore(bucket_url, when_read=delete_gallery)
    with pytest.raises(AlreadyHandled):
        await at(desk, store).register(await desk.send(PHOTO))

    assert desk.keys("galleries/")
    await desk.sweep(AFTERMATH)
    assert desk.keys() == set()
    assert await desk.told(PhotoUploaded) == []
    await store.close()


async def test_an_attempt_whose_objects_are_removed_from_under_it_leaves_the_upload_to_the_next(
    desk: Desk, bucket_url: str
) -> None:
    store = EventfulStore(bucket_url, when_read_back=lambda: desk.sweep(LIFETIME))
    command = await desk.send(PHOTO)
    with pytest.raises(TookTooLong):
        await at(desk, store).register(command)
    assert await desk.told(PhotoUploaded) == []

    await at(desk, store).register(command)
    await desk.sweep(LONG_AFTER)
    assert len(desk.keys()) == 3
    await store.close()


async def test_an_upload_into_a_deleted_gallery_leaves_nothing(desk: Desk) -> None:
    await handlers.forget_gallery(GalleryDeleted(gallery_id=desk.gallery_id), desk.db)
    with pytest.raises(AlreadyHandled):
        await desk.register(await desk.send(PHOTO))

    await desk.sweep()
    assert desk.keys() == set()
