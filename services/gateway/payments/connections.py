"""A studio's connections to payment providers. Their secrets are sealed at rest, and never shown again."""

import secrets
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from math import inf
from time import monotonic
from uuid import UUID

from asyncpg import Pool
from pydantic import BaseModel, ConfigDict

from chassis.db import Database, Tx
from services.gateway.signing import Signer
from services.gateway.standard_webhooks import ROTATION

MOST = 10
"""Secrets that are good at the same time."""
FRESH = 1.0
"""Seconds."""


class WebhookSecret(BaseModel):
    """A secret that a webhook may be signed by; `until`: it was replaced."""

    value: str
    until: datetime | None = None


class Secrets(BaseModel):
    """All that a studio shares with a provider: what webhooks are signed by, newest first, and `keys` of its API."""

    model_config = ConfigDict(frozen=True)

    webhook_secrets: tuple[WebhookSecret, ...]
    keys: dict[str, str] = {}

    def good(self, now: datetime) -> list[str]:
        """The webhook's secrets that are good now."""
        return [secret.value for secret in self.webhook_secrets if secret.until is None or now < secret.until]

    def old_until(self, now: datetime) -> datetime | None:
        """Until when a replaced secret is good as well; None: there is none."""
        return max((until for each in self.webhook_secrets if (until := each.until) and now < until), default=None)

    def rotated(self, value: str, now: datetime) -> "Secrets":
        """With a new secret for webhooks; the present one holds for `ROTATION` more, earlier ones as long as before."""
        present, *earlier = self.webhook_secrets
        if present.value == value:
            return self
        old = [present.model_copy(update={"until": now + ROTATION}), *earlier]
        good = [each for each in old if each.until and now < each.until and each.value != value]
        return self.model_copy(update={"webhook_secrets": (WebhookSecret(value=value), *good[: MOST - 1])})


@dataclass(frozen=True, slots=True)
class Connection:
    """What is shown of a connection: no secret."""

    connected_at: datetime
    refused_at: datetime | None
    """When a webhook was last refused, and in `refused_why` for which reason."""
    refused_why: str | None
    old_secret_until: datetime | None


def new_webhook_secret() -> str:
    """256 bits, as Standard Webhooks writes them."""
    return "whsec_" + b64encode(secrets.token_bytes(32)).decode()


async def read(db: Pool | Tx, signer: Signer, studio_id: UUID, provider: str) -> Secrets | None:
    """What the studio shares with the provider; None where it is not connected."""
    sealed = await db.fetchval(
        "SELECT sealed FROM payment_connection WHERE studio_id = $1 AND provider = $2", studio_id, provider
    )
    return _unsealed(signer, sealed) if sealed else None


class Remembered:
    """Connections as they were at most `FRESH` seconds ago: webhooks come in bursts, each signed by the same secret."""

    def __init__(self, db: Database, signer: Signer) -> None:
        self._db = db
        self._signer = signer
        self._known: dict[tuple[UUID, str], tuple[float, Secrets]] = {}

    async def read(self, studio_id: UUID, provider: str, *, anew: bool) -> Secrets | None:
        """What the studio shares with the provider; None where it is not connected."""
        of, now = (studio_id, provider), monotonic()
        at, shared = self._known.get(of, (-inf, None))
        if not anew and now - at < FRESH:
            return shared
        self._known = {each: known for each, known in self._known.items() if now - known[0] < FRESH}
        if shared := await read(self._db.pool, self._signer, studio_id, provider):
            self._known[of] = now, shared
        return shared


async def change(
    db: Database, signer: Signer, studio_id: UUID, provider: str, how: Callable[[Secrets | None], Secrets]
) -> tuple[Secrets | None, Secrets]:
    """Connect the provider, or change what is shared with it: before (None: nothing), and after. One at a time."""
    async with db.transaction() as tx:
        await tx.execute("SELECT FROM studio WHERE id = $1 FOR NO KEY UPDATE", studio_id)
        before = await read(tx, signer, studio_id, provider)
        after = how(before)
        await tx.execute(
            """INSERT INTO payment_connection (studio_id, provider, sealed) VALUES ($1, $2, $3)
               ON CONFLICT (studio_id, provider) DO UPDATE SET sealed = excluded.sealed""",
            studio_id,
            provider,
            signer.seal(after.model_dump_json().encode()),
        )
    return before, after


async def note_refusal(db: Database, studio_id: UUID, provider: str, why: str) -> None:
    """A webhook was refused. Of many in a row, one in ten seconds is noted: anybody can send them."""
    await db.pool.execute(
        """UPDATE payment_connection SET refused_at = now(), refused_why = $3
           WHERE studio_id = $1 AND provider = $2
             AND (refused_at IS NULL OR refused_at < now() - interval '10 seconds')""",
        studio_id,
        provider,
        why,
    )


async def delete(db: Database, studio_id: UUID, provider: str) -> None:
    """Its webhooks are refused from now on."""
    await db.pool.execute("DELETE FROM payment_connection WHERE studio_id = $1 AND provider = $2", studio_id, provider)


async def connected(db: Database, studio_id: UUID) -> dict[str, datetime]:
    """Since when which providers are connected."""
    rows = await db.pool.fetch("SELECT provider, connected_at FROM payment_connection WHERE studio_id = $1", studio_id)
    return {row["provider"]: row["connected_at"] for row in rows}


async def of_studio(db: Database, signer: Signer, studio_id: UUID, now: datetime) -> dict[str, Connection]:
    """The studio's connections, by provider."""
    rows = await db.pool.fetch(
        "SELECT provider, sealed, connected_at, refused_at, refused_why FROM payment_connection WHERE studio_id = $1",
        studio_id,
    )
    return {
        row["provider"]: Connection(
            row["connected_at"],
            row["refused_at"],
            row["refused_why"],
            _unsealed(signer, row["sealed"]).old_until(now),
        )
        for row in rows
    }


def _unsealed(signer: Signer, sealed: bytes) -> Secrets:
    return Secrets.model_validate_json(signer.unseal(sealed))
