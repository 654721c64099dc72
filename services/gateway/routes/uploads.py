"""Upload slots: asked for a batch at a time, filled in the object store directly, and then completed here."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from asyncpg import Record
from fastapi import Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chassis import outbox
from chassis.db import Tx
from chassis.objects import PART_SIZE
from contracts.base import uuid7
from contracts.transfers import Multipart, RegisterUpload, Tab, UploadedPart
from services.gateway import slots, writes
from services.gateway.auth import Caller
from services.gateway.errors import not_found
from services.gateway.guard import Ours, Studio, path_id, studio_router
from services.gateway.reads import photos
from services.gateway.routes.schemas import NewFiles, SentFile, SentFiles, SentPart
from services.gateway.slots import Refusal
from services.gateway.state import Gateway
from services.gateway.view import uploads
from services.gateway.view.requests import Request as Asked
from services.gateway.view.uploads import NewSlot, Slot

routes = studio_router("uploads")

Ids = Annotated[str, Query(max_length=8_000, description="`id,id`: some 200 at most")]


@routes.post("/galleries/{gallery_id}/photos/uploads", status_code=201)
async def open_photo_slots(gallery_id: UUID, body: NewFiles, http: Request, studio: Studio, ours: Ours) -> Response:
    """Slots for proofs. A name that the gallery has is refused here already; the final word has transfers."""
    taken = await photos.keys_among(ours.db, gallery_id, slots.match_keys(body.files))
    refusals = slots.refusals(body.files, limit=ours.settings.max_upload_bytes, taken=taken)
    return await _open_slots(ours, http, studio, Tab.PHOTOS, body, refusals)


@routes.post("/galleries/{gallery_id}/transfers/uploads", status_code=201)
async def open_transfer_slots(gallery_id: UUID, body: NewFiles, http: Request, studio: Studio, ours: Ours) -> Response:
    """Slots for finals. A name that the gallery has becomes a new version of that final."""
    refusals = slots.refusals(body.files, limit=ours.settings.max_upload_bytes, taken=())
    return await _open_slots(ours, http, studio, Tab.TRANSFERS, body, refusals)


@routes.post("/uploads/complete", status_code=202)
async def complete(body: SentFiles, http: Request, studio: Studio, ours: Ours) -> Response:
    """These files are in the store: have them checked and taken in. A slot is completed once, however often told so."""

    async def effect(tx: Tx) -> list[dict[str, str]]:
        sent = {item.upload_id: item for item in body.items}
        held = await uploads.lock(tx, studio.studio_id, list(sent))
        problems = {slot.id: slots.parts_problem(slot.size, _numbers(sent[slot.id].parts)) for slot in held.values()}
        filled = [slot for slot in held.values() if slot.status == "waiting" and not problems[slot.id]]
        await uploads.now_processing(tx, [slot.id for slot in filled])
        await outbox.emit(tx, *(_registration(slot, sent[slot.id].parts) for slot in filled))
        return [_completed(item, held.get(item.upload_id), problems.get(item.upload_id)) for item in body.items]

    return await writes.do_here(ours, http, str(studio.studio_id), "uploads_completed", effect)


@routes.get("/uploads/{upload_id}")
async def read_upload(upload_id: UUID, _: Studio, ours: Ours) -> dict[str, object]:
    """What has become of an upload."""
    row = await uploads.one(ours.db, upload_id)
    if row is None:
        raise not_found("upload")
    return _shown(row)


@routes.get("/galleries/{gallery_id}/uploads")
async def list_uploads(gallery_id: UUID, _: Studio, ours: Ours, ids: Ids = "") -> dict[str, object]:
    """What has become of some uploads of a gallery; those that it does not have are left out."""
    wanted = [path_id(part, "upload") for part in ids.split(",")] if ids else []
    return {"items": [_shown(row) for row in await uploads.some(ours.db, gallery_id, wanted)]}


async def _open_slots(
    ours: Gateway, http: Request, studio: Caller, tab: Tab, body: NewFiles, refusals: Sequence[Refusal | None]
) -> Response:
    await ours.signer.store.reachable()  # rather now than 200 times in the browser

    async def effect(tx: Tx) -> list[dict[str, str]]:
        new: list[NewSlot] = []
        items: list[dict[str, str]] = []
        for file, refusal in zip(body.files, refusals, strict=True):
            if refusal:
                items.append({"filename": file.filename, "error": refusal.reason, "code": refusal.code})
            else:
                upload_id = uuid7()
                new.append(NewSlot(upload_id, file.filename, file.size, f"incoming/{upload_id}"))
                items.append({"upload_id": str(upload_id)})
        await uploads.add(tx, studio.owned_gallery, studio.studio_id, tab, new)
        return items

    return await writes.do_here(ours, http, str(studio.studio_id), "slots_opened", effect, studio.owned_gallery)


@writes.answers("slots_opened")
async def _slots_opened(ours: Gateway, asked: Asked) -> Response:
    """The slots, with URLs signed now. The store's own multipart uploads begin here, outside of the transaction."""
    ids = [UUID(item["upload_id"]) for item in asked.subject if "upload_id" in item]
    opened = await uploads.by_ids(ours.db, ids)
    if len(opened) < len(ids):
        raise not_found("gallery")
    signed = await asyncio.gather(*(_signed(ours, opened[upload_id]) for upload_id in ids))  # the store bounds it
    shown = iter(signed)
    return JSONResponse({"items": [next(shown) if "upload_id" in item else item for item in asked.subject]}, 201)


@writes.answers("uploads_completed", kept=False)
async def _uploads_completed(_: Gateway, asked: Asked) -> Response:
    return JSONResponse({"items": asked.subject}, 202)


async def _signed(ours: Gateway, slot: Slot) -> dict[str, Any]:
    shown = {"upload_id": str(slot.id), "filename": slot.filename, "method": "PUT", "headers": {}}
    count = slots.part_count(slot.size)
    if count is None:
        return shown | {"url": ours.signer.upload(slot.object_key)}
    multipart_id = slot.multipart_id or await _begin_multipart(ours, slot)
    parts = [
        {"number": number, "url": ours.signer.upload_part(slot.object_key, multipart_id, number)}
        for number in range(1, count + 1)
    ]
    return shown | {"part_size": PART_SIZE, "parts": parts}


async def _begin_multipart(ours: Gateway, slot: Slot) -> str:
    begun = await ours.signer.store.create_multipart(slot.object_key)
    kept = await uploads.begin_multipart(ours.db, slot.id, begun)
    if kept != begun:
        await ours.signer.store.abort_multipart(slot.object_key, begun)
    return kept


def _registration(slot: Slot, parts: Sequence[SentPart]) -> RegisterUpload:
    sent = tuple(UploadedPart(number=part.number, etag=part.etag) for part in parts)
    return RegisterUpload(
        upload_id=slot.id,
        gallery_id=slot.gallery_id,
        tab=slot.tab,
        filename=slot.filename,
        size=slot.size,
        object_key=slot.object_key,
        multipart=Multipart(id=slot.multipart_id, parts=sent) if slot.multipart_id else None,
        watermark=slot.watermark if slot.tab is Tab.PHOTOS else None,
        watermark_image=slot.watermark_image and slot.tab is Tab.PHOTOS,
    )


def _shown(row: Record) -> dict[str, object]:
    shown = {"upload_id": str(row["id"]), "filename": row["filename"], "status": row["status"]}
    if row["reason"]:
        shown |= {"reason": row["reason"], "code": row["code"]}
    if row["file_id"]:
        shown["photo_id" if row["tab"] == Tab.PHOTOS else "transfer_id"] = str(row["file_id"])
    return shown


def _completed(item: SentFile, slot: Slot | None, problem: str | None) -> dict[str, str]:
    shown = {"upload_id": str(item.upload_id)}
    if slot is None:
        return shown | {"error": "There is no such upload here."}
    if slot.status != "waiting":
        return shown | {"status": slot.status}
    return shown | ({"status": "waiting", "error": problem} if problem else {"status": "processing"})


def _numbers(parts: Sequence[SentPart]) -> list[int]:
    return [part.number for part in parts]
