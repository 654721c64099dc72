"""All SQL of the transfers service."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.db import Tx, one_row
from contracts.orders import GalleryDeleted
from contracts.transfers import StoredFile, Tab


@dataclass(frozen=True, slots=True)
class Named:
    """The file that has a name in a gallery's tab."""

    id: UUID
    filename: str
    version: int
    folder: str


@dataclass(frozen=True, slots=True)
class Doomed:
    """What is to be removed from the object store."""

    id: UUID
    target: str

    @property
    def is_folder(self) -> bool:
        """Not one object, but all whose keys begin so."""
        return self.target.endswith("/")


@dataclass(frozen=True, slots=True)
class Erased:
    """A deleted gallery whose files are removed: how many there were, and what had it deleted."""

    gallery_id: UUID
    photos: int
    finals: int
    correlation_id: UUID
    causation_id: UUID


async def is_settled(tx: Tx, upload_id: UUID, gallery_id: UUID) -> bool:
    """Whether nothing can come of the upload any more: it was decided before, or its gallery is deleted."""
    return bool(
        await tx.fetchval(
            """SELECT EXISTS (SELECT FROM upload WHERE id = $1)
                   OR EXISTS (SELECT FROM deleted_gallery WHERE id = $2)""",
            upload_id,
            gallery_id,
        )
    )


async def settle(tx: Tx, upload_id: UUID, gallery_id: UUID) -> bool:
    """Claim to decide what becomes of the upload. False when it was decided before."""
    done = await tx.execute(
        "INSERT INTO upload (id, gallery_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", upload_id, gallery_id
    )
    return bool(done == "INSERT 0 1")


async def take_name(tx: Tx, tab: Tab, file: StoredFile, folder: str) -> Named:
    """Give a new file its name, or find which has it; either way the name is locked until the commit."""
    row = await one_row(
        tx.fetchrow(
            """INSERT INTO file (id, gallery_id, tab, match_key, filename, folder) VALUES ($1, $2, $3, $4, $5, $6)
               ON CONFLICT (gallery_id, tab, match_key) DO UPDATE SET match_key = excluded.match_key
               RETURNING id, filename, version, folder""",
            file.upload_id,
            file.gallery_id,
            tab,
            file.match_key,
            file.filename,
            folder,
        )
    )
    return Named(*row)


async def replace(tx: Tx, file_id: UUID, filename: str, folder: str) -> Named:
    """The next version of a locked file."""
    row = await one_row(
        tx.fetchrow(
            """UPDATE file SET version = version + 1, filename = $2, folder = $3 WHERE id = $1
               RETURNING id, filename, version, folder""",
            file_id,
            filename,
            folder,
        )
    )
    return Named(*row)


async def remove(tx: Tx, gallery_id: UUID, tab: Tab, file_id: UUID) -> str | None:
    """Forget a file; returns its folder, or None when there is no such file."""
    folder: str | None = await tx.fetchval(
        "DELETE FROM file WHERE id = $1 AND gallery_id = $2 AND tab = $3 RETURNING folder", file_id, gallery_id, tab
    )
    return folder


async def forget_gallery(tx: Tx, event: GalleryDeleted, folder: str) -> None:
    """Delete all that is known of a gallery but how many files it had, until these are removed from `folder`."""
    await tx.execute(
        """WITH uploads AS (DELETE FROM upload WHERE gallery_id = $1),
           files AS (DELETE FROM file WHERE gallery_id = $1 RETURNING tab)
           INSERT INTO erasing (gallery_id, folder, correlation_id, causation_id, photos, finals)
           SELECT $1, $2, $3, $4, count(*) FILTER (WHERE tab = 'photos'), count(*) FILTER (WHERE tab = 'transfers')
           FROM files ON CONFLICT DO NOTHING""",
        event.gallery_id,
        folder,
        event.correlation_id,
        event.message_id,
    )


async def take_erased(tx: Tx) -> list[Erased]:
    """The deleted galleries of which nothing is in the store any more; each is given to one, once."""
    rows = await tx.fetch(
        """DELETE FROM erasing WHERE gallery_id IN (
               SELECT gallery_id FROM erasing e
               WHERE NOT EXISTS (SELECT FROM doomed d WHERE starts_with(d.target, e.folder))
               FOR UPDATE SKIP LOCKED)
           RETURNING gallery_id, photos, finals, correlation_id, causation_id"""
    )
    return [Erased(*row) for row in rows]


async def doom(tx: Tx, targets: Iterable[str], due_at: datetime) -> None:
    """Have objects, or folders (which end in `/`), removed from the store at `due_at`."""
    await tx.execute("INSERT INTO doomed (target, due_at) SELECT unnest($1::text[]), $2", list(targets), due_at)


async def doom_attempt(tx: Tx, attempt_id: UUID, folder: str, due_at: datetime) -> None:
    """Have an attempt's folder removed at `due_at`, unless it is spared until then."""
    await tx.execute("INSERT INTO doomed (id, target, due_at) VALUES ($1, $2, $3)", attempt_id, folder, due_at)


async def spare_attempt(tx: Tx, attempt_id: UUID) -> bool:
    """Let an attempt's folder stay for good. False when it was removed already."""
    return bool(await tx.execute("DELETE FROM doomed WHERE id = $1", attempt_id) == "DELETE 1")


async def hasten_attempt(tx: Tx, attempt_id: UUID, due_at: datetime) -> None:
    """Remove an attempt's folder at `due_at` already, if it was not spared."""
    await tx.execute("UPDATE doomed SET due_at = least(due_at, $2) WHERE id = $1", attempt_id, due_at)


async def lock_due(tx: Tx, at: datetime, limit: int) -> list[Doomed]:
    """What is due at `at` and nobody else is removing just now, locked until the commit."""
    rows = await tx.fetch(
        "SELECT id, target FROM doomed WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED", at, limit
    )
    return [Doomed(*row) for row in rows]


async def put_off(tx: Tx, doomed: Iterable[Doomed], due_at: datetime) -> None:
    """Try again at `due_at` to remove what is locked."""
    await tx.execute("UPDATE doomed SET due_at = $2 WHERE id = ANY($1)", [one.id for one in doomed], due_at)


async def strike_off(tx: Tx, doomed: Iterable[Doomed]) -> None:
    """What was locked is removed."""
    await tx.execute("DELETE FROM doomed WHERE id = ANY($1)", [one.id for one in doomed])
