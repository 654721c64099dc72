"""Galleries, as the studio and its clients see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Database
from contracts.orders import GallerySettings, Locale, Studio
from services.gateway.errors import not_found
from services.gateway.reads.orders import FROM, READY, WAITING
from services.gateway.signing import Signer

_COUNTS = f"""
    (SELECT shown::json -> 'previews' ->> 'small' FROM photo
     WHERE gallery_id = g.id ORDER BY match_key, id LIMIT 1) AS cover,
    (SELECT count(*) FROM photo WHERE gallery_id = g.id) AS photos,
    (SELECT count(*) FROM transfer WHERE gallery_id = g.id) AS transfers,
    counted.*
    FROM gallery g CROSS JOIN LATERAL (
        SELECT count(*) AS orders,
               count(*) FILTER (WHERE o.status = 'placed') AS unpaid,
               count(*) FILTER (WHERE {WAITING}) AS waiting,
               count(*) FILTER (WHERE {READY}) AS ready,
               count(*) FILTER (WHERE n.sent_at IS NOT NULL) AS mailed
        {FROM} WHERE o.gallery_id = g.id) counted"""

_NAMED = "strpos(lower(g.settings ->> 'name'), lower({})) > 0"


@dataclass(frozen=True, slots=True)
class PublicGallery:
    """A gallery behind its public link."""

    id: UUID
    settings: GallerySettings
    studio: Studio


async def of_studio(
    db: Database, signer: Signer, studio_id: UUID, after: str | None, limit: int, named: str = "", *, skip: int = 0
) -> list[dict[str, Any]]:
    """A studio's galleries with `named` in their names, newest first, one more than `limit`; the first are skipped."""
    rows = await db.pool.fetch(
        f"""SELECT g.id, g.settings, g.opened_at, {_COUNTS}
            WHERE g.studio_id = $1 AND ($2::uuid IS NULL OR g.id < $2)
              AND {_NAMED.format("$4")} ORDER BY g.id DESC LIMIT $3 OFFSET $5""",
        studio_id,
        after,
        limit + 1,
        named.strip(),
        skip,
    )
    return [_shown(row, signer) for row in rows]


async def count(db: Database, studio_id: UUID, named: str) -> int:
    """How many galleries of a studio have `named` in their names."""
    sql = f"SELECT count(*) FROM gallery g WHERE g.studio_id = $1 AND {_NAMED.format('$2')}"
    return int(await db.pool.fetchval(sql, studio_id, named.strip()))


async def one(db: Database, signer: Signer, gallery_id: UUID) -> dict[str, Any]:
    """A gallery as its studio sees it. Raises `Problem` 404 when it was deleted since the guard looked (rule 9)."""
    row = await db.pool.fetchrow(f"SELECT g.id, g.settings, g.opened_at, {_COUNTS} WHERE g.id = $1", gallery_id)
    if row is None:
        raise not_found("gallery")
    return _shown(row, signer)


async def settings_of(db: Database, gallery_id: UUID) -> GallerySettings:
    """The settings of a gallery that is known to be there."""
    return GallerySettings.model_validate_json(
        await db.pool.fetchval("SELECT settings FROM gallery WHERE id = $1", gallery_id)
    )


async def locale_of_request(db: Database, request_id: UUID, for_client: bool) -> Locale | None:
    """The language in which a write is answered: its gallery's for clients, else its studio's."""
    found: Locale | None = await db.pool.fetchval(
        """SELECT CASE WHEN $2 THEN g.settings ->> 'locale' ELSE s.locale END
           FROM request r JOIN gallery g ON g.id = r.gallery_id JOIN studio s ON s.id = g.studio_id WHERE r.id = $1""",
        request_id,
        for_client,
    )
    return found


async def by_public_digest(db: Database, digest: bytes) -> PublicGallery | None:
    """The gallery behind a public link."""
    row = await db.pool.fetchrow("SELECT id, settings, studio FROM gallery WHERE public_digest = $1", digest)
    if row is None:
        return None
    return PublicGallery(
        row["id"], GallerySettings.model_validate_json(row["settings"]), Studio.model_validate_json(row["studio"])
    )


def is_open(settings: GallerySettings, at: datetime) -> bool:
    """Whether clients can order at the moment `at`."""
    return settings.order_deadline is None or at <= settings.order_deadline


def _shown(row: Any, signer: Signer) -> dict[str, Any]:
    names = ("photos", "transfers", "orders", "unpaid", "waiting", "ready", "mailed")
    return {
        "id": str(row["id"]),
        **GallerySettings.model_validate_json(row["settings"]).model_dump(mode="json"),
        "opened_at": row["opened_at"].isoformat(),
        "public_url": signer.public_url_of(row["id"]),
        "cover": row["cover"],
        "counts": {name: row[name] for name in names},
    }
