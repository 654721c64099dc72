"""The gateway's view: what pages and the API show."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from chassis.db import Database, Tx
from cli.errors import Exit, Failure
from cli.rebuild.plan import Connection, Plan
from cli.secret import strange_links
from services.gateway.handlers import router
from services.gateway.live import CHANNEL, Announcement, Announcer, Change
from services.gateway.signing import Signer
from services.gateway.view.tables import VIEW

# Events find the slots that their files came through, and say what has become of them.
SLOTS = """
    INSERT INTO {rebuilt}.upload (id, gallery_id, studio_id, tab, filename, size, object_key)
    SELECT id, gallery_id, studio_id, tab, filename, size, object_key FROM {live}.upload"""
FATES = """
    UPDATE {live}.upload u SET status = r.status, code = r.code, reason = r.reason, file_id = r.file_id
    FROM {rebuilt}.upload r
    WHERE r.id = u.id AND r.status <> 'waiting'
        AND (u.status, u.code, u.reason, u.file_id) IS DISTINCT FROM (r.status, r.code, r.reason, r.file_id)"""
# The last news of these payments went with the gallery of their orders; the first had no gallery.
FORGOTTEN = """
    DELETE FROM {rebuilt}.payment r USING orders.payment p
    WHERE p.id = r.id AND r.gallery_id IS NULL AND p.revision > r.revision"""


class Nobody(Announcer):
    """Nobody watches what is being filled."""

    def announce(self, place: UUID | None, change: Change, request_id: UUID | None = None) -> None:
        """Tells nobody."""


def plan(signer: Signer) -> Plan:
    """With links and preview URLs by `signer`, which must be the gateways' own."""

    def provided(db: Database) -> Mapping[str, Any]:
        return {"db": db, "signer": signer, "live": Nobody(db)}

    async def check(connection: Connection) -> None:
        await _check_secret(connection, signer)
        await _check_store(connection, signer)

    return Plan(
        service="gateway",
        handlers=router,
        tables=VIEW,
        provided=provided,
        check=check,
        at_once=4,
        begin=(SLOTS,),
        before=(FATES, FORGOTTEN),
        tell=_tell_nothing,
        changed=_announce,
    )


async def _check_secret(connection: Connection, signer: Signer) -> None:
    strange, all_ = await strange_links(connection, signer.secret)
    if all_ and strange == all_:
        problem = "PHOTOFERRY_SECRET is not the gateway's: with this one, no link that was sent would work any more."
        raise Failure(problem, Exit.REFUSED)


async def _check_store(connection: Connection, signer: Signer) -> None:
    theirs = await connection.fetchval("SELECT base FROM gateway.signed_for")
    if theirs and theirs.partition("?")[0] != signer.preview_base.partition("?")[0]:
        problem = "The gateway's previews are elsewhere: give this command all PHOTOFERRY_… variables of the gateway."
        raise Failure(problem, Exit.REFUSED)


async def _tell_nothing(_: Tx) -> int:
    """The view tells nobody anything."""
    return 0


async def _announce(connection: Connection, galleries: set[UUID]) -> None:
    """Open pages look at their gallery anew."""
    hints = [Announcement(id_, Change("gallery", id_), None).to_json() for id_ in galleries]
    await connection.execute("SELECT pg_notify($1, hint) FROM unnest($2::text[]) AS hint", CHANNEL, hints)
