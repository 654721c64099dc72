"""The bytes of finals: a single file is a redirect to the object store, several are one ZIP (S3, S6)."""

from functools import partial
from typing import Annotated

from asyncpg import Record
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from chassis.links import token_digest
from contracts.orders import DownloadPolicy, OrderStatus
from services.gateway import history, offers, words
from services.gateway.errors import not_found
from services.gateway.guard import (
    ClientRoute,
    Order,
    Ours,
    PublicRoute,
    check_pass,
    client_digest,
    leads_nowhere,
    link_erased,
    link_replaced,
    path_id,
)
from services.gateway.reads import downloads
from services.gateway.reads.downloads import ClientOrder
from services.gateway.rights import closed_by, may_download
from services.gateway.routes.public import Gallery
from services.gateway.signing import DOWNLOAD_VALID
from services.gateway.state import Gateway
from services.gateway.zip.names import safe_name

files = APIRouter(tags=["downloads"])
client_zip = APIRouter(tags=["downloads"], route_class=ClientRoute)
public_zip = APIRouter(tags=["downloads"], route_class=PublicRoute)

Wanted = Annotated[str | None, Query(alias="files", description="ids, separated by commas; without it: all")]


@files.get("/c/order/{order_id}/files/{transfer_id}", status_code=302, include_in_schema=False)
@files.get("/c/{client_token}/files/{transfer_id}", status_code=302)
async def client_file(http: Request, transfer_id: str) -> Response:
    """One final of a client's, as a redirect to the store."""
    ours: Gateway = http.app.state.gateway
    found = await downloads.one_behind_client_link(ours.db, client_digest(http), path_id(transfer_id, "file"))
    if found is None:
        raise await leads_nowhere(http)
    file = _given_to_client(found)
    if not file["recorded"]:
        version = (file["id"], file["version"])
        await history.downloaded_one(ours, file["order_id"], file["gallery_id"], version, file["filename"])
    return _redirect(ours, file)


@files.get("/g/{public_token}/files/{transfer_id}", status_code=302)
async def public_file(http: Request, public_token: str, transfer_id: str) -> Response:
    """One final for anyone with the public link, where the gallery says so."""
    ours: Gateway = http.app.state.gateway
    digest, file_id = token_digest(public_token), path_id(transfer_id, "file")
    found = await downloads.one_behind_public_link(ours.db, digest, file_id)
    if found is None:
        raise not_found("gallery")
    check_pass(http, ours, found["gallery_id"], found["access_code"])
    if found["id"] is None:
        raise not_found("file")
    offers.check_anyone(DownloadPolicy(found["policy"]), found["locale"])
    return _redirect(ours, found)


@client_zip.head("/c/order/{order_id}/photos.zip", include_in_schema=False)
@client_zip.get("/c/order/{order_id}/photos.zip", include_in_schema=False)
@client_zip.head("/c/{client_token}/photos.zip", include_in_schema=False)
@client_zip.get("/c/{client_token}/photos.zip")
async def client_archive(http: Request, ours: Ours, order: Order, wanted: Wanted = None) -> Response:
    """A client's finals, or some of them, as a ZIP; ranges work."""
    allowed = await offers.of_order(ours, order)
    chosen = await offers.chosen(ours, order.gallery_id, allowed, wanted, _refusal(order, bool(allowed)))
    begun = partial(history.downloaded_zip, ours, order, chosen)
    return offers.archive(ours, http, f"{order.gallery} #{order.number}", chosen, begun)


@public_zip.head("/g/{public_token}/photos.zip", include_in_schema=False)
@public_zip.get("/g/{public_token}/photos.zip")
async def public_archive(http: Request, ours: Ours, gallery: Gallery, wanted: Wanted = None) -> Response:
    """Every final of the gallery, or some, as a ZIP for anyone with the public link, where the gallery says so."""
    settings, policy = gallery.settings, gallery.settings.download_policy
    anyone = policy is DownloadPolicy.ANYONE
    allowed = await downloads.of_gallery(ours.db, gallery.id) if anyone else []
    refusal = words.NOTHING_FINISHED[settings.locale] if anyone else words.ANYONE_ONLY[settings.locale][policy]
    chosen = await offers.chosen(ours, gallery.id, allowed, wanted, refusal)
    return offers.archive(ours, http, settings.name, chosen)


def _given_to_client(found: Record) -> Record:
    """What was found, if the personal link gives it. Raises `Problem` 404, 410 or 403."""
    if found["erased"]:
        raise link_erased()
    if found["link_replaced"]:
        raise link_replaced()
    if found["id"] is None:
        raise not_found("file")
    policy, status = DownloadPolicy(found["policy"]), OrderStatus(found["status"])
    if not may_download(policy, status, granted=found["granted"]):
        closed, locale = closed_by(policy, status), found["locale"]
        raise offers.not_allowed(words.CLOSED[locale][closed] if closed else words.NOT_ORDERED[locale])
    return found


def _refusal(order: ClientOrder, has_files: bool) -> str:
    """Why an order's client does not get a ZIP."""
    if closed := closed_by(order.policy, order.status):
        return words.CLOSED[order.locale][closed]
    return (words.NOT_ORDERED if has_files else words.NOTHING_FINISHED)[order.locale]


def _redirect(ours: Gateway, file: Record) -> Response:
    expires = int(DOWNLOAD_VALID.total_seconds())
    url = ours.signer.store.presign_get(file["object_key"], expires, safe_name(file["filename"]))
    return Response(status_code=302, headers={"Location": url})


routes = APIRouter()
for _router in (client_zip, public_zip):
    routes.include_router(_router)
