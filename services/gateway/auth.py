"""Who is asking: passwords, log-in cookies, API tokens; and slowing down those who guess."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from starlette.requests import Request

from chassis.db import Database, Tx
from chassis.links import token_digest
from contracts.orders import Locale
from services.gateway import cookies
from services.gateway.errors import Problem

COOKIE = "photoferry_session"
SESSION_VALID = timedelta(days=30)
RESET_COOKIE = "photoferry_reset"
RESET_PATH = "/new-password"
"""Where a new password is set, and that cookie is sent to."""
RESET_VALID = timedelta(hours=1)
FREE_TRIES = 5
"""Wrong passwords or codes before the waiting begins; then 1, 2, 4, … seconds, up to `LONGEST_WAIT`."""
LONGEST_WAIT = timedelta(minutes=15)

_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_hex())
_hashing = ThreadPoolExecutor(2, "argon2")
"""Each hash takes 64 MiB while it is made, so however many people log in, no more than two are made at once."""


async def hash_password(password: str) -> str:
    """argon2id, off the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_hashing, _hasher.hash, password)


async def password_fits(password_hash: str | None, password: str) -> bool:
    """Whether the password is right; takes as long when there is no such account."""
    try:
        await asyncio.get_running_loop().run_in_executor(_hashing, _hasher.verify, password_hash or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


@dataclass(frozen=True, slots=True)
class Caller:
    """A studio that has proven who it is; `gallery_id` is that of the thing named in the path."""

    studio_id: UUID
    name: str
    locale: Locale
    is_operator: bool
    gallery_id: UUID | None

    @property
    def owned_gallery(self) -> UUID:
        """The gallery of the thing named in the path, which the guard has found to be the caller's."""
        if self.gallery_id is None:
            raise LookupError("the path names nothing that belongs to a gallery")
        return self.gallery_id


CALLER = """WITH caller AS (
    SELECT studio_id FROM api_token WHERE digest = $1
    UNION ALL SELECT studio_id FROM login_session WHERE digest = $1 AND expires_at > now())"""
OWNED = {
    "gallery_id": "SELECT id FROM gallery WHERE id = $2 AND studio_id = caller.studio_id",
    "order_id": "SELECT gallery_id FROM client_order WHERE id = $2 AND studio_id = caller.studio_id",
    "photo_id": """SELECT g.id FROM photo p JOIN gallery g ON g.id = p.gallery_id
                   WHERE p.id = $2 AND g.studio_id = caller.studio_id""",
    "transfer_id": """SELECT g.id FROM transfer t JOIN gallery g ON g.id = t.gallery_id
                      WHERE t.id = $2 AND g.studio_id = caller.studio_id""",
    "upload_id": "SELECT gallery_id FROM upload WHERE id = $2 AND studio_id = caller.studio_id",
    "token_id": "SELECT id FROM api_token WHERE id = $2 AND studio_id = caller.studio_id",
    "endpoint_id": "SELECT id FROM webhook_endpoint WHERE id = $2 AND studio_id = caller.studio_id",
    "delivery_id": """SELECT e.id FROM webhook_delivery d JOIN webhook_endpoint e ON e.id = d.endpoint_id
                      WHERE d.id = $2 AND e.studio_id = caller.studio_id""",
    "deleted_id": "SELECT deleted_id FROM deletion WHERE deleted_id = $2 AND studio_id = caller.studio_id",
    "payment_id": "SELECT id FROM payment WHERE id = $2 AND studio_id = caller.studio_id",
}
"""For each name in a path: the gallery of that thing when it is the caller's; its own id when it belongs to none."""


async def find_caller(db: Database, digest: bytes, named: tuple[str, UUID] | None) -> Caller | None:
    """Who has this token or cookie, and whether what the path names is theirs: one query."""
    name, subject = named or ("gallery_id", None)
    row = await db.pool.fetchrow(
        f"""{CALLER} SELECT studio_id, name, locale, is_operator, ({OWNED[name]}) AS gallery_id
            FROM caller JOIN studio ON studio.id = studio_id""",  # of constants
        digest,
        subject,
    )
    return Caller(**dict(row)) if row else None


async def owned(db: Database, studio_id: UUID, name: str, subject: UUID) -> UUID | None:
    """The gallery of a thing (`name` as in `OWNED`) that a body names, when it is the studio's."""
    found: UUID | None = await db.pool.fetchval(
        f"SELECT ({OWNED[name]}) FROM (SELECT $1::uuid AS studio_id) AS caller",  # of constants
        studio_id,
        subject,
    )
    return found


def credentials(request: Request, public_url: str) -> bytes:
    """The digest of the bearer token or the log-in cookie.

    Raises `Problem` 401 without either, and 403 for a cookie call that changes something and does not come from our own
    pages (CSRF).
    """
    if token := bearer(request):
        return token_digest(token)
    cookie = cookies.read(request, COOKIE, public_url)
    if not cookie:
        raise not_logged_in()
    check_origin(request, public_url)
    return token_digest(cookie)


def bearer(request: Request) -> str:
    """The API token that is sent along, or nothing."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def address_of(request: Request) -> str:
    """Where a request comes from; of one that a believed proxy has passed on, what that says."""
    return request.client.host if request.client else ""


def check_origin(request: Request, public_url: str) -> None:
    """Raises `Problem` 403 when a call that changes something comes from somewhere else."""
    if request.method not in ("GET", "HEAD", "OPTIONS") and request.headers.get("origin") != public_url:
        raise Problem(403, "wrong-origin", f"Calls with a cookie need the header Origin: {public_url}.")


def not_logged_in() -> Problem:
    """Nobody is logged in."""
    return Problem(
        401,
        "not-logged-in",
        "Log in, or send an API token as 'Authorization: Bearer …'.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def _pause(count: str) -> str:
    """SQL for the wait after so many wrong tries."""
    seconds = f"least(2 ^ least({count} - {FREE_TRIES}, 20), {LONGEST_WAIT.total_seconds()})"
    return f"make_interval(secs => CASE WHEN {count} < {FREE_TRIES} THEN 0 ELSE {seconds} END)"


async def count_try(db: Database, *subjects: str) -> None:
    """Count a try as a wrong one before it is looked at, so that none of many at once goes uncounted.

    Raises `Problem` 429, and counts nothing, while one of these accounts or addresses has to wait. An hour of peace
    makes good for all.
    """
    async with db.transaction() as tx:
        counted = await tx.fetch(
            f"""INSERT INTO wrong_try AS t (subject, count, last_at)
                SELECT s, 1, clock_timestamp() FROM unnest($1::text[]) AS s ORDER BY s
                ON CONFLICT (subject) DO UPDATE SET last_at = clock_timestamp(),
                    count = CASE WHEN t.last_at < now() - interval '1 hour' THEN 1 ELSE t.count + 1 END
                WHERE t.last_at + {_pause("t.count")} <= clock_timestamp() RETURNING subject""",  # of constants
            subjects,
        )
        if len(counted) < len(subjects):
            raise await _too_many(tx, {row["subject"] for row in counted}.symmetric_difference(subjects))


async def _too_many(tx: Tx, waiting: set[str]) -> Problem:
    wait = await tx.fetchval(
        f"""SELECT ceil(extract(epoch FROM max(last_at + {_pause("count")}) - clock_timestamp()))::int
            FROM wrong_try WHERE subject = ANY($1)""",  # of constants
        waiting,
    )
    wait = max(1, wait)
    return Problem(
        429, "too-many-tries", f"Too many wrong tries; try again in {wait} s.", headers={"Retry-After": str(wait)}
    )


async def take_back_try(db: Database, subject: str) -> None:
    """The try was right: an address is where it was before, with its wait over; it may be guessing at others."""
    await db.pool.execute(
        f"""UPDATE wrong_try SET count = count - 1, last_at = last_at - {_pause("(count - 1)")}
            WHERE subject = $1""",  # of constants
        subject,
    )


async def forget_tries(db: Database, subject: str) -> None:
    """The right password or code clears the account."""
    await db.pool.execute("DELETE FROM wrong_try WHERE subject = $1", subject)
