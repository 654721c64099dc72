"""Finals: a page of the listing is one query that makes the JSON."""

from uuid import UUID

from chassis.db import Database
from services.gateway.reads.paging import after, sql_page

# What entitlements says of a final; until it has said anything, the photo of the same name (S2).
FROM = """
    FROM transfer t LEFT JOIN transfer_match m ON m.transfer_id = t.id
    CROSS JOIN LATERAL (SELECT CASE WHEN m.transfer_id IS NOT NULL THEN m.photo_id ELSE (
        SELECT id FROM photo WHERE gallery_id = t.gallery_id AND match_key = t.match_key LIMIT 1) END AS photo_id) p"""
_ITEM = """json_build_object(
    'id', t.id, 'filename', t.filename, 'match_key', t.match_key, 'version', t.version, 'size', t.size,
    'sha256', t.sha256, 'stored_at', t.stored_at, 'preview', t.preview_url, 'photo_id', p.photo_id,
    'matched_by_hand', coalesce(m.by_hand, false), 'suggestions', coalesce(m.suggestions, '[]'), 'ordered', (
        SELECT count(*) FROM order_line l JOIN client_order o ON o.id = l.order_id
        WHERE l.photo_id = p.photo_id AND o.status IN ('placed', 'paid')))"""
_PAGE = sql_page(
    f"""SELECT {_ITEM} AS item, t.match_key, t.id, row_number() OVER (ORDER BY t.match_key, t.id) AS place {FROM}
        WHERE t.gallery_id = $2 AND ($3::text IS NULL OR (t.match_key, t.id) > ($3, $4::uuid))
          AND ($5::bool IS NULL OR (p.photo_id IS NOT NULL) = $5)
        ORDER BY t.match_key, t.id LIMIT $1 + 1""",
    "match_key, id",
)


async def of_gallery(db: Database, gallery_id: UUID, *, matched: bool | None, cursor: str | None, limit: int) -> bytes:
    """A page of a gallery's finals by name: all, those that belong to a photo, or those that belong to none."""
    body: bytes = await db.pool.fetchval(_PAGE, limit, gallery_id, *after(cursor, str, UUID), matched)
    return body


async def one(db: Database, transfer_id: UUID) -> bytes | None:
    """A final, as in the listing."""
    body: bytes | None = await db.pool.fetchval(
        f"SELECT convert_to({_ITEM}::text, 'UTF8') {FROM} WHERE t.id = $1", transfer_id
    )
    return body


async def match_key_of(db: Database, transfer_id: UUID) -> str | None:
    """What a final is matched by."""
    key: str | None = await db.pool.fetchval("SELECT match_key FROM transfer WHERE id = $1", transfer_id)
    return key
