"""Finals, as those see them who may download them; and what decides whether they may (S3, S6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from chassis.db import Database
from contracts.orders import DownloadPolicy, Locale, OrderStatus
from services.gateway.reads.orders import READY

_RECORDED = """
    SELECT FROM download d WHERE d.order_id = o.id AND d.transfer_id = $2 AND d.version = t.version
    AND NOT d.as_zip AND d.on_day = (now() AT TIME ZONE 'UTC')::date"""
_BEHIND_CLIENT_LINK = f"""
    SELECT o.id AS order_id, o.gallery_id, o.status, o.client ->> 'locale' AS locale,
        g.settings ->> 'download_policy' AS policy, link.rotation < o.link_rotation AS link_replaced, o.erased,
        t.id, t.version, t.filename, t.object_key, coalesce(e.granted, false) AS granted,
        EXISTS ({_RECORDED}) AS recorded
    FROM client_link link JOIN client_order o ON o.id = link.order_id JOIN gallery g ON g.id = o.gallery_id
    LEFT JOIN transfer t ON t.id = $2 AND t.gallery_id = o.gallery_id
    LEFT JOIN entitlement e ON e.order_id = o.id AND e.transfer_id = $2
    WHERE link.digest = $1"""
_BEHIND_PUBLIC_LINK = """
    SELECT g.id AS gallery_id, g.settings ->> 'access_code' AS access_code,
        g.settings ->> 'download_policy' AS policy, g.settings ->> 'locale' AS locale, t.id, t.filename, t.object_key
    FROM gallery g LEFT JOIN transfer t ON t.id = $2 AND t.gallery_id = g.id WHERE g.public_digest = $1"""
_ORDER = f"""
    SELECT o.id, o.gallery_id, o.number, o.status, o.amount, o.currency, o.client ->> 'name' AS client,
        o.client ->> 'locale' AS locale, {READY} AS ready,
        o.placed_at, (g.settings ->> 'keep_until')::timestamptz AS keep_until,
        g.settings ->> 'name' AS gallery, g.settings ->> 'download_policy' AS policy,
        g.settings ->> 'payment_instructions' AS instructions,
        g.studio ->> 'name' AS studio, g.studio ->> 'email' AS contact,
        link.rotation < o.link_rotation AS link_replaced, o.erased
    FROM client_link link JOIN client_order o ON o.id = link.order_id JOIN gallery g ON g.id = o.gallery_id
    LEFT JOIN readiness r ON r.order_id = o.id WHERE link.digest = $1"""
_FILE = "t.id, t.version, t.filename, t.size, t.crc32, t.object_key, t.stored_at, t.preview_url"
_OF_ORDER = f"""
    SELECT {_FILE}, e.photo_id FROM entitlement e JOIN transfer t ON t.id = e.transfer_id
    WHERE e.order_id = $1 AND e.granted ORDER BY t.match_key, t.id"""
_OF_GALLERY = f"""
    SELECT {_FILE}, m.photo_id FROM transfer t LEFT JOIN transfer_match m ON m.transfer_id = t.id
    WHERE t.gallery_id = $1 ORDER BY t.match_key, t.id"""


@dataclass(frozen=True, slots=True)
class ClientOrder:
    """An order behind its personal link. `link_replaced`: there is a newer link, and this one is worthless.

    `erased`: nobody knows any more whose order it is, and no link to it is worth anything.
    """

    id: UUID
    gallery_id: UUID
    number: int
    status: OrderStatus
    amount: int
    currency: str
    client: str
    locale: Locale
    ready: bool
    placed_at: datetime
    keep_until: datetime | None
    gallery: str
    instructions: str
    studio: str
    contact: str
    policy: DownloadPolicy
    link_replaced: bool
    erased: bool


@dataclass(frozen=True, slots=True)
class Download:
    """A final that may be downloaded, and the photo that it belongs to."""

    id: UUID
    version: int
    filename: str
    size: int
    crc32: int
    object_key: str
    stored_at: datetime
    preview_url: str
    photo_id: UUID | None


async def order_behind(db: Database, digest: bytes) -> ClientOrder | None:
    """The order behind a personal link."""
    row = await db.pool.fetchrow(_ORDER, digest)
    if row is None:
        return None
    enums = {"status": OrderStatus(row["status"]), "policy": DownloadPolicy(row["policy"])}
    return ClientOrder(**dict(row) | enums)


async def of_order(db: Database, order_id: UUID) -> list[Download]:
    """The finals that an order has an entitlement to."""
    return [Download(**row) for row in await db.pool.fetch(_OF_ORDER, order_id)]


async def of_gallery(db: Database, gallery_id: UUID) -> list[Download]:
    """Every final of a gallery, matched or not."""
    return [Download(**row) for row in await db.pool.fetch(_OF_GALLERY, gallery_id)]


async def lines_of(db: Database, order_id: UUID) -> list[Record]:
    """The ordered photos: `photo_id`, `filename`, `preview`."""
    return await db.pool.fetch(
        """SELECT l.photo_id, l.filename, p.shown::json -> 'previews' ->> 'small' AS preview
           FROM order_line l LEFT JOIN photo p ON p.id = l.photo_id WHERE l.order_id = $1 ORDER BY l.position""",
        order_id,
    )


async def all_exist(db: Database, gallery_id: UUID, transfer_ids: Sequence[UUID]) -> bool:
    """Whether all of these different finals are in the gallery."""
    found = await db.pool.fetchval(
        "SELECT count(*) FROM transfer WHERE gallery_id = $1 AND id = ANY($2)", gallery_id, transfer_ids
    )
    return bool(found == len(transfer_ids))


async def one_behind_client_link(db: Database, digest: bytes, transfer_id: UUID) -> Record | None:
    """All that decides whether a personal link gives a file, and whether that is recorded today: one statement."""
    return await db.pool.fetchrow(_BEHIND_CLIENT_LINK, digest, transfer_id)


async def one_behind_public_link(db: Database, digest: bytes, transfer_id: UUID) -> Record | None:
    """All that decides whether a public link gives a file: one statement."""
    return await db.pool.fetchrow(_BEHIND_PUBLIC_LINK, digest, transfer_id)
