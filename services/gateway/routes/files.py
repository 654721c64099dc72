"""The files of both tabs, and which final belongs to which photo."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from contracts.base import Command
from contracts.entitlements import ConfirmMatch, WithdrawMatch
from contracts.orders import WithdrawPhoto
from contracts.transfers import RemoveTransfer
from services.gateway import writes
from services.gateway.auth import Caller
from services.gateway.errors import Problem, not_found
from services.gateway.guard import Ours, Studio, studio_router
from services.gateway.reads import photos, transfers
from services.gateway.reads.paging import Cursor, Limit, raw_json
from services.gateway.routes.schemas import MatchedPhoto
from services.gateway.state import Gateway
from services.gateway.view.requests import Request as Asked
from services.gateway.writes import Write

routes = studio_router("files")

Matched = Annotated[bool | None, Query(description="false: only finals that belong to no photo; true: only the others")]


@routes.get("/galleries/{gallery_id}/photos")
async def list_photos(gallery_id: UUID, _: Studio, ours: Ours, cursor: Cursor = None, limit: Limit = 100) -> Response:
    """The proofs by name."""
    return raw_json(await photos.of_gallery(ours.db, gallery_id, cursor, limit))


@routes.get("/galleries/{gallery_id}/transfers")
async def list_transfers(
    gallery_id: UUID, _: Studio, ours: Ours, matched: Matched = None, cursor: Cursor = None, limit: Limit = 100
) -> Response:
    """The finals by name, each with its photo, or with photos that it may belong to."""
    return raw_json(await transfers.of_gallery(ours.db, gallery_id, matched=matched, cursor=cursor, limit=limit))


@routes.put("/transfers/{transfer_id}/match")
async def confirm_match(transfer_id: UUID, body: MatchedPhoto, http: Request, studio: Studio, ours: Ours) -> Response:
    """This final, and later ones of its name, belong to this photo."""
    gallery_id, transfer_key = studio.owned_gallery, await _match_key(ours, transfer_id)
    names = await photos.names_of(ours.db, gallery_id, [body.photo_id])
    if body.photo_id not in names:
        detail = "There is no such photo in the final's gallery; take one that is listed there."
        raise Problem(422, "unknown-photo", detail, field="photo_id")

    def command() -> ConfirmMatch:
        return ConfirmMatch(
            transfer_id=transfer_id,
            gallery_id=gallery_id,
            transfer_key=transfer_key,
            photo_id=body.photo_id,
            photo_key=names[body.photo_id][1],
        )

    return await _do(ours, http, studio, "transfer_matched", transfer_id, command)


@routes.delete("/transfers/{transfer_id}/match")
async def withdraw_match(transfer_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Take a confirmed match back: the name decides again."""
    gallery_id, transfer_key = studio.owned_gallery, await _match_key(ours, transfer_id)

    def command() -> WithdrawMatch:
        return WithdrawMatch(transfer_id=transfer_id, gallery_id=gallery_id, transfer_key=transfer_key)

    return await _do(ours, http, studio, "transfer_matched", transfer_id, command)


@routes.delete("/photos/{photo_id}", status_code=204)
async def withdraw_photo(photo_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Take a proof out of the gallery. One that is on an order stays: `409`."""

    def command() -> WithdrawPhoto:
        return WithdrawPhoto(photo_id=photo_id, gallery_id=studio.owned_gallery)

    return await _do(ours, http, studio, "file_removed", photo_id, command)


@routes.delete("/transfers/{transfer_id}", status_code=204)
async def remove_transfer(transfer_id: UUID, http: Request, studio: Studio, ours: Ours) -> Response:
    """Remove a final; those who could download it no longer can."""

    def command() -> RemoveTransfer:
        return RemoveTransfer(transfer_id=transfer_id, gallery_id=studio.owned_gallery)

    return await _do(ours, http, studio, "file_removed", transfer_id, command)


@writes.answers("transfer_matched")
async def _matched(ours: Gateway, asked: Asked) -> Response:
    writes.refuse(asked)
    body = await transfers.one(ours.db, UUID(asked.subject))
    if body is None:
        raise not_found("transfer")
    return raw_json(body)


@writes.answers("file_removed")
async def _removed(_: Gateway, asked: Asked) -> Response:
    writes.refuse(asked)
    return Response(status_code=204)


async def _do(
    ours: Gateway, http: Request, studio: Caller, action: str, subject: UUID, command: Callable[[], Command]
) -> Response:
    write = Write(action, str(subject), command, studio.owned_gallery)
    return await writes.do(ours, http, str(studio.studio_id), write)


async def _match_key(ours: Gateway, transfer_id: UUID) -> str:
    key = await transfers.match_key_of(ours.db, transfer_id)
    if key is None:  # removed since the guard found it
        raise not_found("transfer")
    return key
