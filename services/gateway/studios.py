"""Studios and what opens their account: passwords, log-ins, API tokens. All SQL about them but `auth.find_caller`."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from chassis.db import Database, Tx, one_row
from chassis.links import token_digest
from contracts.orders import Locale, Studio
from services.gateway.auth import SESSION_VALID


@dataclass(frozen=True, slots=True)
class Reset:
    """The studio whose password may be set by the link of this digest."""

    digest: bytes
    studio_id: UUID
    email: str
    locale: Locale


async def add(tx: Tx, studio_id: UUID, *, name: str, email: str, password_hash: str, locale: str) -> None:
    """A new studio. Raises `asyncpg.UniqueViolationError` when somebody has this address."""
    await tx.execute(
        """INSERT INTO studio (id, name, email, contact_email, password_hash, locale)
           VALUES ($1, $2, $3, $3, $4, $5)""",
        studio_id,
        name,
        email,
        password_hash,
        locale,
    )


async def one(db: Database, studio_id: UUID) -> dict[str, Any]:
    """A studio as it sees itself."""
    row = await one_row(
        db.pool.fetchrow("SELECT id, name, email, contact_email, locale FROM studio WHERE id = $1", studio_id)
    )
    return dict(row) | {"id": str(row["id"])}


async def card(db: Database, studio_id: UUID) -> Studio:
    """A studio as clients see it."""
    row = await one_row(
        db.pool.fetchrow(
            "SELECT id, name, contact_email AS email, locale, revision FROM studio WHERE id = $1", studio_id
        )
    )
    return Studio(**dict(row))


async def change_card(
    tx: Tx, studio_id: UUID, *, name: str | None, contact_email: str | None, locale: str | None
) -> Studio:
    """Change how clients see a studio, and its language; None: that stays."""
    row = await one_row(
        tx.fetchrow(
            """UPDATE studio SET name = coalesce($2, name), contact_email = coalesce($3, contact_email),
                   locale = coalesce($4, locale), revision = revision + 1
               WHERE id = $1 RETURNING id, name, contact_email AS email, locale, revision""",
            studio_id,
            name,
            contact_email,
            locale,
        )
    )
    return Studio(**dict(row))


async def change_login(db: Database, studio_id: UUID, email: str | None, password_hash: str | None) -> None:
    """None: that stays. Raises `asyncpg.UniqueViolationError` when somebody else has this address.

    A link for a new password that was mailed before opens nothing any more.
    """
    await db.pool.execute(
        """WITH ended AS (DELETE FROM password_reset WHERE studio_id = $1)
           UPDATE studio SET email = coalesce($2, email), password_hash = coalesce($3, password_hash) WHERE id = $1""",
        studio_id,
        email,
        password_hash,
    )


async def password_hash(db: Database, studio_id: UUID) -> str | None:
    """What a studio's password is checked by."""
    found: str | None = await db.pool.fetchval("SELECT password_hash FROM studio WHERE id = $1", studio_id)
    return found


async def by_email(db: Database, email: str) -> Record | None:
    """`id, name, email, password_hash` of the studio that logs in with this address, in whatever case."""
    return await db.pool.fetchrow(
        "SELECT id, name, email, password_hash FROM studio WHERE lower(email) = lower($1)", email
    )


async def begin_reset(tx: Tx, email: str, digest: bytes, expires_at: datetime) -> Record | None:
    """`id, email, locale` of the studio that logs in with this address; a link of this digest may set its password.

    An earlier link may not any more. None without such a studio, or when a later link is there.
    """
    return await tx.fetchrow(
        """WITH begun AS (
               INSERT INTO password_reset AS r (studio_id, digest, expires_at)
               SELECT id, $2, $3 FROM studio WHERE lower(email) = lower($1)
               ON CONFLICT (studio_id) DO UPDATE SET digest = excluded.digest, expires_at = excluded.expires_at
               WHERE r.expires_at <= excluded.expires_at RETURNING studio_id)
           SELECT id, email, locale FROM studio JOIN begun ON studio_id = id""",
        email,
        digest,
        expires_at,
    )


async def by_reset(db: Database, digest: bytes) -> Reset | None:
    """What the link of this digest is good for, while it is."""
    row = await db.pool.fetchrow(
        """SELECT digest, studio_id, email, locale FROM studio JOIN password_reset ON studio_id = id
           WHERE digest = $1 AND expires_at > now()""",
        digest,
    )
    return Reset(**dict(row)) if row else None


async def reset_password(tx: Tx, link: Reset, password_hash: str) -> bool:
    """Set the password, once: the link and every log-in end. False when the link has ended meanwhile."""
    done = await tx.execute(
        """WITH used AS (DELETE FROM password_reset WHERE digest = $1 AND expires_at > now() RETURNING studio_id)
           UPDATE studio SET password_hash = $2 FROM used WHERE id = studio_id""",
        link.digest,
        password_hash,
    )
    if done != "UPDATE 1":
        return False
    await tx.execute("DELETE FROM login_session WHERE studio_id = $1", link.studio_id)
    return True


async def begin_log_in(db: Database, studio_id: UUID, password_hash: str) -> str | None:
    """A new log-in's cookie, unless the password has changed meanwhile; log-ins that are over are forgotten.

    Whoever ends a studio's log-ins has changed its row before: either they see this one, or it sees the change.
    """
    cookie = secrets.token_urlsafe(32)
    done = await db.pool.execute(
        """WITH ended AS (DELETE FROM login_session WHERE expires_at < now())
           INSERT INTO login_session (digest, studio_id, expires_at)
           SELECT $1, id, $3 FROM studio WHERE id = $2 AND password_hash = $4 FOR SHARE""",
        token_digest(cookie),
        studio_id,
        datetime.now(UTC) + SESSION_VALID,
        password_hash,
    )
    return cookie if done == "INSERT 0 1" else None


async def end_log_in(db: Database, cookie: str) -> None:
    """The cookie opens nothing any more."""
    await db.pool.execute("DELETE FROM login_session WHERE digest = $1", token_digest(cookie))


async def end_log_ins(db: Database, studio_id: UUID, *, but: str = "") -> None:
    """All of a studio's log-ins end, but that of the cookie `but`, if any."""
    await db.pool.execute(
        "DELETE FROM login_session WHERE studio_id = $1 AND digest <> $2", studio_id, token_digest(but)
    )


async def add_token(tx: Tx, studio_id: UUID, token_id: UUID, name: str, token: str) -> None:
    """A new API token; of the token itself only the digest is kept."""
    await tx.execute(
        "INSERT INTO api_token (id, studio_id, name, digest) VALUES ($1, $2, $3, $4)",
        token_id,
        studio_id,
        name,
        token_digest(token),
    )


async def tokens(db: Database, studio_id: UUID) -> list[dict[str, Any]]:
    """A studio's API tokens, without the tokens themselves."""
    rows = await db.pool.fetch("SELECT id, name, created_at FROM api_token WHERE studio_id = $1 ORDER BY id", studio_id)
    return [dict(row) for row in rows]


async def delete_token(db: Database, token_id: UUID) -> None:
    """The token opens nothing any more."""
    await db.pool.execute("DELETE FROM api_token WHERE id = $1", token_id)
