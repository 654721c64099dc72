"""The sending loop: claim a mail, commit, send it, note what became of it (rule 6)."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import structlog
from prometheus_client import Counter, Gauge

from chassis import tracing
from chassis.db import Database, Tx
from chassis.retries import BROKEN
from contracts.base import caused_by
from contracts.notifier import MailState
from services.notifier import mails, store
from services.notifier.mails import Mail, Outcome
from services.notifier.notices import announce, settle
from services.notifier.settings import NotifierSettings
from services.notifier.smtp import Deferred, MailServer, Refused, ServerDown, Unsure
from services.notifier.store import Addressee, Letterhead
from services.notifier.words import without_links
from services.notifier.writing import Writer

MAILS = Counter("photoferry_mails_total", "Attempts to send a mail by what became of it", ["outcome"])
for _outcome in ("sent", "deferred", "failed", "unknown"):
    MAILS.labels(_outcome)  # from nothing to the first one is no increase to Prometheus
SERVER_DOWN = Gauge("photoferry_mail_server_down", "1 while the mail server cannot be reached")
AWAY = (*BROKEN, asyncpg.OperatorInterventionError)
LONGEST_ERROR = 500

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Task:
    """A claimed mail, and all that it takes to write it, as of the claim."""

    mail: Mail
    head: Letterhead
    orders: tuple[Addressee, ...]
    unmailed: int
    """How many paid orders of the gallery wait for their mail, where that is told."""


class SendingLoop:
    """Sends what is queued, one mail at a time. Any number of loops may run, in any number of processes."""

    def __init__(self, db: Database, server: MailServer, writer: Writer, settings: NotifierSettings) -> None:
        self.db = db
        self.server = server
        self.writer = writer
        self.settings = settings
        self._connects_failed = 0
        self._connect_again_at = 0.0

    async def run(self) -> None:
        """Send until cancelled, and finish the mail in hand then. Survives the loss of PostgreSQL and mail server."""
        try:
            while True:
                try:
                    await self._send_in_one_session()
                except (*AWAY, asyncpg.PostgresError) as error:
                    log.warning("sender begins anew", error=f"{type(error).__name__}: {error}")
                    await asyncio.sleep(self.settings.mail_poll)
        finally:
            await self.server.close()

    async def _send_in_one_session(self) -> None:
        session = await self.db.connect()
        try:
            number = await mails.sign_on(session)
            while True:
                await self._give_up_orphans(session)
                for mail_id in await mails.withdraw_expired(session):
                    log.info("mail", outcome="expired", mail_id=str(mail_id))
                while await mails.any_due(session) and await self._server_is_there():
                    await _to_its_end(self._send_next(session, number), self.settings.stop_within)
                if self._connects_failed:  # another copy may have sent what was due
                    await self._server_is_there()
                await self.server.close_if_idle()
                await asyncio.sleep(self.settings.mail_poll)
        finally:
            session.terminate()

    async def _give_up_orphans(self, session: Tx) -> None:
        async with session.transaction():
            orphans = await mails.give_up_orphans(session)
            for mail in orphans:
                await _tell(session, mail)
        if orphans:
            MAILS.labels("unknown").inc(len(orphans))
            self.db.committed.set()

    async def _server_is_there(self) -> bool:
        """Whether the mail server waits for a mail. While it cannot be reached, no mail leaves the queue."""
        now = asyncio.get_running_loop().time()
        if now < self._connect_again_at:
            return False
        try:
            await self.server.be_ready()
        except ServerDown as error:
            pause = _nth(self.settings.smtp_reconnect, self._connects_failed)
            self._connects_failed += 1
            self._connect_again_at = now + pause
            SERVER_DOWN.set(1)
            log.warning("the mail server cannot be reached", error=str(error), retry_in=pause)
            return False
        self._connects_failed = 0
        SERVER_DOWN.set(0)
        return True

    async def _send_next(self, session: Tx, number: int) -> None:
        task = await self._claim(session, number)
        if task:
            with tracing.working("send mail", task.mail.traceparent):
                outcome = await self._send(task)
                await self._note(task.mail, number, outcome)

    async def _claim(self, session: Tx, number: int) -> Task | None:
        """The claim is committed in the very session that shows that this sender lives, and before anything is sent."""
        async with session.transaction():
            mail = await mails.claim(session, number)
            if mail is None:
                return None
            await _tell(session, mail)
            task = await _task(session, mail)
        self.db.committed.set()
        return task

    async def _send(self, task: Task) -> Outcome:
        outcome = await self._try(task)
        word = "deferred" if outcome.state is MailState.QUEUED else outcome.state.value
        MAILS.labels(word).inc()
        mail = task.mail
        about = str(mail.gallery_id) if mail.gallery_id else None
        log.info("mail", outcome=word, mail_id=str(mail.id), gallery_id=about, tries=mail.tries)
        return outcome

    async def _try(self, task: Task) -> Outcome:
        try:
            await self.server.send(self.writer.write(task.mail, task.head, task.orders, task.unmailed))
        except (Refused, ValueError) as error:
            return _ended(MailState.FAILED, error)
        except Unsure as error:
            return _ended(MailState.UNKNOWN, error)
        except Deferred as error:
            return self._later(task.mail, error)
        return Outcome(MailState.SENT)

    def _later(self, mail: Mail, error: Deferred) -> Outcome:
        tried_for = mail.changed_at - (mail.first_tried_at or mail.changed_at)
        if tried_for.total_seconds() >= self.settings.mail_retry_for:
            return _ended(MailState.FAILED, error)
        return replace(_ended(MailState.QUEUED, error), retry_in=_nth(self.settings.mail_retries, mail.tries - 1))

    async def _note(self, mail: Mail, number: int, outcome: Outcome) -> None:
        """Note the outcome, for as long as it takes: PostgreSQL may be away just now."""
        while True:
            try:
                return await self._commit(mail, number, outcome)
            except AWAY as error:
                log.warning("PostgreSQL is away", error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(self.settings.mail_poll)

    async def _commit(self, mail: Mail, number: int, outcome: Outcome) -> None:
        async with self.db.transaction() as tx:
            if outcome.error and mail.gallery_id:
                await store.lock_gallery(tx, mail.gallery_id)
            finished = await mails.finish(tx, mail, number, outcome)
            if finished:
                await _tell(tx, finished)
            deferred = outcome.state is MailState.QUEUED
            if deferred and mail.gallery_id and mail.order_id:  # it may have stopped being due meanwhile
                await settle(tx, mail.cause, mail.gallery_id, [mail.order_id])


async def _task(tx: Tx, mail: Mail) -> Task:
    if mail.gallery_id is None:
        return Task(mail, store.own_letterhead(mail.email or "", mail.locale or ""), (), 0)
    head = await store.letterhead(tx, mail.gallery_id)
    orders = await store.addressees(tx, mail.order_ids)
    return Task(mail, head, orders, 0 if mail.order_ids else await store.unmailed(tx, mail.gallery_id))


async def _tell(tx: Tx, mail: Mail) -> None:
    with caused_by(mail.cause), tracing.continuing(mail.traceparent):
        await announce(tx, [mail])


def _ended(state: MailState, error: Exception) -> Outcome:
    return Outcome(state, without_links(str(error))[:LONGEST_ERROR])


def _nth(delays: tuple[float, ...], index: int) -> float:
    """The last one repeats."""
    return delays[min(index, len(delays) - 1)]


async def _to_its_end(work: Coroutine[Any, Any, None], within: float) -> None:
    """Do `work`; who cancels this waits up to `within` seconds for it, so that no mail is dropped half sent."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await asyncio.gather(task, return_exceptions=True)
        raise
