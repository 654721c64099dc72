"""Files of both tabs in the view."""

from collections.abc import Iterable
from uuid import UUID

from pydantic import TypeAdapter

from chassis.db import Tx
from contracts.entitlements import Suggestion, TransferMatched
from contracts.transfers import Final, Photo, TransferUploaded, UploadRejected
from services.gateway.signing import Signer

_SUGGESTIONS = TypeAdapter(tuple[Suggestion, ...])


async def put_photos(tx: Tx, photos: Iterable[Photo], signer: Signer) -> None:
    """Insert proofs, but for those that were withdrawn already; their uploads have ended well."""
    until = signer.preview_expiry()
    await tx.executemany(
        """WITH stored AS (UPDATE upload SET status = 'stored', reason = NULL, file_id = $1 WHERE id = $14)
           INSERT INTO photo (id, gallery_id, filename, match_key, size, sha256, width, height, small_key, large_key,
               shown, signed_until)
           SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, photo_shown($1, $3, $4, $7, $8, $11, $12), $13
           WHERE stays($1) ON CONFLICT DO NOTHING""",
        [
            (
                photo.id,
                photo.gallery_id,
                photo.filename,
                photo.match_key,
                photo.size,
                photo.sha256,
                photo.width,
                photo.height,
                photo.preview_small_key,
                photo.preview_large_key,
                signer.preview(photo.preview_small_key),
                signer.preview(photo.preview_large_key),
                until,
                photo.upload_id,
            )
            for photo in photos
        ],
    )


async def withdraw_photo(tx: Tx, photo_id: UUID, gallery_id: UUID) -> None:
    """Remove a proof, also one that is yet to come."""
    await _remove(tx, photo_id, gallery_id)
    await tx.execute("DELETE FROM photo WHERE id = $1", photo_id)


async def put_transfers(tx: Tx, transfers: Iterable[Final], signer: Signer) -> None:
    """Insert finals or their newer versions, but for those that were removed already; their uploads have ended well."""
    until = signer.preview_expiry()
    await tx.executemany(
        """WITH stored AS (UPDATE upload SET status = 'stored', reason = NULL, file_id = $1 WHERE id = $15)
           INSERT INTO transfer (id, gallery_id, filename, match_key, version, size, crc32, sha256, content_type,
               object_key, stored_at, preview_key, preview_url, signed_until)
           SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14
           WHERE stays($1)
           ON CONFLICT (id) DO UPDATE SET filename = excluded.filename, version = excluded.version,
               size = excluded.size, crc32 = excluded.crc32, sha256 = excluded.sha256,
               content_type = excluded.content_type, object_key = excluded.object_key, stored_at = excluded.stored_at,
               preview_key = excluded.preview_key, preview_url = excluded.preview_url,
               signed_until = excluded.signed_until
           WHERE transfer.version < excluded.version""",
        [
            (
                transfer.id,
                transfer.gallery_id,
                transfer.filename,
                transfer.match_key,
                transfer.version,
                transfer.size,
                transfer.crc32,
                transfer.sha256,
                transfer.content_type,
                transfer.object_key,
                transfer.stored_at,
                transfer.preview_small_key,
                signer.preview(transfer.preview_small_key),
                until,
                transfer.upload_id,
            )
            for transfer in transfers
        ],
    )


async def note_versions(tx: Tx, events: Iterable[TransferUploaded]) -> None:
    """Keep when finals were replaced; a first version replaces nothing."""
    await tx.executemany(
        """INSERT INTO new_version (transfer_id, version, gallery_id, at, message_id, filename)
           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING""",
        [
            (final.id, final.version, final.gallery_id, event.occurred_at, event.message_id, final.filename)
            for event in events
            if (final := event.transfer).version > 1
        ],
    )


async def remove_transfer(tx: Tx, transfer_id: UUID, gallery_id: UUID) -> None:
    """Remove a final, also one that is yet to come."""
    await _remove(tx, transfer_id, gallery_id)
    await tx.execute("DELETE FROM transfer WHERE id = $1", transfer_id)


async def put_matches(tx: Tx, events: Iterable[TransferMatched]) -> None:
    """Which photos finals belong to; an older revision changes nothing."""
    await tx.executemany(
        """INSERT INTO transfer_match (transfer_id, gallery_id, photo_id, by_hand, suggestions, revision)
           VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (transfer_id) DO UPDATE SET photo_id = excluded.photo_id, by_hand = excluded.by_hand,
               suggestions = excluded.suggestions, revision = excluded.revision
           WHERE transfer_match.revision < excluded.revision""",
        [
            (
                event.transfer_id,
                event.gallery_id,
                event.photo_id,
                event.by_hand,
                _SUGGESTIONS.dump_json(event.suggestions).decode(),
                event.revision,
            )
            for event in events
        ],
    )


async def reject_upload(tx: Tx, event: UploadRejected) -> None:
    """An upload that was not taken in, and why."""
    await tx.execute(
        "UPDATE upload SET status = 'rejected', code = $2, reason = $3 WHERE id = $1",
        event.upload_id,
        event.code,
        event.reason,
    )


async def _remove(tx: Tx, file_id: UUID, gallery_id: UUID) -> None:
    """Wait for who is just bringing the file, and let nobody bring it after the commit."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended('removed:' || $1::uuid, 0))", file_id)
    await tx.execute("INSERT INTO removed_file VALUES ($1, $2) ON CONFLICT DO NOTHING", file_id, gallery_id)
